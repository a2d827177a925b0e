"""Things to test clocks with. All made up, but for the bank holidays that the law names."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from townhall.clocks.models import ClockKind
from townhall.clocks.seeds import seed_reference_data
from townhall.core.actors import Actor, ActorKind
from townhall.core.subjects import Subject
from townhall.core.tests.keepsakes import kept
from townhall.core.time import LONDON

PRIYA = Actor(kind=ActorKind.STAFF, id="priya")
LADDER = [
    {"at": "-2 working days", "rung": "due_soon"},
    {"at": "due", "rung": "due"},
    {"at": "+5 working days", "rung": "overdue_5"},
]


def london(year: int, month: int, day: int, hour: int = 12, minute: int = 0, *, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=LONDON)


SEEDED_AT = london(2026, 4, 1)


@kept
def make_calendars(at: datetime = SEEDED_AT) -> None:
    """What every council starts with."""
    seed_reference_data(at=at)


def some_case() -> Subject:
    return Subject(kind="case", id=uuid4())


def make_kind(
    code: str = "test.promise",
    *,
    amount: int = 5,
    unit: str = "working_days",
    calendar: str = "EW",
    may_pause: bool = True,
    rolls: bool = False,
    ladder: list[dict[str, str]] = LADDER,
) -> str:
    """A kind of clock on the calendars that every council starts with; its code."""
    make_calendars()
    ClockKind.objects.create(
        code=code,
        name=code,
        amount=amount,
        unit=unit,
        calendar_id=calendar,
        may_pause=may_pause,
        rolls=rolls,
        ladder=ladder,
    )
    return code
