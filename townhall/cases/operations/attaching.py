"""A conversation that was about a case we already have, and is not a chaser: more to say, or somebody else with the same problem."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import OPEN_STATES, Case, CaseContact, Note
from townhall.cases.operations.deciding import add_note, customer_replied
from townhall.cases.operations.locking import locked
from townhall.cases.states import State
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.core.ids import uuid7

LONGEST = 4000  # characters


@transaction.atomic
def attach(case_id: UUID, *, contact_id: UUID, text: str = "", by: Actor, at: datetime) -> Case:
    """Keep a contact on a case, with what the customer said in it. While we wait for their answer, the words are that answer.

    Raises BadInput for words that are too long, WrongState when the case is over, NotFound, NotAllowed.
    """
    case = locked(case_id, by=by, to="cases.chase")
    text = text.strip()
    if len(text) > LONGEST:
        raise BadInput({"text": _("What they said must be %(most)d characters or fewer") % {"most": LONGEST}})
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is over, so nothing can be added to it. If it is not fixed, open it again."))
    CaseContact.objects.get_or_create(
        case=case, contact_id=contact_id, kind=CaseContact.Kind.MORE, defaults={"id": uuid7(), "at": at}
    )
    if text and case.state == State.WAITING_FOR_CUSTOMER:
        return customer_replied(case_id, text=text, by=by, at=at)
    if text:
        add_note(case, Note.Kind.REPLY, text, by=by, at=at)
    return case
