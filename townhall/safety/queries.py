"""What may be read of markers: a flag with precautions for whoever deals with somebody, the words behind it for few. Every look is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from townhall.accounts import sites
from townhall.accounts.permissions import may, require
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.ids import as_uuid
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.safety.models import Appeal, Incident, Marker
from townhall.safety.states import IN_FORCE, MarkerState

FLAG, DETAIL = "markers.flag", "markers.detail"
SIZE = 30

# A place that a marker is about is looked at again once the person has moved away from it.
_FLAGS = """
    SELECT m.id, m.customer_id, m.kind, m.category, m.severity, m.precautions, m.single_contact, m.state, m.expires_on,
      m.place_uprn <> '' AND NOT EXISTS (SELECT FROM customers_customeraddress a
        WHERE a.customer_id = m.customer_id AND a.uprn = m.place_uprn AND a.until_on IS NULL)
    FROM safety_marker m WHERE m.customer_id = ANY(%s) AND m.state IN ('live', 'under_appeal') AND m.expires_on >= %s
    ORDER BY m.severity DESC, m.id"""


def incidents_visible_to(by: Actor) -> QuerySet[Incident]:
    """Those at the sites where `by` works (accounts.sites), of their own teams, or given to their post to look into."""
    rows = Incident.objects.all()
    if sites.sites_for(by, "safety.manage") is None:
        return rows
    own = Q(team_ids__overlap=list(by.teams)) | Q(investigator_post_id__in=by.posts)
    return rows.filter(own | Q(pk__in=sites.only(rows, by, "safety.manage", column="site_id").values("pk")))


@dataclass(frozen=True, kw_only=True)
class Flag:
    """That there is a marker, and what to do: no word of why."""

    id: UUID
    customer_id: UUID
    kind: str
    category: str
    severity: int
    precautions: Sequence[str]  # codes
    single_contact: str
    state: str
    expires_on: date
    has_moved: bool  # they left the place that it is about: look at it again

    @property
    def kind_words(self) -> str:
        return str(Marker.Kind(self.kind).label)

    @property
    def precaution_words(self) -> list[str]:
        named = f": {self.single_contact}" if self.single_contact else ""
        return [
            str(Marker.Precaution(code).label) + (named if code == Marker.Precaution.SINGLE_CONTACT else "")
            for code in self.precautions
        ]


def markers_of(customer_id: UUID, *, by: Actor, at: datetime, page: str = "marker.flag") -> list[Flag]:
    """The markers in force about one customer, the most serious first; none for whoever may not see them. One query, and the look kept.

    For pages on which somebody is about to deal with the customer, never for lists of customers, exports or their own screens.
    """
    return markers_among([customer_id], by=by, at=at, page=page).get(customer_id, [])


def markers_among(
    customer_ids: Iterable[UUID | None], *, by: Actor, at: datetime, page: str = "marker.flag"
) -> dict[UUID, list[Flag]]:
    """As `markers_of`, for those of several people one of whom is about to be dealt with. One query; a look for each that has one."""
    wanted = sorted({one for one in customer_ids if one is not None})
    if not wanted or not may(by, FLAG).allowed:
        return {}
    found: dict[UUID, list[Flag]] = {}
    for row in fetch_all(_FLAGS, (wanted, council_date(at))):
        found.setdefault(row[1], []).append(_flag(row))
    for customer_id in found:
        ledger.looked(by=by, at=at, customer_id=customer_id, page=page, reason="contact")
    return found


def _flag(row: tuple[Any, ...]) -> Flag:
    return Flag(
        id=row[0],
        customer_id=row[1],
        kind=row[2],
        category=row[3],
        severity=row[4],
        precautions=row[5],
        single_contact=row[6],
        state=row[7],
        expires_on=row[8],
        has_moved=row[9],
    )


def shared_outside(customer_id: UUID, *, at: datetime) -> list[str]:
    """The precautions that were given to somebody outside who has to meet the customer: words of each. One query."""
    rows = Marker.objects.filter(
        customer_id=customer_id, state__in=IN_FORCE, expires_on__gte=council_date(at), shares__isnull=False
    ).distinct()
    return [str(Marker.Precaution(code).label) for row in rows for code in row.precautions]


def detail(marker_id: UUID, *, by: Actor, at: datetime) -> Marker:
    """Everything of one marker, for those who may read it; the look is kept. Raises NotAllowed, NotFound."""
    require(by, DETAIL)
    found = Marker.objects.select_related("customer", "incident").filter(pk=marker_id).first()
    if found is None:
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=found.customer_id, page="marker.detail", reason="register")
    return found


@dataclass(frozen=True, kw_only=True)
class Line:
    """A marker in the register. The customer is named only on its own page."""

    id: UUID
    kind: str
    category: str
    severity: int
    state: str
    proposed_at: datetime
    review_on: date | None
    expires_on: date | None

    @property
    def state_words(self) -> str:
        return str(MarkerState(self.state).label)

    @property
    def category_words(self) -> str:
        return str(Marker.Category(self.category).label)

    @property
    def kind_words(self) -> str:
        return str(Marker.Kind(self.kind).label)


def register(*, by: Actor, at: datetime, state: str = "", after: str = "") -> Page[Line]:
    """The register, newest first: no names, so that it is no list of people. Raises NotAllowed. One query, and the look kept."""
    require(by, DETAIL)
    rows = Marker.objects.order_by("-id")
    if state in MarkerState.values:
        rows = rows.filter(state=state)
    cursor = read_cursor(after, length=1) if after else None
    if cursor and (last := as_uuid(cursor[0])):
        rows = rows.filter(pk__lt=last)
    fields = ("id", "kind", "category", "severity", "state", "proposed_at", "review_on", "expires_on")
    lines = [Line(**row) for row in rows.values(*fields)[: SIZE + 1]]
    ledger.looked(by=by, at=at, customer_id=None, page="marker.register")
    return page_of(lines, size=SIZE, key=lambda one: (one.id,))


def open_appeal(marker: Marker) -> Appeal | None:
    return marker.appeals.filter(decided_at=None).first()
