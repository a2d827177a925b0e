"""What happened to a parking permit, for higher apps to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class PermitIssued:
    """A permit holds from its first day. Published inside the transaction that issued it."""

    permit_id: UUID
    at: datetime
