"""News of a case in somebody's own words, and staff's notes to each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import OPEN_STATES, Case, Note
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.locking import locked
from townhall.cases.operations.telling import tell_followers
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState

LONGEST = 5_000  # characters


@transaction.atomic
def post_update(case_id: UUID, *, text: str, by: Actor, at: datetime, update_id: str = "") -> Note:
    """Say how far it is: shown on the public page and told to everybody who follows.

    update_id: the sender's own id, when it came by a door; the same again gives the first one. Raises BadInput, WrongState when it is over.
    """
    case = locked(case_id, by=by, to="cases.tell_customer")
    if update_id and (earlier := case.notes.filter(update_id=update_id).first()):
        return earlier
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is no longer open."))
    return tell_news(case, _checked(text), by=by, at=at, update_id=update_id)


@transaction.atomic
def add_staff_note(case_id: UUID, *, text: str, by: Actor, at: datetime) -> Note:
    """A note that only staff see. Raises NotAllowed for who only looks, BadInput."""
    case = locked(case_id, by=by, to="cases.note")
    return add_note(case, Note.Kind.STAFF, _checked(text), by=by, at=at)


def tell_news(
    case: Case, text: str, *, by: Actor, at: datetime, update_id: str = "", not_before: datetime | None = None
) -> Note:
    """As `post_update`, for a case already locked and a text already checked. not_before: hold the messages until then."""
    note = add_note(case, Note.Kind.UPDATE, text, by=by, at=at, update_id=update_id)
    case.updated_at = at
    case.save(update_fields=["updated_at"])
    tell_followers(case, "update", at=at, change=str(note.pk), context={"words": text}, not_before=not_before)
    return note


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput({"text": _("Enter what you want to say")})
    if len(text) > LONGEST:
        raise BadInput({"text": _("Use at most %(longest)s characters") % {"longest": LONGEST}})
    return text
