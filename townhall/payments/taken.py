"""What somebody at a counter has taken from one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.money import Pence
from townhall.payments.models import Payment
from townhall.payments.states import PaymentState

MOST = 10


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One payment that went through."""

    id: UUID
    words: str  # kind and what it is for
    reference: str
    amount: Pence


def taken_since(since: datetime, *, by_id: str, customer_id: UUID | None) -> list[Taken]:
    """Of this customer by this member of staff, the first first; nothing while nobody knows who the customer is. One query at most."""
    if customer_id is None:
        return []
    rows = Payment.objects.select_related("charge__kind").filter(
        customer_id=customer_id, by_id=by_id, created_at__gte=since, state=PaymentState.SUCCESS
    )
    return [
        Taken(
            id=row.pk,
            words=f"{row.charge.kind.name}, {row.charge.description}",
            reference=row.charge.reference,
            amount=Pence(row.amount_pence),
        )
        for row in rows.order_by("created_at")[:MOST]
    ]
