from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core.time import aware, council_date, end_of, start_of

DATES = st.dates(date(2000, 1, 2), date(2100, 12, 30))
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.timezones())  # noqa: DTZ001


@given(DATES)
def test_a_council_date_begins_and_ends_on_itself_whatever_the_clocks_do(on: date) -> None:
    begins, ends = start_of(on), end_of(on)
    assert council_date(begins) == council_date(ends) == on
    assert council_date(begins - timedelta(microseconds=1)) == on - timedelta(days=1)
    assert council_date(ends + timedelta(seconds=1)) == on + timedelta(days=1)
    assert ends + timedelta(seconds=1) == start_of(on + timedelta(days=1))


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_the_days_on_which_the_clocks_change_are_short_and_long(on: date, hours: int) -> None:
    assert start_of(on + timedelta(days=1)) - start_of(on) == timedelta(hours=hours)


@given(TIMES)
def test_a_moment_is_the_same_moment_in_utc(at: datetime) -> None:
    assert aware(at).timestamp() == at.timestamp()
    assert aware(at).utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused() -> None:
    for ask in (aware, council_date):
        with pytest.raises(ValueError, match="time zone"):
            ask(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001


def test_just_after_midnight_in_summer_it_is_already_the_next_day() -> None:
    assert council_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
