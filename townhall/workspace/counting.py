"""How many open cases there are of each kind, for the numbers beside the filters.

All open cases are counted in one statement and kept for a few seconds in each process, so a queue page never waits for a count of
its own. The page says when they were counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date, now
from townhall.workspace.filters import Filters

SECONDS = 10.0

_OPEN = """SELECT doer_team_id, state, service_code, ward_code, doer_post_id, due_on < %s, count(*) FROM cases_case
    WHERE state IN ('awaiting_decision', 'accepted', 'waiting_for_customer', 'done') GROUP BY 1, 2, 3, 4, 5, 6"""


@dataclass(frozen=True, kw_only=True)
class Group:
    state: str
    service: str
    ward: str
    post: UUID | None
    is_late: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """For each filter, how many cases each of its values would show, the other filters staying as they are."""

    total: int
    states: Mapping[str, int]
    services: Mapping[str, int]
    wards: Mapping[str, int]
    mine: int
    unassigned: int
    late: int


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    at: datetime
    today: date
    by_team: Mapping[UUID, list[Group]]
    _kept: dict[tuple[object, ...], Numbers] = field(default_factory=dict)

    def numbers(self, teams: Iterable[UUID], filters: Filters, *, posts: frozenset[UUID]) -> Numbers:
        """Counted once for each set of filters in the life of the snapshot."""
        key = (frozenset(teams), filters.key(), posts)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = _numbers(self._groups(teams), filters, posts)
        return found

    def open_in(self, teams: Iterable[UUID]) -> int:
        return sum(group.count for group in self._groups(teams))

    def late_in(self, teams: Iterable[UUID]) -> int:
        return sum(group.count for group in self._groups(teams) if group.is_late)

    def _groups(self, teams: Iterable[UUID]) -> list[Group]:
        return [group for team in teams for group in self.by_team.get(team, ())]


def _count() -> Snapshot:
    at = now()
    today = council_date(at)
    found: dict[UUID, list[Group]] = defaultdict(list)
    for team, state, service, ward, post, is_late, count in fetch_all(_OPEN, (today,)):
        group = Group(state=state, service=service, ward=ward, post=post, is_late=is_late, count=count)
        found[team].append(group)
    return Snapshot(at=at, today=today, by_team=found)


_counted = Refreshing(_count, seconds=SECONDS)


def counted() -> Snapshot:
    """The numbers, at most SECONDS old."""
    return _counted.get()


def _numbers(groups: list[Group], filters: Filters, posts: frozenset[UUID]) -> Numbers:
    """One pass: a group counts for a filter's values when every other filter lets it through."""
    total = mine = unassigned = late = 0
    states: Counter[str] = Counter()
    services: Counter[str] = Counter()
    wards: Counter[str] = Counter()
    for group in groups:
        is_mine = group.post in posts
        misses = [
            name
            for name, holds in (
                ("state", not filters.state or group.state == filters.state),
                ("service", not filters.service or group.service == filters.service),
                ("ward", not filters.ward or group.ward == filters.ward),
                ("whose", _holds(filters.whose, is_mine=is_mine, is_free=group.post is None)),
                ("late", not filters.late or group.is_late),
            )
            if not holds
        ]
        if len(misses) > 1:
            continue
        missed = misses[0] if misses else ""
        if not missed:
            total += group.count
        if missed in ("", "state"):
            states[group.state] += group.count
        if missed in ("", "service"):
            services[group.service] += group.count
        if missed in ("", "ward"):
            wards[group.ward] += group.count
        if missed in ("", "whose"):
            mine += group.count if is_mine else 0
            unassigned += group.count if group.post is None else 0
        if missed in ("", "late"):
            late += group.count if group.is_late else 0
    return Numbers(
        total=total,
        states=dict(states),
        services=dict(services),
        wards=dict(wards),
        mine=mine,
        unassigned=unassigned,
        late=late,
    )


def _holds(whose: str, *, is_mine: bool, is_free: bool) -> bool:
    return is_mine if whose == "mine" else is_free if whose == "unassigned" else True
