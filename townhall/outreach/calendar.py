"""The forward calendar: what goes out on which day of the coming year, with the campaign planned for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from townhall.core.time import council_date
from townhall.outreach import campaigns
from townhall.outreach.models import Campaign
from townhall.registers import queries as registers
from townhall.registers.models import Row
from townhall.registers.typed import next_of

REGISTER = "forward-calendar"
YEAR = timedelta(days=365)
NEAR = timedelta(days=92)  # a campaign belongs to the trigger point that it was planned for


@dataclass(frozen=True, kw_only=True)
class Point:
    """A trigger point as it comes next, and its campaigns."""

    row: Row
    on: date
    campaigns: Sequence[Campaign]


def coming(*, at: datetime) -> list[Point]:
    """The next year's trigger points in order of their day. Two queries."""
    today = council_date(at)
    planned = campaigns.planned(since=today - NEAR, until=today + YEAR)
    points = []
    for row in registers.open_rows(REGISTER):
        falls_on = row.values.get("falls_on")
        if falls_on:
            on = next_of(str(falls_on), after=today - timedelta(days=1))
            its = [one for one in planned if one.trigger_row_id == row.pk and one.trigger_on == on]
            points.append(Point(row=row, on=on, campaigns=its))
    return sorted(points, key=lambda point: (point.on, point.row.title))
