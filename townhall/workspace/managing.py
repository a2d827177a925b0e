"""What managers look at: cases raised to them, past their limits, passed around, and growing old. Each list is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from townhall.cases.states import OPEN_IN_SQL, State
from townhall.core.db import fetch_all, fetch_one
from townhall.workspace.queue import post_title, service_name, team_name

LIMIT = 200
PASSED = 3  # hand-offs beyond which a case is on the list, unless asked otherwise
LOOKS_BACK = timedelta(days=90)

_CASE = """c.reference, c.service_code, c.state, coalesce(nullif(c.address, ''), c.place_words), c.doer_team_id, c.doer_post_id,
    c.due_on, c.opened_at"""
_CONTACT = "(SELECT max(k.at) FROM cases_casecontact k WHERE k.case_id = c.id)"
_OPEN = f"c.state IN {OPEN_IN_SQL}"

_RAISED = f"""SELECT {_CASE}, {_CONTACT}, e.id, e.reason, e.at, e.seen_at, e.to_post_id
    FROM cases_escalation e JOIN cases_case c ON c.id = e.case_id
    WHERE e.to_post_id = ANY(%s) AND {_OPEN} ORDER BY e.seen_at IS NOT NULL, e.at, e.id LIMIT {LIMIT}"""  # noqa: S608
# The oldest clocks that ran out and still run: every open case has one of each kind.
_PAST = f"""SELECT {_CASE}, {_CONTACT}, k.due_at
    FROM clocks_clock k JOIN cases_case c ON c.id = k.case_id
    WHERE k.kind = %s AND k.state IN ('running', 'paused') AND k.due_at < %s AND {_OPEN}
    AND (%s::uuid[] IS NULL OR c.doer_team_id = ANY(%s::uuid[]))
    ORDER BY k.due_at, c.id LIMIT {LIMIT}"""  # noqa: S608
_UNANSWERED = f"""SELECT {_CASE}, {_CONTACT}, h.answer_due_at, h.from_team_id, h.to_team_id
    FROM cases_handoff h JOIN cases_case c ON c.id = h.case_id
    WHERE h.state = 'offered' AND h.answer_due_at < %s ORDER BY h.answer_due_at, h.id LIMIT {LIMIT}"""  # noqa: S608
_PASSED = f"""SELECT {_CASE}, {_CONTACT}, c.hops
    FROM cases_case c WHERE c.hops > %s AND c.id IN
    (SELECT h.case_id FROM cases_handoff h WHERE h.answered_at > %s) ORDER BY c.hops DESC, c.opened_at LIMIT {LIMIT}"""  # noqa: S608
_PASSED_COUNT = """SELECT count(*) FROM cases_case c WHERE c.hops > %s AND c.id IN
    (SELECT h.case_id FROM cases_handoff h WHERE h.answered_at > %s)"""

_REACHED = f"""SELECT {_CASE}, {_CONTACT}, r.at, r.councillor, r.cause, r.case_id
    FROM cases_reachedcouncillor r JOIN cases_case c ON c.id = r.case_id
    WHERE r.at >= %s AND r.at < %s ORDER BY c.service_code, r.at LIMIT {LIMIT}"""  # noqa: S608
_REACHED_COUNTS = """SELECT c.service_code, r.cause, count(DISTINCT r.case_id)
    FROM cases_reachedcouncillor r JOIN cases_case c ON c.id = r.case_id
    WHERE r.at >= %s AND r.at < %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case on a manager's list. `contacted_at`: when a customer last was in touch about it."""

    reference: str
    service: str
    state: State
    place: str
    team: str
    holder: str
    due_on: date
    opened_at: datetime
    contacted_at: datetime | None
    more: tuple[Any, ...]  # what the list is about


def raised_to(posts: Sequence[UUID]) -> list[Line]:
    """Open cases raised to these posts, those not seen yet first; more: id, reason, at, seen_at, post."""
    return _lines(fetch_all(_RAISED, (list(posts),)))


def past_decision(at: datetime, *, teams: Sequence[UUID] | None = None) -> list[Line]:
    """Open past the limit by which they had to be decided, the oldest first; more: the limit."""
    return _past("case.decision", at, teams)


def past_referral(at: datetime, *, teams: Sequence[UUID] | None = None) -> list[Line]:
    """Open past the age at which they go to the senior manager, the oldest first; more: that moment."""
    return _past("case.referral", at, teams)


def unanswered(at: datetime) -> list[Line]:
    """Offers whose time to answer is over; more: that moment, from team, to team."""
    return [_line(row, (row[9], team_name(row[10]), team_name(row[11]))) for row in fetch_all(_UNANSWERED, (at,))]


def passed(at: datetime, *, more_than: int) -> tuple[list[Line], int]:
    """Cases handed on more than so many times with a hand-off in the last 90 days, and how many they are; more: the count."""
    since = at - LOOKS_BACK
    count = fetch_one(_PASSED_COUNT, (more_than, since))
    return _lines(fetch_all(_PASSED, (more_than, since))), int(count[0]) if count else 0


def reached_councillors(since: datetime, until: datetime) -> list[Line]:
    """Cases that reached a councillor, by service; more: when, who, and the cause's code."""
    return _lines(fetch_all(_REACHED, (since, until)))


def reached_counts(since: datetime, until: datetime) -> list[tuple[str, str, int]]:
    """Of the same, service, cause's code and how many cases, the most first."""
    return [(service_name(code), cause, many) for code, cause, many in fetch_all(_REACHED_COUNTS, (since, until))]


def _past(kind: str, at: datetime, teams: Sequence[UUID] | None) -> list[Line]:
    wanted = None if teams is None else list(teams)
    return _lines(fetch_all(_PAST, (kind, at, wanted, wanted)))


def _lines(rows: list[tuple[Any, ...]]) -> list[Line]:
    return [_line(row, row[9:]) for row in rows]


def _line(row: tuple[Any, ...], more: tuple[Any, ...]) -> Line:
    reference, service_code, state, place, team_id, post_id, due_on, opened_at, contacted_at = row[:9]
    return Line(
        reference=reference,
        service=service_name(service_code),
        state=State(state),
        place=place,
        team=team_name(team_id),
        holder=post_title(post_id) if post_id else "",
        due_on=due_on,
        opened_at=opened_at,
        contacted_at=contacted_at,
        more=more,
    )
