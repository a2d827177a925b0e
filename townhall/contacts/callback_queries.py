"""What is read of call-backs: who has to call whom by when, and which teams are late again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.contacts.models import CallBack, CallBackTry
from townhall.contacts.states import OPEN_CALL_BACKS
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.customers import sharing

PAGE = 50
OF_CUSTOMER = "EXISTS (SELECT FROM contacts_callback WHERE customer_id = %(customer)s AND state IN ('due', 'tried'))"
AGAIN_DAYS = 28  # two misses of one customer by one team within so many days are a repeated miss
_LINES = f"""
    SELECT b.id, b.name, b.phone, b.about, b.service_code, b.team_id, b.owner_post_id, b.state, b.tries, b.asked_at, b.due_at,
           b.missed_at, b.customer_id, b.source
    FROM contacts_callback b
    WHERE b.state IN ('due', 'tried') AND (%(teams)s::uuid[] IS NULL OR b.team_id = ANY(%(teams)s))
      AND (%(posts)s::uuid[] IS NULL OR b.owner_post_id = ANY(%(posts)s))
      AND (b.team_id = ANY(%(own_teams)s) OR b.owner_post_id = ANY(%(own_posts)s) OR {sharing.OPENS.format(service="b.service_code")})
      AND (b.due_at, b.id) > (%(at)s::timestamptz, %(id)s::uuid)
    ORDER BY b.due_at, b.id LIMIT %(limit)s"""  # noqa: S608 - a constant of ours
_BY_TEAM = """
    SELECT t.name,
           count(*) FILTER (WHERE b.state <> 'withdrawn' OR first.at IS NOT NULL),
           count(*) FILTER (WHERE first.at <= b.due_at),
           count(*) FILTER (WHERE first.at > b.due_at OR (first.at IS NULL AND b.due_at < %(at)s AND b.state <> 'withdrawn')),
           count(*) FILTER (WHERE b.state IN ('due', 'tried') AND b.due_at < %(at)s),
           count(*) FILTER (WHERE b.missed_at IS NOT NULL AND EXISTS (
               SELECT FROM contacts_callback e WHERE e.team_id = b.team_id AND e.phone = b.phone AND e.id <> b.id
                 AND e.missed_at IS NOT NULL AND e.asked_at < b.asked_at
                 AND e.asked_at > b.asked_at - make_interval(days => %(again)s))),
           count(*) FILTER (WHERE b.state = 'failed')
    FROM contacts_callback b JOIN accounts_team t ON t.id = b.team_id
    LEFT JOIN LATERAL (
        SELECT min(y.at) AS at FROM contacts_callbacktry y WHERE y.call_back_id = b.id) first ON true
    WHERE b.asked_at >= %(since)s AND b.asked_at < %(until)s
    GROUP BY t.name ORDER BY 4 DESC, t.name"""


@dataclass(frozen=True, kw_only=True)
class Line:
    id: UUID
    name: str
    phone: str
    about: str
    service_code: str
    team_id: UUID
    owner_post_id: UUID
    state: str
    tries: int
    asked_at: datetime
    due_at: datetime
    missed_at: datetime | None
    customer_id: UUID | None
    source: str


@dataclass(frozen=True, kw_only=True)
class TeamFigures:
    """Of messages left in a time, but not those withdrawn untried. `tried_in_time`: the first try came within the deadline."""

    team: str
    asked: int
    tried_in_time: int
    late: int
    still_open_late: int
    repeated: int  # misses of a number that the same team had missed within AGAIN_DAYS
    failed: int

    @property
    def share(self) -> int | None:
        return round(100 * self.tried_in_time / self.asked) if self.asked else None


def waiting(
    *,
    by: Actor,
    teams: Sequence[UUID] | None = None,
    posts: Sequence[UUID] | None = None,
    after: str = "",
    size: int = PAGE,
) -> Page[Line]:
    """Open call-backs, the soonest due first: of some teams, of some posts, or all that `by` may read."""
    cursor = read_cursor(after, length=2) or ["-infinity", str(UUID(int=0))]
    where = {
        "teams": None if teams is None else list(teams),
        "posts": None if posts is None else list(posts),
        "at": cursor[0],
        "id": cursor[1],
        "limit": size + 1,
        "own_teams": list(by.teams),
        "own_posts": list(by.posts),
        **sharing.reach(by).parameters,
    }
    names = tuple(Line.__dataclass_fields__)
    rows = [Line(**dict(zip(names, row, strict=True))) for row in fetch_all(_LINES, where)]
    return page_of(rows, size=size, key=lambda row: (row.due_at.isoformat(), row.id))


def reads(by: Actor, call_back: CallBack) -> bool:
    """Whoever is to ring, and those who may read what its service holds of this customer. At most one query."""
    if call_back.team_id in by.teams or call_back.owner_post_id in by.posts:
        return True
    customer_id = call_back.customer_id
    reach = sharing.reach_of(by, customer_id) if customer_id else sharing.reach(by)
    return reach.opens(call_back.service_code)


def one(call_back_id: UUID, *, by: Actor) -> tuple[CallBack, list[CallBackTry]]:
    """Raises NotFound, also for what another service holds."""
    found = CallBack.objects.select_related("team", "owner_post", "taken_by").filter(pk=call_back_id).first()
    if found is None or not reads(by, found):
        raise NotFound
    return found, list(found.attempts.select_related("by").order_by("at", "id"))


def open_of(customer_id: UUID) -> list[CallBack]:
    """Who of us still has to call this customer back, the soonest due first."""
    rows = CallBack.objects.filter(customer_id=customer_id, state__in=OPEN_CALL_BACKS).select_related("owner_post")
    return list(rows.order_by("due_at")[:10])


def of_contact(contact_id: UUID) -> list[CallBack]:
    """What was promised in a conversation, the first first."""
    return list(CallBack.objects.filter(contact_id=contact_id).select_related("owner_post").order_by("asked_at", "id"))


def by_team(*, since: datetime, until: datetime, at: datetime) -> list[TeamFigures]:
    """How teams keep the deadline, the worst first. One statement."""
    found = fetch_all(_BY_TEAM, {"at": at, "since": since, "until": until, "again": AGAIN_DAYS})
    names = tuple(TeamFigures.__dataclass_fields__)
    return [TeamFigures(**dict(zip(names, row, strict=True))) for row in found]


def count_for(by: Actor, *, at: datetime) -> tuple[int, int]:
    """How many this person's posts and teams have open, and how many of them are late."""
    row = fetch_all(
        """SELECT count(*), count(*) FILTER (WHERE due_at < %s) FROM contacts_callback
           WHERE state IN ('due', 'tried') AND (owner_post_id = ANY(%s) OR team_id = ANY(%s))""",
        (at, list(by.posts), list(by.teams)),
    )[0]
    return int(row[0]), int(row[1])
