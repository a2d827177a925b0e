"""Days on which the council itself is closed, and what a changed calendar does to the promises that are running."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from townhall.clocks import reference
from townhall.clocks.calendars import Unit, due_after_pause, due_at
from townhall.clocks.errors import AlreadyClosed, NotClosed, NotCouncilsOwn
from townhall.clocks.events import ClockMoved
from townhall.clocks.ladder import rung_at
from townhall.clocks.locking import GaveWay, giving_way
from townhall.clocks.models import Calendar, Clock, ClosedDay
from townhall.clocks.seeds import load_bank_holidays
from townhall.clocks.states import OPEN_STATES, ClockState
from townhall.core.actors import Actor
from townhall.core.events import publish
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date
from townhall.ledger.operations import record

_BATCH: Final = 1_000  # clocks read at once
_SEEN_EVERYWHERE_AFTER: Final = timedelta(seconds=30)  # processes look for changed calendars every few seconds


@transaction.atomic
def close_day(on: date, *, title: str, by: Actor, at: datetime, calendar: str = "COUNCIL_OPEN") -> None:
    """The council is closed that day, so its own promises do not count it; running ones are counted again soon.

    Raises NotCouncilsOwn for a calendar set by law, AlreadyClosed.
    """
    _check_councils_own(calendar)
    if ClosedDay.objects.filter(calendar_id=calendar, on=on).exists():
        raise AlreadyClosed
    ClosedDay.objects.create(calendar_id=calendar, on=on, title=title, is_councils_own=True)
    _changed([calendar], at=at)
    _record("calendar.day_closed", calendar, on, by=by, at=at)


@transaction.atomic
def reopen_day(on: date, *, by: Actor, at: datetime, calendar: str = "COUNCIL_OPEN") -> None:
    """The council opens on a day it had meant to close. Raises NotCouncilsOwn, NotClosed."""
    _check_councils_own(calendar)
    gone, _ = ClosedDay.objects.filter(calendar_id=calendar, on=on, is_councils_own=True).delete()
    if not gone:
        raise NotClosed
    _changed([calendar], at=at)
    _record("calendar.day_reopened", calendar, on, by=by, at=at)


@transaction.atomic
def load(path: Path | None = None, *, at: datetime) -> int:
    """Load bank holidays as `seeds.load_bank_holidays` does; how many days changed. Running promises are counted again soon."""
    changed = load_bank_holidays(path, at=at)
    if changed:
        _changed(list(Calendar.objects.values_list("code", flat=True)), at=at)
    return changed


def recount_changed(at: datetime) -> int:
    """The sweep: work out again when open clocks on changed calendars fall due; how many moved, each announced as ClockMoved.

    A date that was given or extended by hand stays, as does the date first promised. Repeated until every process has seen the
    change, so that a promise made meanwhile on the old calendar is found as well.
    """
    moved = 0
    for code, until in Calendar.objects.exclude(recount_until=None).values_list("code", "recount_until"):
        reference.forget()
        before, gave_way = moved, False
        for clock in _open_on(code).prefetch_related("pauses").iterator(chunk_size=_BATCH):
            if _due_again(clock) != clock.due_at:
                try:
                    moved += _move(clock.pk, at=at)
                except GaveWay:
                    gave_way = True
        assert until is not None
        if aware(at) >= until and moved == before and not gave_way:
            Calendar.objects.filter(code=code, recount_until=until).update(recount_until=None)
    return moved


def _changed(calendars: Collection[str], *, at: datetime) -> None:
    Calendar.objects.filter(code__in=calendars).update(recount_until=aware(at) + _SEEN_EVERYWHERE_AFTER)
    reference.forget()


def _open_on(calendar: str) -> QuerySet[Clock]:
    return Clock.objects.filter(calendar=calendar, state__in=OPEN_STATES, amount__isnull=False)


def _move(clock_id: UUID, *, at: datetime) -> bool:
    with giving_way():
        clock = (
            Clock.objects.select_for_update().filter(pk=clock_id, state__in=OPEN_STATES, amount__isnull=False).first()
        )
        if clock is None or (due := _due_again(clock)) == clock.due_at:
            return False
        clock.due_at = due
        if clock.state == ClockState.RUNNING:
            ladder, calendar = reference.kind(clock.kind).ladder, reference.calendar(clock.calendar)
            clock.next_rung_at = rung_at(ladder, clock.next_rung, due=due, calendar=calendar)
        clock.save(update_fields=["due_at", "next_rung_at"])
        _announce(clock, at=at)
    return True


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
