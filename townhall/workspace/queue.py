"""A team's open cases, soonest promise first: one statement a page, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.access import SEE_ALL
from townhall.cases.models import OPEN_JOBS_IN_SQL
from townhall.cases.states import OPEN_IN_SQL, State
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.db import fetch_all, fetch_one
from townhall.core.errors import NotFound
from townhall.core.paging import cursor_of, read_cursor
from townhall.customers import sharing
from townhall.workspace.filters import CONTRACTOR, Filters

SIZE = 25
DANGER = 10  # priority from which a case is marked urgent

_COLUMNS = """c.id, c.reference, c.service_code, c.state, c.address, c.place_words, c.due_on, c.scheduled_on, c.doer_team_id,
    c.doer_post_id, c.followers, c.chasers, c.priority, c.opened_at"""
# Its time to be opened again, or to tell the customer, ended when a new promise began. (A clean-up that was undone brings back the
# promise of before, by its date.)
_REOPENED = """EXISTS (SELECT 1 FROM clocks_clock k JOIN clocks_clock p ON p.case_id = k.case_id AND p.kind = 'case.promise'
        AND p.started_at = k.finished_at AND p.amount IS NOT NULL
    WHERE k.case_id = r.id AND k.kind IN ('case.reopen_window', 'case.telling') AND k.state = 'stopped')"""
# Of other teams' work only what their services share on a lawful basis (customers.sharing).
_SHARED = "((c.service_code = ANY(%s::text[])) IS DISTINCT FROM %s OR c.doer_team_id = ANY(%s))"
_OPEN = f"c.state IN {OPEN_IN_SQL}"
_OF_TEAM = f"cases_case c WHERE c.doer_team_id = t.id AND {_OPEN}"
_SENT_OUT = f"""cases_contractorjob j JOIN cases_case c ON c.id = j.case_id
    WHERE j.from_team_id = t.id AND j.state IN {OPEN_JOBS_IN_SQL} AND {_OPEN}"""

_OFFERED = f"""SELECT {_COLUMNS}, h.id, h.from_team_id, h.answer_due_at, h.note
    FROM cases_handoff h JOIN cases_case c ON c.id = h.case_id
    WHERE h.state = 'offered' AND h.to_team_id = ANY(%s) ORDER BY h.answer_due_at, h.id LIMIT 100"""  # noqa: S608
_OFFER_COUNT = "SELECT count(*) FROM cases_handoff WHERE state = 'offered' AND to_team_id = ANY(%s)"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A case as the queue shows it. `place` is for staff: it may name a house."""

    id: UUID
    reference: str
    service: str
    state: State
    place: str
    due_on: date
    scheduled_on: date | None
    team_id: UUID
    holder: str  # the post that took it, or ""
    followers: int
    chasers: int
    is_urgent: bool
    opened_at: datetime
    is_reopened: bool = False


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A case on offer to one of the reader's teams."""

    row: Row
    handoff_id: UUID
    from_team: str
    answer_due_at: datetime
    note: str


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """Cursors are empty where the list ends."""

    rows: Sequence[Row]
    before: str
    after: str


def page(
    teams: Sequence[UUID], filters: Filters, *, by: Actor, today: date, after: str = "", before: str = ""
) -> QueuePage:
    """A page after or before a cursor. The caller has checked that `by` may see these teams' cases."""
    back = _cursor(before)
    start = back or _cursor(after)
    statement, parameters = _statement(filters, by=by, today=today, start=start, is_back=back is not None)
    found = fetch_all(statement, (list(teams), *parameters))
    more = len(found) > SIZE
    shown = found[:SIZE]
    if back is not None:
        shown = shown[::-1]
    rows = [_row(one) for one in shown]
    return QueuePage(
        rows=rows,
        before=_cursor_at(rows[0]) if rows and (more if back is not None else start is not None) else "",
        after=_cursor_at(rows[-1]) if rows and (more or back is not None) else "",
    )


