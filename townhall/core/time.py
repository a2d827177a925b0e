"""Time: stored in UTC and aware, passed in as `at`; a council date is a London date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment, aware, in UTC. Called at the doors only; everything below takes `at`."""
    return datetime.now(UTC)


def aware(at: datetime) -> datetime:
    """The same moment in UTC; refuses a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("A datetime without a time zone does not say when.")
    return at.astimezone(UTC)


def council_date(at: datetime) -> date:
    """The date in London at that moment."""
    return aware(at).astimezone(LONDON).date()


def start_of(on: date) -> datetime:
    """The first moment of a council date, in UTC."""
    return datetime.combine(on, time.min, LONDON).astimezone(UTC)


def end_of(on: date) -> datetime:
    """The last second of a council date (23:59:59 in London), in UTC: when something due on that date falls due."""
    return datetime.combine(on, time(23, 59, 59), LONDON).astimezone(UTC)
