"""Writing down what was done here. Codes, ids and dates only: what happened and what is said of somebody stays in this app's own tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.subjects import Subject
from townhall.forms.typed import clean_text
from townhall.ledger import operations as ledger

LONGEST = 4_000  # characters of one answer


def record(
    verb: str, *, about: Subject, by: Actor, at: datetime, customer_id: UUID | None = None, **data: object
) -> None:
    ledger.record(verb, about=about, by=by, at=at, customer_id=customer_id, data=data)


def user_of(by: Actor) -> UUID:
    """Raises NotAllowed for anybody but staff."""
    if by.kind is not ActorKind.STAFF:
        raise NotAllowed
    return UUID(by.id)


def words(text: str, field: str, missing: str) -> str:
    """What was written, cleaned. Raises BadInput when there is nothing, or too much."""
    found = clean_text(text).strip()
    if not found:
        raise BadInput({field: missing})
    return optional(found, field)


def optional(text: str, field: str) -> str:
    found = clean_text(text).strip()
    if len(found) > LONGEST:
        raise BadInput({field: _("This is too long: at most %(most)s characters") % {"most": LONGEST}})
    return found
