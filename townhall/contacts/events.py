"""What happened to a contact, for higher apps to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor


@dataclass(frozen=True, kw_only=True)
class ContactEnded:
    """An adviser wrapped a conversation up."""

    contact_id: UUID
    by: Actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerLinked:
    """It was said who a conversation is with."""

    contact_id: UUID
    customer_id: UUID
    by: Actor
    at: datetime
