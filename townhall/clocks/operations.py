"""Everything that changes a clock. Each runs inside the caller's transaction; starting also inside `pipelined()`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from townhall.clocks import reference
from townhall.clocks.calendars import Unit, WorkingCalendar, due_after_pause, due_at
from townhall.clocks.errors import MayNotPause, NoOpenClock, NotLater, NotPaused, NotRunning, ReasonNeeded
from townhall.clocks.ladder import first_rung_after, rung_at
from townhall.clocks.models import Clock, ClockExtension, ClockPause
from townhall.clocks.reference import Counted, Kind
from townhall.clocks.states import OPEN_STATES, ClockState
from townhall.core.actors import Actor
from townhall.core.db import insert
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date, end_of, start_of
from townhall.ledger.operations import record

_BEGINS = (("state", ClockState.RUNNING.value), ("paused_seconds", 0))


def start(
    kind: str,
    *,
    about: Subject,
    at: datetime,
    case_id: UUID | None = None,
    calendar: str | None = None,
    days: int | None = None,
    due_on: date | None = None,
) -> date:
    """Start a clock and give the council date on which it falls due. Writes one row and waits for no answer.

    calendar and days: in place of the kind's own calendar and amount (which is in the kind's unit, so hours where that is hours;
    working days are calendar days on a calendar where every day counts).
    due_on: the due date itself, when it was promised by name. One clock of a kind may be open about one subject: a second
    raises psycopg's UniqueViolation. Raises UnknownCode.
    """
    remembered = reference.remembered()  # before what it is counted with, so that nothing old is kept among the new
    rule = reference.kind(kind)
    counted_on = reference.calendar(calendar or rule.calendar)
    started, unit = aware(at), counted_on.unit_of(rule.unit)
    amount = None if due_on is not None else rule.amount if days is None else days
    if due_on is not None:
        due, rungs = _rungs(rule, counted_on, end_of(due_on))
    else:
        assert amount is not None
        if unit is Unit.HOURS:
            due, rungs = _rungs(rule, counted_on, due_at(started, amount, unit, calendar=counted_on))
        else:
            due, rungs = _counted(rule, counted_on, amount, council_date(started), remembered)
    next_rung, next_rung_at = next(
        ((index, rings_at) for index, rings_at in enumerate(rungs) if rings_at > started), (len(rungs), None)
    )
    insert(
        "clocks_clock",
        {
            "id": uuid7(),
            "kind": kind,
            "subject_kind": about.kind,
            "subject_id": about.id,
            "case_id": about.id if about.kind == "case" else case_id,
            "calendar": counted_on.code,
            "amount": amount,
            "unit": unit.value,
            "started_at": started,
            "due_at": due,
            "original_due_at": due,
            "next_rung": next_rung,
            "next_rung_at": next_rung_at,
        },
        always=_BEGINS,
    )
    return council_date(due)


def _counted(
    rule: Kind, counted_on: WorkingCalendar, amount: int, on: date, remembered: Counted
) -> tuple[datetime, tuple[datetime, ...]]:
    """When what started on this council date falls due, and when each rung rings. The same all day, so it is remembered."""
    key = (rule.code, counted_on.code, amount, on)
    found = remembered.get(key)
    if found is None:
        unit = counted_on.unit_of(rule.unit)
        due = due_at(start_of(on), amount, unit, calendar=counted_on, rolls=rule.rolls)
        found = remembered[key] = _rungs(rule, counted_on, due)
    return found


def _rungs(rule: Kind, counted_on: WorkingCalendar, due: datetime) -> tuple[datetime, tuple[datetime, ...]]:
    return due, tuple(rung.rings_at(due, calendar=counted_on) for rung in rule.ladder)


@transaction.atomic
def pause(kind: str, *, about: Subject, at: datetime, reason: str, by: Actor) -> None:
    """Let a clock stand still, for example while the customer is asked something.

    Raises NoOpenClock, NotRunning when it is paused already, MayNotPause where the kind never stands still, ReasonNeeded.
    """
    clock = _open_clock(kind, about)
    if not reference.kind(kind).may_pause:
        raise MayNotPause
    if clock.state != ClockState.RUNNING:
        raise NotRunning
    clock.state, clock.paused_at, clock.next_rung_at = ClockState.PAUSED, aware(at), None
    clock.save(update_fields=["state", "paused_at", "next_rung_at"])
    ClockPause.objects.create(
        clock=clock, from_at=clock.paused_at, reason=_given(reason), by_kind=by.kind.value, by_id=by.id
    )
    _record("clock.paused", clock, by=by, at=at)


@transaction.atomic
def resume(kind: str, *, about: Subject, at: datetime, by: Actor, reason: str = "") -> date:
    """Let a paused clock run on; its new due date, later by what the pause took. Raises NoOpenClock, NotPaused.

    `reason` is taken for symmetry with `pause`, whose reason is the one kept.
    """
    clock = _open_clock(kind, about)
    if clock.state != ClockState.PAUSED:
        raise NotPaused
    _end_pause(clock, at=aware(at))
    counted_on = reference.calendar(clock.calendar)
    clock.next_rung_at = rung_at(reference.kind(kind).ladder, clock.next_rung, due=clock.due_at, calendar=counted_on)
    clock.save()
    _record("clock.resumed", clock, by=by, at=at)
    return council_date(clock.due_at)


@transaction.atomic
def extend(kind: str, *, about: Subject, due_on: date, reason: str, by: Actor, at: datetime) -> date:
    """Give a clock a later due date. The date first promised is kept, and the ladder is climbed again towards the new one.

    Raises NoOpenClock, NotLater, ReasonNeeded.
    """
    clock = _open_clock(kind, about)
    due = end_of(due_on)
    if due <= clock.due_at:
        raise NotLater
    ClockExtension.objects.create(
        clock=clock,
        at=aware(at),
        from_due_at=clock.due_at,
        to_due_at=due,
        reason=_given(reason),
        by_kind=by.kind.value,
        by_id=by.id,
    )
    rule, counted_on = reference.kind(kind), reference.calendar(clock.calendar)
    clock.amount, clock.due_at = None, due
    clock.next_rung, next_rung_at = first_rung_after(rule.ladder, aware(at), due=due, calendar=counted_on)
    clock.next_rung_at = next_rung_at if clock.state == ClockState.RUNNING else None
    clock.save()
    _record("clock.extended", clock, by=by, at=at)
    return council_date(due)


@transaction.atomic
def finish(kind: str, *, about: Subject, at: datetime) -> ClockState | None:
    """What was promised is done: met, or missed when `at` is past the due moment. None when no such clock was open."""
    clock = _open_clocks(kind, about).first()
    if clock is None:
        return None
    if clock.state == ClockState.PAUSED:
        _end_pause(clock, at=aware(at))
    state = ClockState.MET if aware(at) <= clock.due_at else ClockState.MISSED
    _close(clock, state, at=aware(at))
    return state


@transaction.atomic
def stop(kind: str, *, about: Subject, at: datetime) -> bool:
    """What was promised is no longer owed. False when no such clock was open."""
    clock = _open_clocks(kind, about).first()
    if clock is None:
        return False
    if clock.state == ClockState.PAUSED:
        _end_pause(clock, at=aware(at))
    _close(clock, ClockState.STOPPED, at=aware(at))
    return True


def _open_clocks(kind: str, about: Subject) -> QuerySet[Clock]:
    return Clock.objects.select_for_update().filter(
        kind=kind, subject_kind=about.kind, subject_id=about.id, state__in=OPEN_STATES
    )


def _open_clock(kind: str, about: Subject) -> Clock:
    clock = _open_clocks(kind, about).first()
    if clock is None:
        raise NoOpenClock
    return clock


def _end_pause(clock: Clock, *, at: datetime) -> None:
    """Set the running state and the later due moment on the unsaved clock, and close its pause."""
    assert clock.paused_at is not None
    until = max(at, clock.paused_at)
    clock.due_at = due_after_pause(
        clock.due_at,
        Unit(clock.unit),
        paused_from=clock.paused_at,
        paused_until=until,
        calendar=reference.calendar(clock.calendar),
        rolls=reference.kind(clock.kind).rolls,
    )
    clock.paused_seconds += int((until - clock.paused_at).total_seconds())
    clock.state, clock.paused_at = ClockState.RUNNING, None
    ClockPause.objects.filter(clock=clock, until_at=None).update(until_at=until)


def _close(clock: Clock, state: ClockState, *, at: datetime) -> None:
    clock.state, clock.finished_at, clock.next_rung_at = state, at, None
    clock.save()


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded
    return reason.strip()


def _record(verb: str, clock: Clock, *, by: Actor, at: datetime) -> None:
    about = Subject(kind=clock.subject_kind, id=clock.subject_id)
    data: dict[str, object] = {
        "kind": clock.kind,
        "clock": str(clock.id),
        "due_on": council_date(clock.due_at).isoformat(),
    }
    record(verb, about=about, by=by, at=at, case_id=clock.case_id, data=data)
