"""Sending the files: the worker's round. Nothing is locked while the other side is called."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from townhall.admissions import attention
from townhall.admissions.models import Application, ExportRun
from townhall.admissions.sftp import Drop, Unreachable, drop
from townhall.admissions.states import RunState, State, check_run_move
from townhall.core.actors import SYSTEM
from townhall.ledger import operations as ledger

log = structlog.get_logger(__name__)
CLAIM = timedelta(minutes=3)  # more than one call's longest time
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
TELL_AFTER = 5  # tries, before the owner is told


def sweep(at: datetime, *, to: Drop | None = None) -> int:
    """Send one file that is due; 1 when one was tried."""
    where = to or drop()
    run = _claim(at) if where else None
    if run is None or where is None:
        return 0
    try:
        where.put(run.file_name, bytes(run.content))
    except Unreachable as error:
        _later(run, str(error), at=at)
        return 0  # the wait is over later, not at once
    _sent(run, at=at)
    return 1


@transaction.atomic
def _claim(at: datetime) -> ExportRun | None:
    rows = ExportRun.objects.select_for_update(skip_locked=True).filter(state=RunState.READY, next_attempt_at__lte=at)
    run = rows.order_by("next_attempt_at", "id").first()
    if run is not None:
        run.next_attempt_at, run.attempts = at + CLAIM, run.attempts + 1
        run.save(update_fields=["next_attempt_at", "attempts"])
    return run


@transaction.atomic
def _sent(run: ExportRun, *, at: datetime) -> None:
    kept = ExportRun.objects.select_for_update().get(pk=run.pk)
    if kept.state != RunState.READY:
        return
    check_run_move(RunState(kept.state), RunState.SENT)
    kept.state, kept.sent_at, kept.last_error = RunState.SENT, at, ""
    kept.save(update_fields=["state", "sent_at", "last_error"])
    for item in kept.items.all():
        Application.objects.filter(pk=item.application_id, version=item.version, state=State.RECEIVED).update(
            state=State.SENT
        )
    ledger.record("admission_run.sent", about=kept.subject, by=SYSTEM, at=at, data={"children": kept.children})


@transaction.atomic
def _later(run: ExportRun, error: str, *, at: datetime) -> None:
    kept = ExportRun.objects.select_for_update().get(pk=run.pk)
    kept.next_attempt_at = at + min(FIRST_WAIT * 2 ** (kept.attempts - 1), LONGEST_WAIT)
    kept.last_error = error[:500]
    kept.save(update_fields=["next_attempt_at", "last_error"])
    log.warning("admissions.not_sent", run_id=str(run.pk), attempts=kept.attempts)
    if kept.attempts == TELL_AFTER:
        attention.tell(kept, at=at)
