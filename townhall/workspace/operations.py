"""What staff do to a case beside its moves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import Case, Escalation, Note
from townhall.cases.operations import finishing
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.locking import locked, record
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound


@transaction.atomic
def escalation_seen(escalation_id: UUID, *, by: Actor, at: datetime) -> Escalation:
    """Whoever holds the post says that they have seen it. Twice is once. Raises NotFound for somebody else's."""
    found = Escalation.objects.select_for_update(of=("self",)).select_related("case").filter(pk=escalation_id).first()
    if found is None or found.to_post_id not in by.posts:
        raise NotFound
    if found.seen_at is None:
        found.seen_at = at
        found.save(update_fields=["seen_at"])
        record(found.case, "case.escalation_seen", by=by, at=at, reason=found.reason)
    return found


@transaction.atomic
def reopen(case_id: UUID, *, reason: str, by: Actor, at: datetime) -> Case:
    """Open ended work again because staff found that it is not over. Followers are told; the reason stays with staff."""
    case = locked(case_id, by=by, to="cases.reopen")
    if not reason.strip():
        raise BadInput({"reason": _("Enter why it is opened again")})
    finishing.reopen(case, by=by, at=at)
    add_note(case, Note.Kind.STAFF, reason.strip(), by=by, at=at)
    return case
