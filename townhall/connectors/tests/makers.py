from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from townhall.connectors import operations
from townhall.connectors.models import Delivery
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = b"a secret shared with the waste system"
LATER = timedelta(minutes=10)


def make_delivery(
    number: int = 0, *, target: str = "waste", kind: str = "fly-tip", case_id: UUID | None = None, at: datetime = NOON
) -> UUID:
    case = case_id or uuid7()
    about = Subject(kind="case", id=case)
    return operations.deliver(
        target, kind=kind, payload={"n": number}, about=about, key=f"case-{case}-{kind}-{number}", at=at, case_id=case
    )


def state_of(delivery_id: UUID) -> str:
    return Delivery.objects.get(pk=delivery_id).state
