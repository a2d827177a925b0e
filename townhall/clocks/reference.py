"""Calendars and kinds of clock as each process remembers them.

Starting a clock lies on the way of every report, so it reads nothing from these tables. Every few seconds the first reader asks
for the version, one row that triggers change with the tables, and reads them again only when it differs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from townhall.clocks.calendars import Unit, WorkingCalendar
from townhall.clocks.errors import UnknownCode
from townhall.clocks.ladder import Ladder, read_ladder
from townhall.clocks.models import Calendar, CalendarKind, ClockKind, ClosedDay, OpeningInterval
from townhall.clocks.opening import Interval
from townhall.core.db import fetch_one
from townhall.core.refreshing import Refreshing


@dataclass(frozen=True, kw_only=True)
class Kind:
    code: str
    name: str
    calendar: str
    amount: int
    unit: Unit
    rolls: bool
    may_pause: bool
    ladder: Ladder


# (kind, calendar, amount, council date) → due, and when each rung rings
Counted = dict[tuple[str, str, int, date], tuple[datetime, tuple[datetime, ...]]]
_MOST_COUNTED: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class _Known:
    version: UUID | None
    calendars: dict[str, WorkingCalendar]
    kinds: dict[str, Kind]
    counted: Counted = field(default_factory=dict)


def calendar(code: str) -> WorkingCalendar:
    """Raises UnknownCode."""
    found = _known.get().calendars.get(code) or _known.fresh().calendars.get(code)
    if found is None:
        raise UnknownCode(f"No calendar {code!r}.")
    return found


def kind(code: str) -> Kind:
    """Raises UnknownCode."""
    found = _known.get().kinds.get(code) or _known.fresh().kinds.get(code)
    if found is None:
        raise UnknownCode(f"No kind of clock {code!r}.")
    return found


def remembered() -> Counted:
    """What was counted with the calendars and kinds as they are now; forgotten when one of them changes, or when it grows large."""
    counted = _known.get().counted
    if len(counted) > _MOST_COUNTED:
        counted.clear()
    return counted


def forget() -> None:
    """Read again at the next use: called by the operations that change these tables, and by tests."""
    _known.forget()


def _version() -> UUID | None:
    row = fetch_one("SELECT version FROM clocks_referenceversion")
    return row[0] if row else None


def _read() -> _Known:
    # The version first: a change while we read then shows as a difference at the next check.
    return _Known(version=_version(), calendars=_read_calendars(), kinds=_read_kinds())


def _read_calendars() -> dict[str, WorkingCalendar]:
    closed: dict[str, set[Any]] = defaultdict(set)
    for code, on in ClosedDay.objects.values_list("calendar_id", "on"):
        closed[code].add(on)
    weeks: dict[str, dict[int, list[Interval]]] = defaultdict(lambda: defaultdict(list))
    for interval in OpeningInterval.objects.order_by("weekday", "opens"):
        weeks[interval.calendar_id][interval.weekday].append(Interval(opens=interval.opens, closes=interval.closes))
    return {
        code: WorkingCalendar(
            code=code,
            closed=frozenset(closed[code]),
            every_day=kind == CalendarKind.CALENDAR_DAYS,
            week=dict(weeks[code]),
        )
        for code, kind in Calendar.objects.values_list("code", "kind")
    }


def _read_kinds() -> dict[str, Kind]:
    return {
        row.code: Kind(
            code=row.code,
            name=row.name,
            calendar=row.calendar_id,
            amount=row.amount,
            unit=Unit(row.unit),
            rolls=row.rolls,
            may_pause=row.may_pause,
            ladder=read_ladder(row.ladder),
        )
        for row in ClockKind.objects.all()
    }


_known = Refreshing(_read, unchanged=lambda known: known.version == _version())
