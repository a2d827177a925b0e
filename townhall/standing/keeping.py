"""What another system said last, for a day and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from townhall.core.db import execute, fetch_one, json
from townhall.core.ids import uuid7

KEPT_FOR = timedelta(days=1)


def keep(customer_id: UUID, kind: str, number: str, it: msgspec.Struct | None, *, at: datetime) -> None:
    """In place of what it said before; it says that there is nothing: nothing is kept."""
    if it is None:
        execute(
            "DELETE FROM standing_lastknown WHERE customer_id = %s AND kind = %s AND number = %s",
            (customer_id, kind, number),
        )
        return
    execute(
        """INSERT INTO standing_lastknown (id, customer_id, kind, number, data, seen_at, forget_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (customer_id, kind, number) DO UPDATE
             SET data = excluded.data, seen_at = excluded.seen_at, forget_at = excluded.forget_at
           WHERE standing_lastknown.seen_at <= excluded.seen_at""",
        (uuid7(), customer_id, kind, number, json(msgspec.to_builtins(it)), at, at + KEPT_FOR),
    )


def last(customer_id: UUID, kind: str, number: str, *, at: datetime) -> tuple[Any, datetime] | None:
    """What was said and when, while it is kept."""
    row = fetch_one(
        """SELECT data, seen_at FROM standing_lastknown
           WHERE customer_id = %s AND kind = %s AND number = %s AND forget_at > %s""",
        (customer_id, kind, number, at),
    )
    if row is None:
        return None
    data = msgspec.json.decode(row[0]) if isinstance(row[0], str | bytes) else row[0]
    return data, row[1]
