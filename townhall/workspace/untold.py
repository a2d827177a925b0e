"""Whom no message reached: the tasks to tell them another way, for the post that owns each and for its team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.accounts.models import Role
from townhall.core.actors import Actor
from townhall.core.db import fetch_all

MOST = 100
_OPEN = """SELECT u.message_id, u.owner_post_id, u.opened_at, u.due_at, m.recipient_name, m.subject_line, m.customer_id, c.reference,
      c.service_code, m.channel, m.error
    FROM notifications_unreached u JOIN notifications_message m ON m.id = u.message_id LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE u.ended_at IS NULL AND (%(one)s::uuid IS NULL OR u.message_id = %(one)s)
      AND (%(everything)s OR u.owner_post_id = ANY(%(posts)s) OR (NOT %(own)s AND EXISTS (SELECT FROM accounts_post p
        WHERE p.id = u.owner_post_id AND p.team_id = ANY(%(teams)s))))
    ORDER BY u.due_at, u.message_id LIMIT %(limit)s"""


@dataclass(frozen=True, kw_only=True)
class Untold:
    message_id: UUID
    owner_post_id: UUID | None
    since: datetime
    due: datetime
    name: str
    subject_line: str
    customer_id: UUID | None
    reference: str | None
    service_code: str | None
    channel: str
    error: str


def open_tasks(by: Actor, *, own: bool = False, limit: int) -> Sequence[Untold]:
    """own: of one's own posts only, not of one's teams. One statement."""
    return _found(by, own=own, limit=limit)


def is_of(message_id: UUID, by: Actor) -> bool:
    return bool(_found(by, one=message_id, limit=1))


def _found(by: Actor, *, one: UUID | None = None, own: bool = False, limit: int) -> list[Untold]:
    given = {
        "one": one,
        "everything": Role.ADMINISTRATOR.value in by.roles and not own,
        "posts": list(by.posts),
        "teams": list(by.teams),
        "own": own,
        "limit": limit,
    }
    return [Untold(**dict(zip(Untold.__dataclass_fields__, row, strict=True))) for row in fetch_all(_OPEN, given)]
