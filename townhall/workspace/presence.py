"""Who else has a case open: each open page says so at once, and again every quarter of a minute while it stays open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from townhall.core.db import execute, fetch_all
from townhall.core.ids import uuid7

VIEWING = "viewing"
LASTS = timedelta(seconds=45)  # three beats of the page's script
KEPT = timedelta(hours=1)

_HERE = """INSERT INTO workspace_presence (id, case_id, user_id, doing, seen_at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (case_id, user_id) DO UPDATE SET doing = excluded.doing, seen_at = excluded.seen_at"""

_OTHERS = """SELECT u.name, p.doing FROM workspace_presence p JOIN accounts_user u ON u.id = p.user_id
    WHERE p.case_id = %s AND p.user_id <> %s AND p.seen_at > %s ORDER BY u.name"""


class Here(Struct, array_like=True, frozen=True):
    name: str
    doing: str

    @property
    def is_editing(self) -> bool:
        return self.doing != VIEWING


def here(case_id: UUID, *, user_id: UUID, doing: str, at: datetime) -> None:
    """Somebody has the case open. May run inside `pipelined()`."""
    execute(_HERE, (uuid7(), case_id, user_id, doing[:60], at))


def gone(case_id: UUID, *, user_id: UUID) -> None:
    """Somebody left a case that they may not open any more."""
    execute("DELETE FROM workspace_presence WHERE case_id = %s AND user_id = %s", (case_id, user_id))


def others(case_id: UUID, *, besides: UUID, at: datetime, within: timedelta = LASTS) -> list[Here]:
    """Everybody else who has it open, and was seen so in this time."""
    return [Here(name=name, doing=doing) for name, doing in fetch_all(_OTHERS, (case_id, besides, at - within))]


def tidy(at: datetime) -> int:
    """Sweep: forget who looked an hour ago. The ledger keeps who saw what."""
    return execute(
        "DELETE FROM workspace_presence WHERE id IN (SELECT id FROM workspace_presence WHERE seen_at < %s LIMIT 1000)",
        (at - KEPT,),
    )
