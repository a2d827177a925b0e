from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from townhall.core.subjects import Subject


@dataclass(frozen=True, kw_only=True)
class ClockRang:
    """A clock reached a rung of its ladder. Announced once for each rung, in order, in the transaction that moves it on."""

    clock_id: UUID
    kind: str  # "case.promise"
    subject: Subject
    case_id: UUID | None
    rung: str  # "due_soon", "due", "overdue_5" …
    at: datetime  # when it was noticed, which may be later than when it fell due
    due_on: date  # council date


@dataclass(frozen=True, kw_only=True)
class ClockMoved:
    """A running clock falls due on another date because its calendar changed. Announced in the transaction that moves it."""

    clock_id: UUID
    kind: str
    subject: Subject
    case_id: UUID | None
    at: datetime
    due_on: date  # the new one
