"""More information about a case from somebody who follows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import OPEN_STATES, Case, CaseContact, Follower, Note
from townhall.cases.operations.deciding import add_note
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7

LONGEST = 4000


@transaction.atomic
def add_information(follower_id: UUID, *, text: str, channel: str, by: Actor, at: datetime) -> Note:
    """Keep a follower's words on their open case, with the contact they came by. Seen by staff, never by the public.

    Raises BadInput without words, NotFound for somebody who follows no longer, WrongState when the case is over.
    """
    text = text.strip()
    if not text:
        raise BadInput({"more": _("Enter what you want to add")})
    if len(text) > LONGEST:
        raise BadInput({"more": _("What you want to add must be %(most)d characters or fewer") % {"most": LONGEST}})
    follower = Follower.objects.filter(pk=follower_id, ended_at__isnull=True).first()
    if follower is None:
        raise NotFound
    case = Case.objects.select_for_update().get(pk=follower.case_id)
    if case.state not in OPEN_STATES:
        raise WrongState(_("This report is closed, so nothing can be added to it."))
    contact_id = contacts.log(
        channel=channel,
        service_code=case.service_code,
        reason_code="change",
        given=Given(name=follower.name, email=follower.email, phone=follower.phone),
        by=by,
        at=at,
        customer_id=follower.customer_id,
    )
    CaseContact.objects.create(id=uuid7(), case=case, contact_id=contact_id, kind=CaseContact.Kind.MORE, at=at)
    return add_note(case, Note.Kind.REPLY, text, by=by, at=at)
