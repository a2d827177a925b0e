"""Asking for a report where help was called or an abusive call was ended, and none has come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from townhall.core.actors import SYSTEM
from townhall.safety import telling
from townhall.safety.models import Alarm, CallWarning
from townhall.safety.recording import record

BATCH = 50


@transaction.atomic
def prompt_due(at: datetime) -> int:
    """Ask whoever called for help or ended a call, and tell their managers that a report is missing; how many were asked."""
    return sum(_ask(one, at) for one in [*_waiting(Alarm.objects.all(), at), *_waiting(CallWarning.objects.all(), at)])


def _waiting(rows: QuerySet[Alarm] | QuerySet[CallWarning], at: datetime) -> list[Alarm | CallWarning]:
    due = rows.select_for_update(skip_locked=True).filter(prompted_at=None, report_due_at__lte=at)
    return list(due.order_by("report_due_at")[:BATCH])


def _ask(one: Alarm | CallWarning, at: datetime) -> int:
    one.prompted_at = at
    one.save(update_fields=["prompted_at"])
    is_alarm = isinstance(one, Alarm)
    user_id = one.raised_by if isinstance(one, Alarm) else one.by
    when = one.raised_at if isinstance(one, Alarm) else one.ended_at
    name = "alarm" if is_alarm else "warning"
    context: dict[str, object] = {"when": when, "is_alarm": is_alarm}
    path = f"/work/safety/incidents/new?{name}={one.pk}"
    telling.tell_person(
        "staff/report_missing", user_id, about=one.subject, key=f"report-{one.pk}", context=context, path=path, at=at
    )
    record("safety.report_asked_for", about=one.subject, by=SYSTEM, at=at, customer_id=one.customer_id)
    return 1
