"""Permits that nobody paid for: after a month the home's place is free again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.states import State as CaseState
from townhall.core.actors import SYSTEM
from townhall.permits.issuing import cancel_charges, record
from townhall.permits.models import Permit
from townhall.permits.states import State

UNPAID = timedelta(days=30)
BATCH = 100


def sweep(at: datetime) -> int:
    """One batch; how many lapsed."""
    with transaction.atomic():
        rows = Permit.objects.select_for_update(skip_locked=True).filter(
            state=State.ASKED, paid_at__isnull=True, asked_at__lt=at - UNPAID
        )
        found = list(rows.order_by("asked_at", "id")[:BATCH])
        for permit in found:
            permit.state, permit.ended_at = State.LAPSED, at
            permit.save(update_fields=["state", "ended_at"])
            cancel_charges(permit, at=at)
            record("permit.lapsed", permit, by=SYSTEM, at=at)
            case = Case.objects.get(pk=permit.case_id)
            if case.state == CaseState.AWAITING_DECISION:
                cases.withdraw(case.pk, by=SYSTEM, at=at)
        return len(found)
