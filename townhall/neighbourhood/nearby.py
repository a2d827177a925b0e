"""What is near a spot, and the lists of applications, events and councillors. Distances are metres in the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.neighbourhood.models import Councillor, Event, Proposal, ProposalComment
from townhall.places import grid
from townhall.places.text import folded

HALF_A_MILE = 805  # metres
PAGE = 20
EVENT_DAYS = 60  # ahead

_COLUMNS = """id, kind, reference, description, location, category, status, is_open, decision, received_on, comment_from_on,
    comment_until_on, target_on, decided_on, responses_for, responses_against, url, uprn, easting, northing, ward_code, updated_at"""
_NEAR = f"""SELECT {_COLUMNS}, point(easting, northing) <-> point(%(x)s, %(y)s) AS metres FROM neighbourhood_proposal
    WHERE easting IS NOT NULL AND point(easting, northing) <@ circle(point(%(x)s, %(y)s), %(metres)s)
    AND (is_open OR NOT %(only_open)s) AND (point(easting, northing) <-> point(%(x)s, %(y)s), id) > (%(after)s, %(after_id)s)
    ORDER BY metres, id LIMIT %(limit)s"""  # noqa: S608 - pieces of ours alone
_ONE = f"SELECT {_COLUMNS}, NULL FROM neighbourhood_proposal WHERE id = %s"  # noqa: S608 - pieces of ours alone
_EVENTS = """SELECT id, title, location, url, starts_at, ends_at, easting, northing,
    point(easting, northing) <-> point(%s, %s) AS metres FROM neighbourhood_event
    WHERE easting IS NOT NULL AND point(easting, northing) <@ circle(point(%s, %s), %s) AND coalesce(ends_at, starts_at) >= %s
    AND starts_at < %s ORDER BY starts_at, id LIMIT %s"""
_FIRST = UUID(int=0)
_LAST = UUID(int=2**128 - 1)
_NO_DATE = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """An application in a list. `metres` from where it was looked for; None in a list that is not of a spot."""

    id: UUID
    kind: Proposal.Kind
    reference: str
    description: str
    location: str
    category: str
    status: str
    is_open: bool
    decision: str
    received_on: date | None
    comment_from_on: date | None
    comment_until_on: date | None
    target_on: date | None  # by when it is to be decided
    decided_on: date | None
    responses_for: int | None
    responses_against: int | None
    url: str  # the papers, in the source
    uprn: str
    easting: int | None
    northing: int | None
    ward_code: str
    updated_at: datetime
    metres: float | None = None

    @property
    def degrees(self) -> tuple[float, float] | None:
        """Latitude and longitude."""
        if self.easting is None or self.northing is None:
            return None
        return grid.to_wgs84(self.easting, self.northing)

    @property
    def title(self) -> str:
        return self.location or self.reference


@dataclass(frozen=True, kw_only=True)
class EventLine:
    id: UUID
    title: str
    location: str
    url: str
    starts_at: datetime
    ends_at: datetime | None
    easting: int
    northing: int
    metres: float


def near(
    easting: int,
    northing: int,
    *,
    metres: int = HALF_A_MILE,
    only_open: bool = True,
    after: str = "",
    size: int = PAGE,
) -> Page[ProposalLine]:
    """Applications within so many metres, nearest first, from the cursor on. One query."""
    cursor = read_cursor(after, length=2)
    try:
        beyond, beyond_id = (float(cursor[0]), UUID(cursor[1])) if cursor else (-1.0, _FIRST)
    except ValueError:
        beyond, beyond_id = -1.0, _FIRST
    rows = fetch_all(
        _NEAR,
        {
            "x": float(easting),
            "y": float(northing),
            "metres": float(metres),
            "only_open": only_open,
            "after": beyond,
            "after_id": beyond_id,
            "limit": size + 1,
        },
    )
    return page_of([_line(row) for row in rows], size=size, key=lambda line: (repr(line.metres), line.id))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a search asks for; what is empty or False asks nothing."""

    words: str = ""
    kind: str = ""
    ward: str = ""
    only_open: bool = False


