from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.clocks.opening import Interval, add_open_time, is_open, open_time_between
from townhall.clocks.tests.makers import london

OFFICE = {
    **{weekday: [Interval(opens=time(8, 30), closes=time(17))] for weekday in range(4)},
    4: [Interval(opens=time(8, 30), closes=time(17))],
}
WITH_LUNCH = {
    weekday: [Interval(opens=time(9), closes=time(12)), Interval(opens=time(13), closes=time(17))]
    for weekday in range(5)
}
ALWAYS = {weekday: [Interval(opens=time(0), closes=time(0))] for weekday in range(7)}
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
AMOUNTS = st.integers(1, 200 * 60).map(lambda minutes: timedelta(minutes=minutes))
CLOSED = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2026, 4, 3)})


def test_four_hours_from_friday_half_past_four_end_on_monday_noon() -> None:
    due = add_open_time(london(2026, 3, 6, 16, 30), timedelta(hours=4), week=OFFICE, closed=())

    assert due == london(2026, 3, 9, 12)


def test_what_starts_outside_hours_starts_at_the_next_opening() -> None:
    assert add_open_time(london(2026, 3, 7, 10), timedelta(hours=1), week=OFFICE, closed=()) == london(
        2026, 3, 9, 9, 30
    )


def test_lunch_does_not_count() -> None:
    assert add_open_time(london(2026, 3, 9, 11), timedelta(hours=2), week=WITH_LUNCH, closed=()) == london(
        2026, 3, 9, 14
    )
    assert not is_open(london(2026, 3, 9, 12, 30), week=WITH_LUNCH, closed=())
    assert is_open(london(2026, 3, 9, 13), week=WITH_LUNCH, closed=())


def test_a_closed_day_does_not_count() -> None:
    due = add_open_time(london(2026, 12, 24, 16), timedelta(hours=2), week=OFFICE, closed=CLOSED)

    assert due == london(2026, 12, 29, 9, 30)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
    ids=["spring", "autumn", "other"],
)
def test_a_day_round_the_clock_has_the_hours_it_has(day: date, hours: int) -> None:
    begins, ends = london(day.year, day.month, day.day, 0), london(day.year, day.month, day.day, 0) + timedelta(days=1)

    assert open_time_between(begins, ends, week=ALWAYS, closed=()) == timedelta(hours=hours)
    assert add_open_time(begins, timedelta(hours=hours), week=ALWAYS, closed=()) == ends


def test_opening_stays_at_half_past_eight_when_the_clocks_change() -> None:
    friday_evening = london(2026, 3, 27, 18)

    due = add_open_time(friday_evening, timedelta(hours=1), week=OFFICE, closed=())

    assert due == datetime(2026, 3, 30, 8, 30, tzinfo=UTC)  # half past nine in summer time


def test_an_interval_must_close_after_it_opens() -> None:
    with pytest.raises(ValueError, match="close after it opens"):
        Interval(opens=time(17), closes=time(9))


@given(MOMENTS, AMOUNTS, st.sampled_from([OFFICE, WITH_LUNCH, ALWAYS]))
def test_between_start_and_due_lies_just_the_amount(
    start: datetime, amount: timedelta, week: dict[int, list[Interval]]
) -> None:
    due = add_open_time(start, amount, week=week, closed=CLOSED)

    assert open_time_between(start, due, week=week, closed=CLOSED) == amount


@given(MOMENTS, AMOUNTS, AMOUNTS, st.sampled_from([OFFICE, WITH_LUNCH, ALWAYS]))
def test_adding_two_amounts_is_adding_one_then_the_other(
    start: datetime, a: timedelta, b: timedelta, week: dict[int, list[Interval]]
) -> None:
    at_once = add_open_time(start, a + b, week=week, closed=CLOSED)

    assert at_once == add_open_time(add_open_time(start, a, week=week, closed=CLOSED), b, week=week, closed=CLOSED)
