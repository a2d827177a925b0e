"""Ringing what has come due. It never depends on having run on time, and any number of workers may run it at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from townhall.clocks import reference
from townhall.clocks.events import ClockRang
from townhall.clocks.ladder import rung_at
from townhall.clocks.locking import GaveWay, giving_way
from townhall.clocks.models import Clock
from townhall.clocks.states import ClockState
from townhall.core.events import publish
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date

_BATCH: Final = 100  # clocks in one run, each in a transaction of its own
_TRY_AGAIN_AFTER: Final = timedelta(minutes=5)  # when a listener failed

log = structlog.get_logger()


def ring_due(at: datetime) -> int:
    """Ring the next rung of each clock where it has come due by `at`, soonest first, a batch at most; how many rang."""
    at = aware(at)
    rang, left_alone = 0, set[UUID]()
    for _ in range(_BATCH):
        outcome = _ring_soonest(at, left_alone)
        if outcome is None:
            break
        rang += outcome
    return rang


def _ring_soonest(at: datetime, left_alone: set[UUID]) -> bool | None:
    """Ring one clock that no other worker holds: True. False when it could not ring now, None when there is none.

    A listener that fails must not keep other clocks from ringing: its own is tried again later, and no rung is lost.
    """
    clock = None
    try:
        with giving_way():
            clock = (
                Clock.objects.select_for_update(skip_locked=True)
                .filter(state=ClockState.RUNNING, next_rung_at__lte=at)
                .exclude(pk__in=left_alone)
                .order_by("next_rung_at")
                .first()
            )
            if clock is None:
                return None
            _ring(clock, at=at)
    except GaveWay:
        log.info("clock.gave_way", clock_id=str(clock.id) if clock else "")
    except Exception:
        if clock is None:
            raise  # the database, not a listener
        log.exception("clock.ring_failed", clock_id=str(clock.id), kind=clock.kind, rung=clock.next_rung)
        same = Clock.objects.filter(pk=clock.pk, next_rung=clock.next_rung, next_rung_at=clock.next_rung_at)
        same.update(next_rung_at=at + _TRY_AGAIN_AFTER)
    else:
        return True
    if clock is None:
        return None
    left_alone.add(clock.pk)
    return False


def _ring(clock: Clock, *, at: datetime) -> None:
    """Move on to the next rung, then announce this one: a listener may itself extend, finish or stop the clock.

    One rung a time: when the next has come due as well, the next turn finds the clock as the listeners left it.
    """
    ladder = reference.kind(clock.kind).ladder
    calendar = reference.calendar(clock.calendar)
    next_at = rung_at(ladder, clock.next_rung + 1, due=clock.due_at, calendar=calendar)
    Clock.objects.filter(pk=clock.pk).update(next_rung=clock.next_rung + 1, next_rung_at=next_at)
    if clock.next_rung >= len(ladder):
        return  # the kind's ladder was shortened since
    publish(
        ClockRang(
            clock_id=clock.id,
            kind=clock.kind,
            subject=Subject(kind=clock.subject_kind, id=clock.subject_id),
            case_id=clock.case_id,
            rung=ladder[clock.next_rung].name,
            at=at,
            due_on=council_date(clock.due_at),
        )
    )