def search(wanted: Wanted, *, after: str = "", size: int = PAGE) -> Page[ProposalLine]:
    """Applications newest first, from the cursor on. A word fits within others: `conserv` finds a conservatory. One query."""
    words = folded(wanted.words)[:100].split()
    cursor = read_cursor(after, length=2)
    try:
        before, before_id = (date.fromisoformat(cursor[0]), UUID(cursor[1])) if cursor else (date.max, _LAST)
    except ValueError:
        before, before_id = date.max, _LAST
    values: list[object] = [before, before_id, *(f"%{word}%" for word in words)]
    values += [value for value in (wanted.kind, wanted.ward) if value]
    statement = _search_statement(len(words), bool(wanted.kind), bool(wanted.ward), wanted.only_open)
    rows = fetch_all(statement, (*values, size + 1))
    return page_of([_line(row) for row in rows], size=size, key=lambda line: (line.received_on or _NO_DATE, line.id))


@lru_cache(maxsize=500)
def _search_statement(words: int, has_kind: bool, has_ward: bool, only_open: bool) -> str:
    asked = [
        "(coalesce(received_on, '1900-01-01'::date), id) < (%s, %s)",
        *["search_text LIKE %s"] * words,
        *["kind = %s"] * has_kind,
        *["ward_code = %s"] * has_ward,
        *["is_open"] * only_open,
    ]
    return f"""SELECT {_COLUMNS}, NULL FROM neighbourhood_proposal WHERE {" AND ".join(asked)}
        ORDER BY coalesce(received_on, '1900-01-01'::date) DESC, id DESC LIMIT %s"""  # noqa: S608 - pieces of ours alone


def events_near(
    easting: int, northing: int, *, at: datetime, metres: int = HALF_A_MILE, size: int = PAGE
) -> list[EventLine]:
    """Events within so many metres that are not over, of the next 60 days, soonest first. One query."""
    x, y = float(easting), float(northing)
    until = at + timedelta(days=EVENT_DAYS)
    rows = fetch_all(_EVENTS, (x, y, x, y, float(metres), at, until, size))
    names = ("id", "title", "location", "url", "starts_at", "ends_at", "easting", "northing", "metres")
    return [EventLine(**dict(zip(names, row, strict=True))) for row in rows]


def proposal(proposal_id: UUID) -> ProposalLine | None:
    rows = fetch_all(_ONE, (proposal_id,))
    return _line(rows[0]) if rows else None


def published_comments(proposal_id: UUID) -> list[ProposalComment]:
    """What the public may read, in order of receipt; at most 500."""
    shown = ProposalComment.objects.filter(proposal_id=proposal_id, state=ProposalComment.State.PUBLISHED)
    return list(shown.order_by("received_at", "id")[:500])


def comments_waiting(*, size: int = PAGE) -> list[ProposalComment]:
    """Comments that staff have not read, oldest first, each with its application."""
    waiting = ProposalComment.objects.filter(state=ProposalComment.State.WAITING).select_related("proposal")
    return list(waiting.order_by("received_at", "id")[:size])


def events_in(ward_code: str, *, at: datetime, size: int = PAGE) -> list[Event]:
    """Of the next 60 days, soonest first."""
    coming = Event.objects.filter(ward_code=ward_code, starts_at__gte=at, starts_at__lt=at + timedelta(days=EVENT_DAYS))
    return list(coming.order_by("starts_at", "id")[:size])


def councillors_of(ward_code: str) -> list[Councillor]:
    """In order of name. One query; empty for no ward."""
    return (
        list(Councillor.objects.filter(ward_code=ward_code, ended_at__isnull=True).order_by("name"))
        if ward_code
        else []
    )


_NAMES = tuple(ProposalLine.__dataclass_fields__)


def _line(row: Sequence[Any]) -> ProposalLine:
    values = dict(zip(_NAMES, row, strict=True))
    return ProposalLine(**{**values, "kind": Proposal.Kind(values["kind"])})
