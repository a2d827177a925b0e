"""Lists for managers: what has been open too long, what needs a decision, what is passed from team to team. Bounded, keyset-paged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from townhall.accounts import directory
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import council_date, start_of

PAGE = 50
REFERRAL_DAYS, DECISION_DAYS = 30, 60

# What every list shows, with when the customer last heard from us.
_COLUMNS = """c.id, c.reference, c.service_code, c.state, c.doer_team_id, c.opened_at, c.due_on, c.chasers, c.followers, c.hops,
    c.address, (SELECT max(m.created_at) FROM notifications_message m WHERE m.case_id = c.id AND m.template LIKE 'case/%%'
                AND m.state NOT IN ('failed', 'withdrawn'))"""
_OPEN = "c.state IN ('awaiting_decision', 'accepted', 'waiting_for_customer', 'done')"
_UNDECIDED = "c.state IN ('awaiting_decision', 'accepted', 'waiting_for_customer')"


@dataclass(frozen=True, kw_only=True)
class OldCase:
    """One line: why it is here is its age, who has it is `team`, and `last_told_at` is the last contact with the customer."""

    id: UUID
    reference: str
    service_code: str
    service: str
    state: State
    team: str
    opened_at: datetime
    due_on: date
    chasers: int
    followers: int
    hops: int
    address: str
    last_told_at: datetime | None

    def days_open(self, at: datetime) -> int:
        return (council_date(at) - council_date(self.opened_at)).days


def open_longer_than(
    days: int = REFERRAL_DAYS,
    *,
    at: datetime,
    service_codes: list[str] | None = None,
    team_ids: list[UUID] | None = None,
    after: str = "",
    size: int = PAGE,
) -> Page[OldCase]:
    """Cases opened more than `days` calendar days ago and still open, oldest first; of these services or teams only. One statement."""
    return _list(
        f"{_OPEN} AND c.opened_at < %s AND (%s::text[] IS NULL OR c.service_code = ANY(%s))"
        " AND (%s::uuid[] IS NULL OR c.doer_team_id = ANY(%s))",
        [_before(days, at=at), service_codes, service_codes, team_ids, team_ids],
        after=after,
        size=size,
    )


def needing_a_decision(*, at: datetime, after: str = "", size: int = PAGE) -> Page[OldCase]:
    """The corporate exceptions page: cases past their own second limit (60 days, or an approved extension) that are neither
    done, declined nor extended, oldest first. One statement."""
    return _list(
        f"{_UNDECIDED} AND EXISTS (SELECT 1 FROM clocks_clock k WHERE k.case_id = c.id AND k.kind = 'case.decision'"  # noqa: S608
        " AND k.state = 'running' AND k.due_at < %s)",
        [at],
        after=after,
        size=size,
    )


def passed_more_than(times: int, *, open_only: bool = True, after: str = "", size: int = PAGE) -> Page[OldCase]:
    """Cases that went from team to team (accepted or returned) more than so many times, oldest first. One statement."""
    where = f"{_OPEN} AND c.hops > %s" if open_only else "c.hops > %s"
    return _list(where, [times], after=after, size=size)


@dataclass(frozen=True, kw_only=True)
class PassedCount:
    """Of one service: how many cases were passed more often than the limit, of how many that were opened."""

    service_code: str
    service: str
    passed: int
    opened: int


def passed_report(times: int, *, since: datetime, until: datetime) -> list[PassedCount]:
    """By service, the worst first: cases opened in that time that were passed more than so many times. One statement."""
    rows = fetch_all(
        """SELECT service_code, count(*) FILTER (WHERE hops > %s), count(*) FROM cases_case
           WHERE opened_at >= %s AND opened_at < %s GROUP BY service_code ORDER BY 2 DESC, 1""",
        (times, since, until),
    )
    return [
        PassedCount(service_code=code, service=catalogue.service(code).name, passed=passed, opened=opened)
        for code, passed, opened in rows
    ]


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A case raised to a post."""

    escalation_id: UUID
    reason: str
    at: datetime
    seen_at: datetime | None
    case: OldCase


def raised_to(post_ids: list[UUID], *, unseen_only: bool = True, size: int = PAGE) -> list[Raised]:
    """What was raised to these posts and is still open, newest first; at most `size`. One statement."""
    rows = fetch_all(
        "SELECT e.id, e.reason, e.at, e.seen_at, " + _COLUMNS + " FROM cases_escalation e"  # noqa: S608 - constants only
        " JOIN cases_case c ON c.id = e.case_id"
        f" WHERE e.to_post_id = ANY(%s) AND {_OPEN} AND (NOT %s OR e.seen_at IS NULL)"
        " ORDER BY e.at DESC, e.id DESC LIMIT %s",
        (post_ids, unseen_only, size),
    )
    return [Raised(escalation_id=row[0], reason=row[1], at=row[2], seen_at=row[3], case=_line(row[4:])) for row in rows]


def _list(where: str, values: list[object], *, after: str, size: int) -> Page[OldCase]:
    cursor = read_cursor(after, length=2) if after else None
    if cursor is not None:
        where += " AND (c.opened_at, c.id) > (%s, %s)"
        values = [*values, *cursor]
    rows = fetch_all(
        f"SELECT {_COLUMNS} FROM cases_case c WHERE {where} ORDER BY c.opened_at, c.id LIMIT %s",  # noqa: S608 - constants only
        [*values, size + 1],
    )
    return page_of([_line(row) for row in rows], size=size, key=lambda line: (line.opened_at.isoformat(), line.id))


def _line(row: tuple[Any, ...]) -> OldCase:
    case_id, reference, service_code, state, team_id, opened_at, due_on, chasers, followers, hops, address, told = row
    return OldCase(
        id=case_id,
        reference=reference,
        service_code=service_code,
        service=catalogue.service(service_code).name,
        state=State(state),
        team=directory.team_by_id(team_id).name,
        opened_at=opened_at,
        due_on=due_on,
        chasers=chasers,
        followers=followers,
        hops=hops,
        address=address,
        last_told_at=told,
    )


def _before(days: int, *, at: datetime) -> datetime:
    """The first moment of the day that is `days` days ago: anything before it is older."""
    return start_of(council_date(at) - timedelta(days=days))
