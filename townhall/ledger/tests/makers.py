from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import fetch_one
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger.operations import looked, record

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def write_entries(
    count: int, *, by: Actor = SYSTEM, at: datetime = NOON, case_id: UUID | None = None, customer_id: UUID | None = None
) -> None:
    """So many entries, a minute apart, numbered in their data."""
    case = case_id or uuid7()
    for number in range(count):
        record(
            "case.noted",
            about=Subject(kind="case", id=case),
            by=by,
            at=at + timedelta(minutes=number),
            case_id=case,
            customer_id=customer_id,
            data={"n": number},
        )


def write_looks(count: int, *, by: Actor = SYSTEM, customer_id: UUID | None = None, at: datetime = NOON) -> None:
    for number in range(count):
        looked(by=by, at=at + timedelta(minutes=number), customer_id=customer_id or uuid7(), page="workspace:customer")


def settle() -> None:
    """Wait until nothing that is committed can be preceded any more. Other tests on the same server may hold it back for a moment."""
    deadline = time.monotonic() + 30
    while fetch_one(
        """SELECT 1 WHERE ledger_horizon() <= greatest((SELECT max(position) FROM ledger_entry),
                                                       (SELECT max(position) FROM ledger_look))"""
    ):
        assert time.monotonic() < deadline, "a transaction stayed open for 30 seconds"
        time.sleep(0.02)
