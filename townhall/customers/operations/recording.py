from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger


def record(verb: str, customer_id: UUID, *, by: Actor, at: datetime, **data: object) -> None:
    """Write a change of a customer's record down: ids and codes, never what was typed."""
    ledger.record(
        f"customer.{verb}",
        about=Subject(kind="customer", id=customer_id),
        by=by,
        at=at,
        customer_id=customer_id,
        data=data or None,
    )
