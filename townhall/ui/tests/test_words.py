from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.template import engines
from django.utils import translation

from townhall.ui import words


def test_dates_read_as_people_say_them() -> None:
    day = date(2026, 5, 3)

    assert words.long_date(day) == "3 May 2026"
    assert words.short_date(date(2026, 9, 3)) == "3 Sep"
    assert words.weekday_date(day) == "Sunday 3 May 2026"
    assert words.long_date(None) == ""


def test_a_moment_is_shown_on_the_clock_in_london() -> None:
    late_in_june = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    assert words.moment(late_in_june) == "1 July 2026 at 12:30am"
    assert words.long_date(late_in_june) == "1 July 2026"
    assert words.iso(late_in_june) == "2026-07-01T00:30+01:00"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "the end of 23 November 2026"),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), "the end of 23 November 2026"),
        (datetime(2026, 11, 23, 15, 30, tzinfo=UTC), "23 November 2026 at 3:30pm"),
    ],
)
def test_no_deadline_leaves_open_which_midnight_is_meant(at: datetime, shown: str) -> None:
    assert words.deadline(at) == shown


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (time(9), "9am"),
        (time(10, 30), "10:30am"),
        (time(12), "midday"),
        (time(0), "midnight"),
        (time(17, 5), "5:05pm"),
        (time(12, 1), "12:01pm"),
    ],
)
def test_times_of_day(at: time, shown: str) -> None:
    assert words.time_of_day(at) == shown


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        words.moment(datetime(2026, 5, 3, 9, 0))  # noqa: DTZ001


def test_typed_lines_are_kept_and_markup_is_not() -> None:
    assert words.nl2br("by the <b>gate</b>\r\nleft side") == "by the &lt;b&gt;gate&lt;/b&gt;<br>\nleft side"


def test_days_ago() -> None:
    assert [words.ago(days) for days in (0, 1, 9)] == ["today", "yesterday", "9 days ago"]


def test_dates_follow_the_readers_language() -> None:
    with translation.override("cy"):
        assert words.long_date(date(2026, 5, 3)) == "3 Mai 2026"


def test_a_filter_in_a_page() -> None:
    page = engines["jinja2"].from_string("{{ on | long_date }} {{ fee | pounds }}")

    assert page.render({"on": date(2026, 5, 3), "fee": 125000}) == "3 May 2026 £1,250.00"


def test_a_place_near_an_address_reads_well_in_a_sentence() -> None:
    assert words.at_place("Near 7 Wherry Lane") == "near 7 Wherry Lane"
    assert words.at_place("12 Mill Lane") == "at 12 Mill Lane"
    assert words.in_sentence("Near 7 Wherry Lane") == "near 7 Wherry Lane"
    assert words.in_sentence("Nearfield Road") == "Nearfield Road"


def test_a_telephone_number_can_be_tapped_and_other_text_stays_text() -> None:
    shown = words.phone_links("If <b>hurt</b>, phone 01632 960199 or 999.")

    assert '<a class="govuk-link" href="tel:01632960199">01632 960199</a>' in shown
    assert '<a class="govuk-link" href="tel:999">999</a>.' in shown
    assert "&lt;b&gt;" in shown
    assert "tel:" not in words.phone_links("Since 2019, 12 of 1999 cost £101,000.50")
