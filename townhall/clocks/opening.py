"""Counting open time: hours that run only while the doors are open. Pure, and right across clock changes.

Opening times are London wall-clock times; what is counted is elapsed time, so a night of round-the-clock opening has 23 hours
of the day when the clocks go forward and 25 when they go back.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from townhall.clocks.working_days import NoWorkingDay
from townhall.core.time import LONDON, aware, council_date

_MIDNIGHT: Final = time(0, 0)
_LONGEST_CLOSURE_DAYS: Final = 366
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Open from `opens` to `closes`, London time. Midnight as `closes` is the end of the day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.closes != _MIDNIGHT and self.closes <= self.opens:
            raise ValueError(f"Open from {self.opens} to {self.closes}: it must close after it opens.")


Week = Mapping[int, Sequence[Interval]]  # by weekday, Monday is 0; intervals in order, not overlapping


def _moment(on: date, wall: time) -> datetime:
    return datetime.combine(on, wall, LONDON).astimezone(UTC)


def _spans_of(on: date, *, week: Week, closed: Container[date]) -> Iterator[tuple[datetime, datetime]]:
    if on in closed:
        return
    for interval in week.get(on.weekday(), ()):
        last_day = on + timedelta(days=1) if interval.closes == _MIDNIGHT else on
        yield _moment(on, interval.opens), _moment(last_day, interval.closes)


def open_spans(since: datetime, *, week: Week, closed: Container[date]) -> Iterator[tuple[datetime, datetime]]:
    """The open spans from `since` on, in order, in UTC, the first cut to begin at `since`. Never ends by itself.

    Raises NoWorkingDay after a year without any.
    """
    since = aware(since)
    on = council_date(since)
    last_open = on
    while (on - last_open).days <= _LONGEST_CLOSURE_DAYS:
        for opens, closes in _spans_of(on, week=week, closed=closed):
            last_open = on
            if closes > since:
                yield max(opens, since), closes
        on += timedelta(days=1)
    raise NoWorkingDay(f"Not open within a year of {last_open.isoformat()}.")


def add_open_time(start: datetime, amount: timedelta, *, week: Week, closed: Container[date]) -> datetime:
    """The moment, in UTC, when `amount` of open time has passed since `start`; outside hours it starts at the next opening."""
    left = amount
    for opens, closes in open_spans(start, week=week, closed=closed):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("open_spans never ends")


def open_time_between(start: datetime, until: datetime, *, week: Week, closed: Container[date]) -> timedelta:
    """How much open time lies between two moments; nothing when `until` is not later."""
    start, until = aware(start), aware(until)
    total = _NOTHING
    if until <= start:
        return total
    on = council_date(start)
    while on <= council_date(until):
        for opens, closes in _spans_of(on, week=week, closed=closed):
            total += max(min(closes, until) - max(opens, start), _NOTHING)
        on += timedelta(days=1)
    return total


def is_open(at: datetime, *, week: Week, closed: Container[date]) -> bool:
    return any(opens <= aware(at) < closes for opens, closes in _spans_of(council_date(at), week=week, closed=closed))
