"""What happened to money, for higher apps to hear, inside the transaction that wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ChargePaid:
    """A charge is paid. `subject`: what the app that posted it said it is about."""

    charge_id: UUID
    payment_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChargePosted:
    """Somebody owes something from now on. Announced once for each charge."""

    charge_id: UUID
    customer_id: UUID | None
    at: datetime
