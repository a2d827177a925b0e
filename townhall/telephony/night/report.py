"""What people rang for while the council was closed: by half-hour, service and outcome, with the early and the late window apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from townhall.clocks import reference
from townhall.clocks.calendars import WorkingCalendar
from townhall.clocks.errors import UnknownCode
from townhall.core.db import fetch_all
from townhall.core.time import LONDON
from townhall.places.opening import CALENDAR
from townhall.telephony.calls.measures import days
from townhall.telephony.models import CorporateDay

EARLY, LATE, NIGHT, CLOSED = "early", "late", "night", "closed"
PARTNER, OWN = "partner", "own"  # who answered, or did not
_PARTNER = """
    SELECT half_hour, service_code, CASE WHEN is_urgent THEN 'paged_' || state ELSE 'morning' END, count(*)
    FROM telephony_nightcall WHERE started_at >= %s AND started_at < %s GROUP BY 1, 2, 3"""
_OWN = """
    SELECT half_hour, service_code, sum(answered)::int, sum(offered - answered)::int FROM telephony_callhalfhour
    WHERE half_hour >= %s AND half_hour < %s AND NOT is_automated GROUP BY 1, 2"""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Calls in one half-hour of the day (London), summed over the days of a time."""

    window: str
    half_hour: time
    service_code: str
    outcome: str
    calls: int


def corporate_day() -> CorporateDay:
    found = CorporateDay.objects.first()
    return found or CorporateDay(opens=time(8, 30), closes=time(17, 30), early_from=time(7), late_until=time(19))


def window_of(at: datetime, day: CorporateDay, closed: frozenset[date]) -> str:
    """Which window a moment lies in; empty while the council is open."""
    local = at.astimezone(LONDON)
    wall = local.time()
    if local.weekday() >= 5 or local.date() in closed:
        return CLOSED
    if day.opens <= wall < day.closes:
        return ""
    if day.early_from <= wall < day.opens:
        return EARLY
    return LATE if day.closes <= wall < day.late_until else NIGHT


def demand(*, first_on: date, last_on: date) -> list[Demand]:
    """In order of window, half-hour, service and outcome. Two statements, over roll-ups and the calls of the partner."""
    day, closed = corporate_day(), council_days().closed
    found: Counter[tuple[str, time, str, str]] = Counter()
    for at, service, outcome, calls in _told(*days(first_on, last_on)):
        window = window_of(at, day, closed)
        if window and calls:
            found[window, at.astimezone(LONDON).time(), service, outcome] += calls
    order = [EARLY, LATE, NIGHT, CLOSED]
    return [
        Demand(window=window, half_hour=half_hour, service_code=service, outcome=outcome, calls=calls)
        for (window, half_hour, service, outcome), calls in sorted(
            found.items(), key=lambda one: (order.index(one[0][0]), *one[0][1:])
        )
    ]


def _told(since: datetime, until: datetime) -> Iterator[tuple[datetime, str, str, int]]:
    yield from ((row[0], row[1], row[2], int(row[3])) for row in fetch_all(_PARTNER, (since, until)))
    for at, service, answered, missed in fetch_all(_OWN, (since, until)):
        yield at, service, "answered", answered
        yield at, service, "unanswered", missed


def council_days() -> WorkingCalendar:
    """The days on which the council is open; those of the working week where no calendar is kept."""
    try:
        return reference.calendar(CALENDAR)
    except UnknownCode:
        return WorkingCalendar(code=CALENDAR)


def is_closed(on: date) -> bool:
    return on in council_days().closed


def window_words() -> dict[str, str]:
    day = corporate_day()
    clock = "%H:%M"
    return {
        EARLY: _("Early, %(since)s to %(until)s")
        % {"since": day.early_from.strftime(clock), "until": day.opens.strftime(clock)},
        LATE: _("Late, %(since)s to %(until)s")
        % {"since": day.closes.strftime(clock), "until": day.late_until.strftime(clock)},
        NIGHT: _("Night"),
        CLOSED: _("Weekends and closed days"),
    }


def outcome_words() -> dict[str, str]:
    return {
        "morning": _("Left for the morning"),
        "paged_paging": _("Paged, not answered"),
        "paged_taken": _("Paged and taken"),
        "paged_settled": _("Settled in the night"),
        "paged_waiting": _("Urgent, not paged"),
        "answered": _("Answered by our own staff"),
        "unanswered": _("Rang our own lines, not answered"),
    }
