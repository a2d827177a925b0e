"""Counting days. Pure: dates in, dates out; which days are closed comes from a calendar.

The day of receipt is day 0 and the day after it day 1; what arrives on a closed day has the next working day as its day 1.
"""

from __future__ import annotations

import calendar
from collections.abc import Container
from datetime import date, timedelta
from typing import Final

WEEKEND: Final = frozenset({5, 6})  # weekdays as Python counts them: Monday is 0
_LONGEST_CLOSURE_DAYS: Final = 366  # longer than this is a mistake in the calendar, not a closure
_DAY: Final = timedelta(days=1)


class NoWorkingDay(ValueError):
    """A calendar closed for more than a year: counting on it would never end."""


def is_working_day(on: date, *, closed: Container[date], weekend: Container[int] = WEEKEND) -> bool:
    return on.weekday() not in weekend and on not in closed


def _step(on: date, by: timedelta, *, closed: Container[date], weekend: Container[int]) -> date:
    for _ in range(_LONGEST_CLOSURE_DAYS):
        on += by
        if is_working_day(on, closed=closed, weekend=weekend):
            return on
    raise NoWorkingDay(f"No working day within a year of {on.isoformat()}.")


def add_working_days(received: date, days: int, *, closed: Container[date], weekend: Container[int] = WEEKEND) -> date:
    """The date `days` working days after `received`; before it when negative, `received` itself when 0.

    `add_working_days(date(2026, 12, 23), 2, closed={date(2026, 12, 25), date(2026, 12, 28)})` is 29 December 2026.
    """
    by = _DAY if days > 0 else -_DAY
    on = received
    for _ in range(abs(days)):
        on = _step(on, by, closed=closed, weekend=weekend)
    return on


def next_working_day(on: date, *, closed: Container[date], weekend: Container[int] = WEEKEND) -> date:
    """`on` itself when it is a working day, else the first one after it."""
    if is_working_day(on, closed=closed, weekend=weekend):
        return on
    return _step(on, _DAY, closed=closed, weekend=weekend)


def working_days_between(
    first: date, until: date, *, closed: Container[date], weekend: Container[int] = WEEKEND
) -> int:
    """How many working days lie in [first, until); 0 when `until` is not later."""
    days = range(max((until - first).days, 0))
    return sum(is_working_day(first + timedelta(days=n), closed=closed, weekend=weekend) for n in days)


def add_months(received: date, months: int) -> date:
    """The same date `months` later, or that month's last day where it has no such date (UK GDPR article 12 counting)."""
    month_index = received.year * 12 + received.month - 1 + months
    year, month = divmod(month_index, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(received.day, last_day))
