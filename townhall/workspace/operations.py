"""What staff do to a case beside its moves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import Case, Note
from townhall.cases.operations import finishing
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.locking import locked
from townhall.core.actors import Actor
from townhall.core.errors import BadInput


@transaction.atomic
def reopen(case_id: UUID, *, reason: str, by: Actor, at: datetime) -> Case:
    """Open ended work again because staff found that it is not over. Followers are told; the reason stays with staff."""
    case = locked(case_id, by=by, to="cases.reopen")
    if not reason.strip():
        raise BadInput({"reason": _("Enter why it is opened again")})
    finishing.reopen(case, by=by, at=at)
    add_note(case, Note.Kind.STAFF, reason.strip(), by=by, at=at)
    return case
