"""Ringing what has come due. It never depends on having run on time, and any number of workers may run it at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from townhall.clocks import reference
from townhall.clocks.events import ClockRang
from townhall.clocks.ladder import rung_at
from townhall.clocks.models import Clock
from townhall.clocks.states import ClockState
from townhall.core.events import publish
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date

_BATCH: Final = 100  # clocks locked at once
_TRY_AGAIN_AFTER: Final = timedelta(minutes=5)  # when a listener failed

log = structlog.get_logger()


@transaction.atomic
def ring_due(at: datetime) -> int:
    """Ring the next rung of each clock where it has come due by `at`, soonest first, a batch at most; how many clocks that were."""
    at = aware(at)
    clocks = list(
        Clock.objects.select_for_update(skip_locked=True)
        .filter(state=ClockState.RUNNING, next_rung_at__lte=at)
        .order_by("next_rung_at")[:_BATCH]
    )
    for clock in clocks:
        _ring_or_put_off(clock, at=at)
    return len(clocks)


def _ring_or_put_off(clock: Clock, *, at: datetime) -> None:
    """A listener that fails must not keep the other clocks from ringing: its rungs are tried again later, none is lost."""
    try:
        with transaction.atomic():
            _ring(clock, at=at)
    except Exception:
        log.exception("clock.ring_failed", clock_id=str(clock.id), kind=clock.kind, rung=clock.next_rung)
        Clock.objects.filter(pk=clock.pk).update(next_rung_at=at + _TRY_AGAIN_AFTER)


def _ring(clock: Clock, *, at: datetime) -> None:
    """Move on to the next rung, then announce this one: a listener may itself extend, finish or stop the clock.

    One rung a time: when the next has come due as well, the sweep, run again at once, finds the clock as listeners left it.
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
