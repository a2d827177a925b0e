"""Days on which the council itself is closed, and what a changed calendar does to the promises that are running."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from townhall.clocks import reference
from townhall.clocks.calendars import Unit, due_after_pause, due_at
from townhall.clocks.errors import AlreadyClosed, NotClosed, NotCouncilsOwn
from townhall.clocks.events import ClockMoved
from townhall.clocks.ladder import rung_at
from townhall.clocks.models import Calendar, Clock, ClosedDay
from townhall.clocks.seeds import load_bank_holidays
from townhall.clocks.states import OPEN_STATES, ClockState
from townhall.core.actors import Actor
from townhall.core.events import publish
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger.operations import record

_BATCH: Final = 1_000


@transaction.atomic
def close_day(on: date, *, title: str, by: Actor, at: datetime, calendar: str = "COUNCIL_OPEN") -> int:
    """The council is closed that day, so its own promises do not count it; how many running ones moved.

    Raises NotCouncilsOwn for a calendar set by law, AlreadyClosed.
    """
    _check_councils_own(calendar)
    if ClosedDay.objects.filter(calendar_id=calendar, on=on).exists():
        raise AlreadyClosed
    ClosedDay.objects.create(calendar_id=calendar, on=on, title=title, is_councils_own=True)
    _record("calendar.day_closed", calendar, on, by=by, at=at)
    return recount({calendar}, at=at)


@transaction.atomic
def reopen_day(on: date, *, by: Actor, at: datetime, calendar: str = "COUNCIL_OPEN") -> int:
    """The council opens on a day it had meant to close; how many running promises moved. Raises NotCouncilsOwn, NotClosed."""
    _check_councils_own(calendar)
    gone, _ = ClosedDay.objects.filter(calendar_id=calendar, on=on, is_councils_own=True).delete()
    if not gone:
        raise NotClosed
    _record("calendar.day_reopened", calendar, on, by=by, at=at)
    return recount({calendar}, at=at)


@transaction.atomic
def load(path: Path | None = None, *, at: datetime) -> tuple[int, int]:
    """Load bank holidays as `seeds.load_bank_holidays` does: (days changed, running promises moved)."""
    changed = load_bank_holidays(path, at=at)
    return changed, recount(set(Calendar.objects.values_list("code", flat=True)), at=at) if changed else 0


@transaction.atomic
def recount(calendars: Collection[str], *, at: datetime) -> int:
    """Work out again when the open clocks on these calendars fall due; how many moved. Each is announced as ClockMoved.

    A date that was given or extended by hand stays, as does the date first promised.
    """
    reference.forget()
    open_clocks = Clock.objects.filter(calendar__in=calendars, state__in=OPEN_STATES, amount__isnull=False)
    clocks = open_clocks.select_for_update().order_by("id").prefetch_related("pauses")
    moved = []
    for clock in clocks.iterator(chunk_size=_BATCH):
        due = _due_again(clock)
        if due == clock.due_at:
            continue
        clock.due_at = due
        if clock.state == ClockState.RUNNING:
            ladder = reference.kind(clock.kind).ladder
            clock.next_rung_at = rung_at(ladder, clock.next_rung, due=due, calendar=reference.calendar(clock.calendar))
        moved.append(clock)
    Clock.objects.bulk_update(moved, ["due_at", "next_rung_at"], batch_size=_BATCH)
    for clock in moved:
        _announce(clock, at=at)
    return len(moved)


def _due_again(clock: Clock) -> datetime:
    rolls, calendar, unit = reference.kind(clock.kind).rolls, reference.calendar(clock.calendar), Unit(clock.unit)
    assert clock.amount is not None
    due = due_at(clock.started_at, clock.amount, unit, calendar=calendar, rolls=rolls)
    for pause in sorted(clock.pauses.all(), key=lambda pause: pause.from_at):
        if pause.until_at is not None:
            due = due_after_pause(
                due, unit, paused_from=pause.from_at, paused_until=pause.until_at, calendar=calendar, rolls=rolls
            )
    return due


def _announce(clock: Clock, *, at: datetime) -> None:
    publish(
        ClockMoved(
            clock_id=clock.id,
            kind=clock.kind,
            subject=Subject(kind=clock.subject_kind, id=clock.subject_id),
            case_id=clock.case_id,
            at=at,
            due_on=council_date(clock.due_at),
        )
    )


def _check_councils_own(calendar: str) -> None:
    if not Calendar.objects.filter(code=calendar, is_councils_own=True).exists():
        raise NotCouncilsOwn


def _record(verb: str, calendar: str, on: date, *, by: Actor, at: datetime) -> None:
    about = Subject(kind="calendar", id=uuid5(NAMESPACE_URL, f"townhall:calendar:{calendar}"))
    record(verb, about=about, by=by, at=at, data={"calendar": calendar, "on": on.isoformat()})
