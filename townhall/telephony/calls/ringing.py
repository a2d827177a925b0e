"""Whose phone rings: asked for every two seconds by each adviser's desk, so it is one lookup in a small index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.customers.typed import shown_phone
from townhall.telephony.calls import lines

LONGEST = timedelta(minutes=10)  # a ring that nobody told the end of
_RINGING = """SELECT id, number, queue, service_code, rings_since, offered_at, contact_id FROM telephony_call
    WHERE rings_at_id = %s AND rings_since > %s ORDER BY rings_since DESC LIMIT 3"""


@dataclass(frozen=True, kw_only=True)
class Ringing:
    id: UUID
    number: str  # as people here read it; empty when withheld
    queue: str
    service_code: str
    rings_since: datetime
    offered_at: datetime
    contact_id: UUID | None


def at_phone_of(user_id: UUID, *, at: datetime) -> list[Ringing]:
    """The calls that ring at somebody's phone, the newest first. One statement."""
    return [
        Ringing(
            id=row[0],
            number=shown_phone(row[1]) if row[1] else "",
            queue=lines.queue_name(row[2]),
            service_code=row[3],
            rings_since=row[4],
            offered_at=row[5],
            contact_id=row[6],
        )
        for row in fetch_all(_RINGING, (user_id, at - LONGEST))
    ]
