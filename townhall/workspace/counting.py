"""How many open cases there are of each kind, for the numbers beside the filters.

All open cases are counted in one statement and kept for a few seconds in each process, so a queue page never waits for a count of
its own. The page says when they were counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, repeat
from uuid import UUID

from townhall.cases.models import OPEN_JOBS_IN_SQL
from townhall.cases.states import OPEN_IN_SQL
from townhall.core.db import fetch_all
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date, now
from townhall.workspace.filters import CONTRACTOR, Filters

SECONDS = 10.0

_OPEN = f"""SELECT doer_team_id, state, service_code, ward_code, doer_post_id, due_on < %s, count(*) FROM cases_case
    WHERE state IN {OPEN_IN_SQL} GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608 - constants only
_SENT_OUT = f"""SELECT j.from_team_id, c.state, c.service_code, c.ward_code, c.doer_post_id, c.due_on < %s, count(*)
    FROM cases_contractorjob j JOIN cases_case c ON c.id = j.case_id
    WHERE j.state IN {OPEN_JOBS_IN_SQL} AND c.state IN {OPEN_IN_SQL} GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608 - constants only


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
    with_contractor: int  # sent out by these teams: in no number but this one, unless it is what is filtered for
    late: int


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    at: datetime
    today: date
    by_team: Mapping[UUID, list[Group]]
    sent_out: Mapping[UUID, list[Group]]  # with a contractor, by the team that sent it
    _kept: dict[tuple[object, ...], Numbers] = field(default_factory=dict)

    def numbers(self, teams: Iterable[UUID], filters: Filters, *, posts: frozenset[UUID]) -> Numbers:
        """Counted once for each set of filters in the life of the snapshot."""
        key = (frozenset(teams), filters.key(), posts)
        found = self._kept.get(key)
        if found is None:
            sent_out = [group for team in key[0] for group in self.sent_out.get(team, ())]
            found = self._kept[key] = _numbers(self._groups(key[0]), sent_out, filters, posts)
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
    return Snapshot(at=at, today=today, by_team=_grouped(_OPEN, today), sent_out=_grouped(_SENT_OUT, today))


def _grouped(statement: str, today: date) -> dict[UUID, list[Group]]:
    found: dict[UUID, list[Group]] = defaultdict(list)
    for team, state, service, ward, post, is_late, count in fetch_all(statement, (today,)):
        group = Group(state=state, service=service, ward=ward, post=post, is_late=is_late, count=count)
        found[team].append(group)
    return found


_counted = Refreshing(_count, seconds=SECONDS)


def counted() -> Snapshot:
    """The numbers, at most SECONDS old."""
    return _counted.get()


def _numbers(own: list[Group], sent_out: list[Group], filters: Filters, posts: frozenset[UUID]) -> Numbers:
    """One pass: a group counts for a filter's values when every other filter lets it through."""
    total = mine = unassigned = with_contractor = late = 0
    states: Counter[str] = Counter()
    services: Counter[str] = Counter()
    wards: Counter[str] = Counter()
    for is_out, group in chain(zip(repeat(False), own), zip(repeat(True), sent_out)):
        is_mine, is_free = group.post in posts, group.post is None
        misses = [
            name
            for name, holds in (
                ("state", not filters.state or group.state == filters.state),
                ("service", not filters.service or group.service == filters.service),
                ("ward", not filters.ward or group.ward == filters.ward),
                ("whose", _holds(filters.whose, is_mine=is_mine, is_free=is_free, is_out=is_out)),
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
            with_contractor += group.count if is_out else 0
            mine += group.count if is_mine and not is_out else 0
            unassigned += group.count if is_free and not is_out else 0
        if missed in ("", "late"):
            late += group.count if group.is_late else 0
    return Numbers(
        total=total,
        states=dict(states),
        services=dict(services),
        wards=dict(wards),
        mine=mine,
        unassigned=unassigned,
        with_contractor=with_contractor,
        late=late,
    )


def _holds(whose: str, *, is_mine: bool, is_free: bool, is_out: bool) -> bool:
    if is_out or whose == CONTRACTOR:
        return is_out and whose == CONTRACTOR
    return is_mine if whose == "mine" else is_free if whose == "unassigned" else True
