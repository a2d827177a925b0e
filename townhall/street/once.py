"""A report that another system may send again under its own number, whatever else has changed in what it sends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.core.errors import KeyReused
from townhall.core.idempotency import first_time
from townhall.street.reporting import NewReport, Reported, report

_MADE_BEFORE = """SELECT c.id, c.reference, c.due_on FROM core_idempotency i JOIN cases_case c ON c.id = i.result
    WHERE i.actor = %s AND i.operation = 'street.report' AND i.key = %s"""


def external_key(external_id: str) -> str:
    """The idempotency key that a sender's own number stands for."""
    return f"external:{external_id}"


def report_once(new: NewReport, *, key: str, by: Actor, at: datetime) -> Reported:
    """As `report`, where `new.key` is an `external_key`. `key`: an idempotency key sent beside it, or "".

    Raises KeyReused when `key` was used for another report.
    """
    try:
        if not key:
            return report(new, by=by, at=at)
        with transaction.atomic():
            made = report(new, by=by, at=at)
            _claim(key, made.case_id, by=by)
            return made
    except KeyReused:
        earlier = fetch_one(_MADE_BEFORE, (f"{by.kind}:{by.id}", new.key))
        if earlier is None:
            raise
        case_id, reference, due_on = earlier
        return Reported(case_id=case_id, reference=reference, due_on=due_on, was_repeat=True)


def _claim(key: str, case_id: UUID, *, by: Actor) -> None:
    earlier = first_time("street.report_once", key=key, by=by, request=str(case_id), result=case_id)
    if earlier is not None and earlier != case_id:
        raise KeyReused
