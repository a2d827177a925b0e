"""Promises of the past in bulk, as an earlier system kept them: running on, or over already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from townhall.clocks import reference
from townhall.clocks.calendars import Unit, WorkingCalendar, due_at
from townhall.clocks.ladder import first_rung_after
from townhall.clocks.states import ClockState
from townhall.core.db import copy_rows
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date


@dataclass(frozen=True, kw_only=True)
class PastClock:
    """A clock that began at `started_at`. Over when `ended_at` is given: met or missed then, or no longer owed if `was_stopped`."""

    kind: str
    about: Subject
    started_at: datetime
    case_id: UUID | None = None
    calendar: str | None = None  # the kind's own when None
    days: int | None = None
    ended_at: datetime | None = None
    was_stopped: bool = False


_Dues = dict[tuple[str, int, date], datetime]


def load(clocks: Sequence[PastClock], *, at: datetime) -> list[date]:
    """Write them all, inside the caller's transaction; the council date on which each falls (or fell) due, in the same order.

    A rung whose moment has passed by `at`, which is now, never rings: nobody is told today of what was late years ago. Rungs
    still to come ring as they do for any clock. Raises UnknownCode.
    """
    dues: _Dues = {}
    rows = [_row(clock, dues, at=aware(at)) for clock in clocks]
    copy_rows("clocks_clock", [row for row, _due in rows])
    return [council_date(due) for _row, due in rows]


def _row(clock: PastClock, dues: _Dues, *, at: datetime) -> tuple[dict[str, object], datetime]:
    rule = reference.kind(clock.kind)
    counted_on = reference.calendar(clock.calendar or rule.calendar)
    started, unit = aware(clock.started_at), counted_on.unit_of(rule.unit)
    amount = rule.amount if clock.days is None else clock.days
    due = _due(dues, started, amount, unit, calendar=counted_on, rolls=rule.rolls)
    next_rung, next_rung_at = 0, None
    if clock.ended_at is None:
        next_rung, next_rung_at = first_rung_after(rule.ladder, max(started, at), due=due, calendar=counted_on)
    return {
        "id": uuid7(),
        "kind": clock.kind,
        "subject_kind": clock.about.kind,
        "subject_id": clock.about.id,
        "case_id": clock.about.id if clock.about.kind == "case" else clock.case_id,
        "calendar": counted_on.code,
        "amount": amount,
        "unit": unit.value,
        "started_at": started,
        "due_at": due,
        "original_due_at": due,
        "state": _state(clock, due).value,
        "finished_at": aware(clock.ended_at) if clock.ended_at else None,
        "next_rung": next_rung,
        "next_rung_at": next_rung_at,
        "paused_seconds": 0,
    }, due


def _due(
    dues: _Dues, started: datetime, amount: int, unit: Unit, *, calendar: WorkingCalendar, rolls: bool
) -> datetime:
    """Days are counted from a council date, so many clocks share one due moment."""
    if unit is Unit.HOURS:
        return due_at(started, amount, unit, calendar=calendar, rolls=rolls)
    key = (f"{calendar.code} {unit} {rolls}", amount, council_date(started))
    if key not in dues:
        dues[key] = due_at(started, amount, unit, calendar=calendar, rolls=rolls)
    return dues[key]


def _state(clock: PastClock, due: datetime) -> ClockState:
    if clock.ended_at is None:
        return ClockState.RUNNING
    if clock.was_stopped:
        return ClockState.STOPPED
    return ClockState.MET if aware(clock.ended_at) <= due else ClockState.MISSED
