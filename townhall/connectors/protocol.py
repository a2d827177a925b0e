"""What every connector can do, whatever system is behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

CANCEL = "job.cancel"
UPDATES = frozenset({"job.update", "job.note", CANCEL})  # kinds of delivery about a job it has; any other makes one


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the other system is and the secret shared with it."""

    code: str
    kind: str
    base_url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    id: UUID  # sent as Idempotency-Key
    kind: str
    payload: dict[str, Any]
    external_id: str


@dataclass(frozen=True)
class Taken:
    """The other system has it."""

    external_id: str = ""


@dataclass(frozen=True)
class Refused:
    """It will not take this, however often we try."""

    error: str


@dataclass(frozen=True)
class Unreachable:
    """It is not there, or asks us to wait; nothing is wrong with the delivery."""

    error: str
    retry_after: float | None = None  # seconds, as it asked


@dataclass(frozen=True)
class Trouble:
    """It answered with an error of its own, or too late: perhaps this delivery, perhaps the whole system."""

    error: str


Outcome = Taken | Refused | Unreachable | Trouble


@dataclass(frozen=True, kw_only=True)
class Item:
    """How something stands in the other system."""

    external_id: str
    status: str
    is_open: bool
    delivery_id: UUID | None
    changed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StatusEvent:
    """What a signed message from the other system says."""

    external_id: str
    delivery_id: UUID | None  # our key, when it repeats it
    status: str
    happened_at: datetime
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A signed message that is about nothing we sent: what it is, for whoever knows that kind."""

    kind: str


class LookUpFailed(Exception):
    """The other system did not tell."""


class UnreadableEvent(ValueError):
    """A message from the other system that we cannot make sense of."""


class Adapter(Protocol):
    """One way of speaking. Never called inside a transaction."""

    def submit(self, delivery: Outgoing, *, at: datetime) -> Outcome: ...

    def look_up(self, external_id: str, *, at: datetime) -> Item | None:
        """None: it does not know it. Raises LookUpFailed."""

    def open_items(self, *, at: datetime) -> list[Item]:
        """Everything that is open there. Raises LookUpFailed."""

    def read_event(self, body: object) -> StatusEvent | Announcement:
        """Raises UnreadableEvent."""

    def is_well(self, *, at: datetime) -> bool: ...


_makers: dict[str, Callable[[Settings], Adapter]] = {}


def register(kind: str, make: Callable[[Settings], Adapter]) -> None:
    """Connectors of this kind speak through this adapter."""
    _makers[kind] = make


def adapter_for(settings: Settings) -> Adapter:
    """Raises LookupError when no adapter is registered for its kind."""
    return _makers[settings.kind](settings)


def kinds() -> list[str]:
    return sorted(_makers)
