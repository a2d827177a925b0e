"""A calendar as the counting needs it, and the one place where a due moment is worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from townhall.clocks import opening, working_days
from townhall.core.time import aware, council_date, end_of

EVERY_WEEKDAY: Final = frozenset(range(7))
ROUND_THE_CLOCK: Final[opening.Week] = {
    weekday: (opening.Interval(opens=time(0), closes=time(0)),) for weekday in EVERY_WEEKDAY - working_days.WEEKEND
}


class Unit(StrEnum):
    """What a clock's amount counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    HOURS = "hours"


@dataclass(frozen=True, kw_only=True)
class WorkingCalendar:
    """Which days and hours count.

    Without opening times the working week is Monday to Friday, and hours run round the clock on working days. Where every day
    counts, closed days matter only to a due date that rolls on, and hours run always.
    """

    code: str
    closed: frozenset[date] = frozenset()
    every_day: bool = False
    week: Mapping[int, Sequence[opening.Interval]] = field(default_factory=dict)

    @property
    def weekend(self) -> frozenset[int]:
        if not self.week:
            return working_days.WEEKEND
        return EVERY_WEEKDAY - {weekday for weekday, intervals in self.week.items() if intervals}

    def is_working_day(self, on: date) -> bool:
        return working_days.is_working_day(on, closed=self.closed, weekend=self.weekend)

    def add_working_days(self, on: date, days: int) -> date:
        return working_days.add_working_days(on, days, closed=self.closed, weekend=self.weekend)

    def next_working_day(self, on: date) -> date:
        return working_days.next_working_day(on, closed=self.closed, weekend=self.weekend)

    def working_days_between(self, first: date, until: date) -> int:
        return working_days.working_days_between(first, until, closed=self.closed, weekend=self.weekend)

    def add_hours(self, start: datetime, amount: timedelta) -> datetime:
        if self.every_day:
            return aware(start) + amount
        return opening.add_open_time(start, amount, week=self.week or ROUND_THE_CLOCK, closed=self.closed)

    def time_between(self, start: datetime, until: datetime) -> timedelta:
        if self.every_day:
            return max(aware(until) - aware(start), timedelta(0))
        return opening.open_time_between(start, until, week=self.week or ROUND_THE_CLOCK, closed=self.closed)

    def unit_of(self, unit: Unit) -> Unit:
        """What days are counted as here: on a calendar where every day counts, working days are calendar days."""
        return Unit.CALENDAR_DAYS if self.every_day and unit is Unit.WORKING_DAYS else unit


def due_at(
    started_at: datetime, amount: int, unit: Unit, *, calendar: WorkingCalendar, rolls: bool = False
) -> datetime:
    """When something started then falls due, in UTC: the end of the due council date, or the very moment for hours.

    rolls: a due date that is not a working day moves to the next one.
    """
    if unit is Unit.HOURS:
        return calendar.add_hours(started_at, timedelta(hours=amount))
    received = council_date(started_at)
    if unit is Unit.WORKING_DAYS:
        return end_of(calendar.next_working_day(calendar.add_working_days(received, amount)))
    due_on = working_days.add_months(received, amount) if unit is Unit.MONTHS else received + timedelta(days=amount)
    return end_of(calendar.next_working_day(due_on) if rolls else due_on)


def due_after_pause(
    due: datetime, unit: Unit, *, paused_from: datetime, paused_until: datetime, calendar: WorkingCalendar, rolls: bool
) -> datetime:
    """`due` moved on by what the pause took. A day was taken when it ended while the clock stood still."""
    if unit is Unit.HOURS:
        return calendar.add_hours(due, calendar.time_between(paused_from, paused_until))
    first, until = council_date(paused_from), council_date(paused_until)
    if unit is Unit.WORKING_DAYS:
        return end_of(calendar.add_working_days(council_date(due), calendar.working_days_between(first, until)))
    taken = max((until - first).days, 0)
    if not taken:
        return due
    due_on = council_date(due) + timedelta(days=taken)
    return end_of(calendar.next_working_day(due_on) if rolls else due_on)
