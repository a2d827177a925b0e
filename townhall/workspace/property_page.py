"""What is going on at one address, for whoever is asked: what comes to it, what is reported and applied for, and who is linked to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from townhall.cases.access import cases_visible_to
from townhall.cases.models import OPEN_STATES, Case
from townhall.core.actors import Actor
from townhall.core.db import at_once
from townhall.core.time import council_date
from townhall.customers import household
from townhall.customers.household import LivesHere
from townhall.customers.reasons import PROPERTY
from townhall.ledger import operations as ledger
from townhall.neighbourhood import around
from townhall.neighbourhood.around import NearProposal, WardCouncillor
from townhall.neighbourhood.models import Incident
from townhall.neighbourhood.queries import NextCollection, incidents_at, next_collections
from townhall.places import queries as places
from townhall.places.place import Place
from townhall.places.whereabouts import parking_zone, wards, whole
from townhall.workspace.case_line import CaseLine
from townhall.workspace.customer_page import line_of

BESIDE = 100  # metres: applications and reports as near as this are about the street in front of the door
MOST = 20
PAGE = "property"
_NEAR = """cases_case.easting IS NOT NULL
    AND point(cases_case.easting, cases_case.northing) <@ box(point(%s, %s), point(%s, %s))"""


@dataclass(frozen=True, kw_only=True)
class Property:
    """An address with all there is to say of it. `here`: open cases at it; `beside`: those within so many metres."""

    uprn: str
    line: str
    place: Place
    ward: str
    zone: str
    collections: Sequence[NextCollection]
    incidents: Sequence[Incident]
    here: Sequence[CaseLine]
    beside: Sequence[CaseLine]
    proposals: Sequence[NearProposal]
    councillors: Sequence[WardCouncillor]
    customers: Sequence[LivesHere]


def of(uprn: str, *, by: Actor, at: datetime) -> Property | None:
    """One address; None when it is not in the gazetteer. Who lives there is for those who may see customers; the look is kept with each.

    A fixed number of queries: about ten.
    """
    found = places.address(uprn)
    if found is None:
        return None
    place = whole(found.place)
    near = around.around_place(place, at=at, metres=BESIDE) if place.easting is not None else None
    living = household.at_properties({found.code}, by=by, on=council_date(at))
    if living:
        with at_once():
            for one in living:
                ledger.looked(by=by, at=at, customer_id=one.id, page=PAGE, reason=PROPERTY)
    here = _cases(by, uprn=found.code)
    return Property(
        uprn=found.code,
        line=found.label,
        place=place,
        ward=dict(wards()).get(place.ward_code, ""),
        zone=parking_zone(place.easting, place.northing),
        collections=next_collections(found.code, at=at),
        incidents=list(incidents_at(found.code, at=at)[:MOST]),
        here=[line_of(case) for case in here],
        beside=_beside(by, place, besides=here),
        proposals=near.proposals if near else [],
        councillors=near.councillors if near else [],
        customers=living,
    )


def _cases(by: Actor, *, uprn: str) -> list[Case]:
    found = cases_visible_to(by).filter(uprn=uprn, state__in=OPEN_STATES)
    return list(found.order_by("-opened_at", "-id")[:MOST])


def _beside(by: Actor, place: Place, *, besides: Sequence[Case]) -> list[CaseLine]:
    """Open reports in the street in front of it, the newest first."""
    if place.easting is None or place.northing is None:
        return []
    corner = (place.easting - BESIDE, place.northing - BESIDE, place.easting + BESIDE, place.northing + BESIDE)
    near = RawSQL(_NEAR, corner, output_field=BooleanField())  # noqa: S611 - our own words, typed by nobody
    found = cases_visible_to(by).filter(near, state__in=OPEN_STATES).exclude(pk__in=[case.pk for case in besides])
    return [line_of(case) for case in found.order_by("-opened_at", "-id")[:MOST]]
