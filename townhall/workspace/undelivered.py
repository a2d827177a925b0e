"""Messages that could not be delivered and went by no other way: for those who can put it right, and send them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.accounts.models import Role
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import RuleBroken
from townhall.core.paging import Page, page_of, read_id
from townhall.notifications import operations as notifications

SIZE = 50

# Of a team: about a case whose work it does, or of which it tells the customer. What is about no case is nobody's but an administrator's.
_FAILED = """SELECT m.id, m.created_at, m.template, m.channel, m.recipient_name, m.recipient_address, m.subject_line, m.error, m.attempts,
      c.reference, c.service_code
    FROM notifications_message m LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE m.state = 'failed' AND m.id < %(before)s AND (m.id = ANY(%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL)
      AND (%(everything)s OR c.doer_team_id = ANY(%(teams)s) OR EXISTS (SELECT FROM accounts_post p
           WHERE p.id = c.teller_post_id AND p.team_id = ANY(%(teams)s)))
      AND NOT EXISTS (SELECT FROM notifications_message again WHERE again.key = m.key || ':fallback')
    ORDER BY m.id DESC LIMIT %(size)s"""
_END = UUID(int=2**128 - 1)


@dataclass(frozen=True, kw_only=True)
class Undelivered:
    id: UUID
    at: datetime  # when it was made
    template: str
    channel: str
    name: str
    address: str
    subject_line: str
    error: str
    attempts: int
    reference: str | None  # of the case it was about
    service_code: str | None


def sees_everything(by: Actor) -> bool:
    """Whether somebody answers for messages as such, also those about no case."""
    return Role.ADMINISTRATOR.value in by.roles


def undelivered(*, by: Actor, after: str = "", size: int = SIZE) -> Page[Undelivered]:
    """The newest first, of the reader's own teams; all of them for an administrator. One statement."""
    return page_of(_rows(by, before=read_id(after) or _END, size=size + 1), size=size, key=lambda one: (one.id,))


def send_again(ids: Collection[UUID], *, by: Actor, at: datetime) -> int:
    """Try these once more; how many. Those that are not the reader's, or did not fail, are left as they are."""
    tried = 0
    for one in _rows(by, ids=ids, size=len(ids)):
        try:
            notifications.try_again(one.id, by=by, at=at)
        except RuleBroken:  # somebody else was quicker
            continue
        tried += 1
    return tried


def _rows(by: Actor, *, before: UUID = _END, ids: Collection[UUID] | None = None, size: int) -> Sequence[Undelivered]:
    names = list(Undelivered.__dataclass_fields__)
    given = {
        "before": before,
        "ids": None if ids is None else list(ids),
        "everything": sees_everything(by),
        "teams": list(by.teams),
        "size": size,
    }
    return [Undelivered(**dict(zip(names, row, strict=True))) for row in fetch_all(_FAILED, given)]
