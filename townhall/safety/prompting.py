"""Asking for a report where help was called or an abusive call was ended, and none has come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.sweeps import each_by_itself
from townhall.safety import telling
from townhall.safety.models import Alarm, CallWarning
from townhall.safety.recording import record

BATCH = 50


def prompt_due(at: datetime) -> int:
    """Ask whoever called for help or ended a call, and has not reported it; how many were asked. Each in a transaction of its own."""
    due = [(kind, key) for kind in (Alarm, CallWarning) for key in _waiting(kind, at)]
    return each_by_itself(due, lambda one: _ask(*one, at=at))


def _waiting(kind: type[Alarm] | type[CallWarning], at: datetime) -> list[UUID]:
    due = kind.objects.filter(prompted_at=None, report_due_at__lte=at)
    return list(due.order_by("report_due_at").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _ask(kind: type[Alarm] | type[CallWarning], key: UUID, *, at: datetime) -> int:
    due = kind.objects.select_for_update(skip_locked=True).filter(pk=key, prompted_at=None, report_due_at__lte=at)
    one = due.first()
    if one is None:
        return 0
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
