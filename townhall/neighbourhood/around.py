"""Everything near an address for a page about it, in one statement more than finding the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from townhall.core.db import fetch_one
from townhall.neighbourhood.nearby import EVENT_DAYS, HALF_A_MILE
from townhall.places import queries as places
from townhall.places.place import Place

MOST = 10  # of each
_AROUND = """SELECT json_build_object(
    'proposals', (SELECT coalesce(json_agg(p ORDER BY p.metres, p.id), '[]') FROM (
        SELECT id, kind, reference, description, location, status, received_on, comment_until_on, easting, northing,
            point(easting, northing) <-> point(%(x)s, %(y)s) AS metres FROM neighbourhood_proposal
        WHERE is_open AND easting IS NOT NULL AND point(easting, northing) <@ circle(point(%(x)s, %(y)s), %(metres)s)
        ORDER BY metres, id LIMIT %(most)s) p),
    'events', (SELECT coalesce(json_agg(e ORDER BY e.starts_at, e.id), '[]') FROM (
        SELECT id, title, location, url, starts_at, ends_at, point(easting, northing) <-> point(%(x)s, %(y)s) AS metres
        FROM neighbourhood_event WHERE easting IS NOT NULL AND point(easting, northing) <@ circle(point(%(x)s, %(y)s), %(metres)s)
            AND coalesce(ends_at, starts_at) >= %(at)s AND starts_at < %(until)s
        ORDER BY starts_at, id LIMIT %(most)s) e),
    'councillors', (SELECT coalesce(json_agg(c ORDER BY c.name, c.id), '[]') FROM (
        SELECT id, name, party, email, phone, url FROM neighbourhood_councillor
        WHERE ward_code = %(ward)s AND ward_code <> '' AND ended_at IS NULL) c))::text"""


class NearProposal(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    reference: str
    description: str
    location: str
    status: str
    received_on: date | None
    comment_until_on: date | None
    easting: int
    northing: int
    metres: float


class NearEvent(msgspec.Struct, frozen=True):
    id: UUID
    title: str
    location: str
    url: str
    starts_at: datetime
    ends_at: datetime | None
    metres: float


class WardCouncillor(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    party: str
    email: str
    phone: str
    url: str  # their page, in the committee system


class _Found(msgspec.Struct):
    proposals: list[NearProposal]
    events: list[NearEvent]
    councillors: list[WardCouncillor]


@dataclass(frozen=True, kw_only=True)
class Around:
    """Open applications (nearest first), events (soonest first) and the ward's councillors; at most ten of each."""

    place: Place
    proposals: list[NearProposal]
    events: list[NearEvent]
    councillors: list[WardCouncillor]


def around(uprn: str, *, at: datetime, metres: int = HALF_A_MILE) -> Around | None:
    """What is near an address; None when it is not known. Two queries."""
    found = places.address(uprn)
    return around_place(found.place, at=at, metres=metres) if found else None


def around_place(place: Place, *, at: datetime, metres: int = HALF_A_MILE) -> Around:
    """As `around`, of a place with its grid and ward filled in. One query."""
    assert place.easting is not None
    assert place.northing is not None
    row = fetch_one(
        _AROUND,
        {
            "x": float(place.easting),
            "y": float(place.northing),
            "metres": float(metres),
            "at": at,
            "until": at + timedelta(days=EVENT_DAYS),
            "ward": place.ward_code,
            "most": MOST,
        },
    )
    assert row is not None
    here = msgspec.json.decode(row[0], type=_Found)
    return Around(place=place, proposals=here.proposals, events=here.events, councillors=here.councillors)