def _statement(
    filters: Filters, *, by: Actor, today: date, start: tuple[date, UUID] | None, is_back: bool
) -> tuple[str, list[object]]:
    """Put together from constants of ours: each combination of filters is one prepared statement.

    Each team's soonest are read by the index of its queue, then merged: a page costs a page of each team.
    """
    reach = sharing.reach(by)
    shared = [sorted(reach.named), reach.by_default, list(by.teams)]
    possible: tuple[tuple[object, str, list[object]], ...] = (
        (by.roles & SEE_ALL and not reach.is_whole, _SHARED, shared),
        (filters.state, "c.state = %s", [filters.state]),
        (filters.service, "c.service_code = %s", [filters.service]),
        (filters.ward, "c.ward_code = %s", [filters.ward]),
        (filters.whose == "mine", "c.doer_post_id = ANY(%s)", [list(by.posts)]),
        (filters.whose == "unassigned", "c.doer_post_id IS NULL", []),
        (filters.late, "c.due_on < %s", [today]),
        (start is not None, f"(c.due_on, c.id) {'<' if is_back else '>'} (%s, %s)", list(start or ())),
    )
    wanted = [(condition, values) for is_wanted, condition, values in possible if is_wanted]
    conditions = "".join(f" AND {condition}" for condition, _values in wanted)
    order = "due_on DESC, id DESC" if is_back else "due_on, id"
    source = _SENT_OUT if filters.whose == CONTRACTOR else _OF_TEAM
    statement = (
        f"SELECT r.*, {_REOPENED} FROM (SELECT r.* FROM unnest(%s::uuid[]) t(id), LATERAL (SELECT {_COLUMNS} FROM"  # noqa: S608
        f" {source}{conditions} ORDER BY {order} LIMIT {SIZE + 1}) r"
        f" ORDER BY {order} LIMIT {SIZE + 1}) r ORDER BY {order}"
    )
    return statement, [value for _condition, values in wanted for value in values]


def offered_to(teams: Sequence[UUID]) -> list[Offered]:
    """What other teams offer to these, the soonest answer first."""
    return [
        Offered(
            row=_row(one[:14]),
            handoff_id=one[14],
            from_team=directory.team_by_id(one[15]).name,
            answer_due_at=one[16],
            note=one[17],
        )
        for one in fetch_all(_OFFERED, (list(teams),))
    ]


def offers_waiting(teams: Sequence[UUID]) -> int:
    row = fetch_one(_OFFER_COUNT, (list(teams),))
    assert row is not None
    return int(row[0])


def _row(row: tuple[Any, ...]) -> Row:
    (case_id, reference, service_code, state, address, words, due_on, scheduled_on, team_id, post_id) = row[:10]
    followers, chasers, priority, opened_at = row[10:14]
    return Row(
        id=case_id,
        reference=reference,
        service=service_name(service_code),
        state=State(state),
        place=address or words,
        due_on=due_on,
        scheduled_on=scheduled_on,
        team_id=team_id,
        holder=post_title(post_id) if post_id else "",
        followers=followers,
        chasers=chasers,
        is_urgent=priority >= DANGER,
        opened_at=opened_at,
        is_reopened=bool(row[14]) if len(row) > 14 else False,
    )


def post_title(post_id: UUID) -> str:
    """The post's title, also when the post was closed while it still held work."""
    try:
        return directory.post_by_id(post_id).title
    except directory.UnknownCode:
        return _("A post that was closed")


def team_name(team_id: UUID) -> str:
    return directory.team_by_id(team_id).name


def service_name(code: str) -> str:
    """The service's name, or its code for one that the catalogue no longer has."""
    try:
        return catalogue.service(code).name
    except NotFound:
        return code


def _cursor(text: str) -> tuple[date, UUID] | None:
    values = read_cursor(text, length=2) if text else None
    if values is None:
        return None
    try:
        return date.fromisoformat(values[0]), UUID(values[1])
    except ValueError:
        return None


def _cursor_at(row: Row) -> str:
    return cursor_of(row.due_on.isoformat(), row.id)
