"""A report made before somebody had an account becomes one of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.cases.models import Case, Follower
from townhall.cases.operations.locking import record
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.references import parse_reference


@transaction.atomic
def claim(reference: str, *, customer_id: UUID, email: str, by: Actor, at: datetime) -> Case:
    """Put a report among a customer's requests, when it was made with `email`, which the caller knows to be proved theirs.

    Their mailbox has its personal link already, so this shows nothing new. Twice is once. Raises NotFound, whatever is amiss.
    """
    known = parse_reference(reference)
    case = Case.objects.select_for_update().filter(reference=known).first() if known else None
    if case is None or not email:
        raise NotFound
    if case.customer_id == customer_id:
        return case
    reporter = Follower.objects.filter(case=case, is_reporter=True, email__iexact=email, ended_at=None).first()
    if reporter is None or case.customer_id is not None:
        raise NotFound
    case.customer_id = reporter.customer_id = customer_id
    case.save(update_fields=["customer"])
    reporter.save(update_fields=["customer_id"])
    record(case, "case.claimed", by=by, at=at)
    return case
