from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.clocks import bank_holidays
from townhall.clocks.calendars import Unit, WorkingCalendar, due_at
from townhall.clocks.tests.makers import london
from townhall.clocks.working_days import (
    NoWorkingDay,
    add_months,
    add_working_days,
    is_working_day,
    next_working_day,
    working_days_between,
)
from townhall.core.time import council_date

KNOWN = bank_holidays.computed(range(2012, 2032))
EW = frozenset(KNOWN["england-and-wales"])
UK_ANY = frozenset(day for days in KNOWN.values() for day in days)
DAYS = st.dates(date(2012, 1, 1), date(2029, 12, 31))
COUNTS = st.integers(0, 60)
CLOSED = st.frozensets(DAYS, max_size=30).map(lambda extra: EW | extra)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        (date(2026, 4, 1), 5, date(2026, 4, 10)),
        (date(2026, 4, 10), 10, date(2026, 4, 24)),
        (date(2026, 4, 24), 10, date(2026, 5, 11)),
        (date(2026, 4, 11), 5, date(2026, 4, 17)),  # a Saturday is day 0 as well
        (date(2026, 12, 21), 5, date(2026, 12, 30)),
        (date(2026, 7, 10), 20, date(2026, 8, 7)),
        (date(2022, 5, 27), 5, date(2022, 6, 7)),  # Platinum Jubilee, with the spring bank holiday moved
        (date(2022, 9, 16), 1, date(2022, 9, 20)),  # the Queen's funeral
        (date(2020, 5, 1), 5, date(2020, 5, 11)),  # the early May holiday moved to VE Day
        (date(2023, 5, 5), 1, date(2023, 5, 9)),  # the Coronation
    ],
)
def test_working_days_in_england(received: date, days: int, due: date) -> None:
    assert add_working_days(received, days, closed=EW) == due


def test_freedom_of_information_counts_no_holiday_of_any_part_of_the_uk() -> None:
    assert add_working_days(date(2026, 7, 10), 20, closed=UK_ANY) == date(2026, 8, 11)


@pytest.mark.parametrize(
    ("division", "received", "due"),
    [
        ("scotland", date(2026, 6, 12), date(2026, 6, 16)),  # the World Cup day
        ("scotland", date(2027, 1, 1), date(2027, 1, 5)),  # 2 January on a Saturday: the Monday
        ("scotland", date(2026, 4, 2), date(2026, 4, 6)),  # Easter Monday is not one there
        ("northern-ireland", date(2026, 7, 10), date(2026, 7, 14)),  # 12 July on a Sunday: the Monday
        ("northern-ireland", date(2026, 3, 16), date(2026, 3, 18)),  # St Patrick
    ],
)
def test_the_next_working_day_elsewhere(division: str, received: date, due: date) -> None:
    assert add_working_days(received, 1, closed=frozenset(KNOWN[division])) == due


@pytest.mark.parametrize(
    ("received", "due"), [(date(2026, 1, 31), date(2026, 3, 2)), (date(2026, 9, 3), date(2026, 10, 5))]
)
def test_a_month_ends_on_the_same_date_or_the_last_and_rolls_to_a_working_day(received: date, due: date) -> None:
    at = london(received.year, received.month, received.day)
    calendar = WorkingCalendar(code="CALENDAR", closed=EW)

    assert council_date(due_at(at, 1, Unit.MONTHS, calendar=calendar, rolls=True)) == due


def test_three_months_are_counted_from_the_start() -> None:
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 1, 31), 3) == date(2026, 4, 30)


def test_a_calendar_closed_for_ever_is_an_error_and_not_an_endless_loop() -> None:
    forever = {date(2026, 1, 1) + timedelta(days=n) for n in range(800)}

    with pytest.raises(NoWorkingDay):
        add_working_days(date(2026, 1, 1), 1, closed=forever)


@given(DAYS, st.integers(1, 60), CLOSED)
def test_the_result_is_a_later_working_day(received: date, days: int, closed: frozenset[date]) -> None:
    due = add_working_days(received, days, closed=closed)

    assert is_working_day(due, closed=closed)
    assert due > received


@given(DAYS, COUNTS, COUNTS, CLOSED)
def test_adding_two_counts_is_adding_one_then_the_other(
    received: date, a: int, b: int, closed: frozenset[date]
) -> None:
    at_once = add_working_days(received, a + b, closed=closed)

    assert at_once == add_working_days(add_working_days(received, a, closed=closed), b, closed=closed)


@given(DAYS, DAYS, COUNTS, COUNTS, CLOSED)
def test_received_later_or_given_longer_is_never_due_earlier(
    one: date, other: date, a: int, b: int, closed: frozenset[date]
) -> None:
    first, second = sorted((one, other))
    short, long = sorted((a, b))

    assert add_working_days(first, short, closed=closed) <= add_working_days(first, long, closed=closed)
    assert add_working_days(first, short, closed=closed) <= add_working_days(second, short, closed=closed)


@given(DAYS, COUNTS, CLOSED)
def test_going_back_as_many_days_as_forward_returns_to_a_working_day(
    received: date, days: int, closed: frozenset[date]
) -> None:
    start = next_working_day(received, closed=closed)

    assert add_working_days(add_working_days(start, days, closed=closed), -days, closed=closed) == start


@given(DAYS, COUNTS, CLOSED)
def test_between_a_working_day_and_its_due_date_lie_just_as_many(
    received: date, days: int, closed: frozenset[date]
) -> None:
    start = next_working_day(received, closed=closed)

    assert working_days_between(start, add_working_days(start, days, closed=closed), closed=closed) == days


@given(DAYS, st.integers(0, 60))
def test_a_closure_never_brings_a_due_date_forward(received: date, days: int) -> None:
    shutdown = EW | {received + timedelta(days=n) for n in range(1, 8)}

    assert add_working_days(received, days, closed=shutdown) >= add_working_days(received, days, closed=EW)
