"""What other code may read of parking permits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from townhall.core.ids import as_uuid
from townhall.core.money import Pence
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.payments.owed import reference_key
from townhall.payments.queries import ToPay, about
from townhall.payments.states import ChargeState
from townhall.permits.issuing import permit_in, token_of
from townhall.permits.models import Band, Permit, Vehicle
from townhall.permits.states import State

SERVICE = "parking-permit"  # of the catalogue
PAGE = 25
MOST_OF_ONE = 20
# Whether there is anything for `of_customer` to read: for a page that asks this of many things in one statement.
OF_CUSTOMER = "EXISTS (SELECT FROM permits_permit WHERE customer_id = %(customer)s)"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A permit as a page shows it. `token` is the address of the holder's own page."""

    id: UUID
    number: str
    token: str
    holder_name: str
    address: str
    zone_code: str
    mark: str
    band: str
    months: int
    price_pence: Pence
    state: State
    starts_on: date | None
    ends_on: date | None
    is_running: bool  # it holds today
    is_over: bool
    is_paid: bool
    is_checked: bool
    change_to: str  # the mark of a vehicle that is still to be paid for
    change_id: UUID | None
    end_reason: str
    refund_pence: Pence
    customer_id: UUID | None
    case_id: UUID
    asked_at: datetime
    site_code: str
    seen: str  # what was seen as evidence, in the words of who checked it
    renews_number: str

    @property
    def state_words(self) -> str:
        return str(self.state.label)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A permit that runs out on a day and is not renewed yet, for whoever reminds its holder."""

    permit_id: UUID
    number: str
    mark: str
    zone_code: str
    ends_on: date
    customer_id: UUID | None
    holder_name: str
    holder_email: str


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What an officer on the street may know of a plate: no name and no address."""

    number: str
    zone_code: str
    starts_on: date
    ends_on: date


def ending_between(first: date, last: date, *, limit: int = 5_000) -> list[Ending]:
    """Issued permits whose last day is from `first` to `last`, both included, and that nobody renews. One query, the earliest first."""
    rows = Vehicle.objects.filter(
        from_at__isnull=False,
        until_at__isnull=True,
        permit__state=State.ISSUED,
        permit__ends_on__gte=first,
        permit__ends_on__lte=last,
    ).exclude(permit__renewals__state__in=[State.ASKED, State.ISSUED])
    found = rows.select_related("permit").order_by("permit__ends_on", "permit_id")[:limit]
    return [
        Ending(
            permit_id=one.permit_id,
            number=one.permit.number,
            mark=one.mark,
            zone_code=one.permit.zone_code,
            ends_on=one.permit.ends_on,
            customer_id=one.permit.customer_id,
            holder_name=one.permit.holder_name,
            holder_email=one.permit.holder_email,
        )
        for one in found
        if one.permit.ends_on is not None
    ]


def allowed_here(mark: str, *, on: date, zone_code: str = "") -> list[Allowed]:
    """Permits that hold on a day for the vehicle with this plate, in one zone or in any. One query, of an index."""
    rows = Vehicle.objects.filter(
        mark_key=reference_key(mark),
        from_at__isnull=False,
        until_at__isnull=True,
        permit__state=State.ISSUED,
        permit__starts_on__lte=on,
        permit__ends_on__gte=on,
    )
    if zone_code:
        rows = rows.filter(permit__zone_code=zone_code)
    return [
        Allowed(number=one.number, zone_code=one.zone_code, starts_on=one.starts_on, ends_on=one.ends_on)
        for one in (row.permit for row in rows.select_related("permit").order_by("permit__ends_on"))
        if one.starts_on and one.ends_on
    ]


def of_customer(customer_id: UUID, *, at: datetime, limit: int = MOST_OF_ONE) -> list[Shown]:
    """The permits of a customer, the latest first. Two queries."""
    rows = _with_vehicles(Permit.objects.filter(customer_id=customer_id))
    return [shown(one, at=at) for one in rows.order_by("-asked_at", "-id")[:limit]]


def of_case(case_id: UUID, *, at: datetime) -> Shown | None:
    """Two queries, or one when the case has none."""
    return next((shown(one, at=at) for one in _with_vehicles(Permit.objects.filter(case_id=case_id))), None)


def by_token(token: str, *, at: datetime) -> Shown | None:
    permit_id = permit_in(token)
    return one(permit_id, at=at) if permit_id else None


def one(permit_id: UUID, *, at: datetime) -> Shown | None:
    return next((shown(row, at=at) for row in _with_vehicles(Permit.objects.filter(pk=permit_id))), None)


def waiting(*, after: str = "", at: datetime, size: int = PAGE) -> Page[Shown]:
    """Permits asked for, those that wait longest first. Two queries."""
    rows = Permit.objects.filter(state=State.ASKED)
    cursor = read_cursor(after, length=1) if after else None
    if cursor and (last := as_uuid(cursor[0])):
        rows = rows.filter(pk__gt=last)
    found = list(_with_vehicles(rows.order_by("id"))[: size + 1])
    return page_of([shown(row, at=at) for row in found], size=size, key=lambda row: (row.id,))


def to_pay(permit: Shown, *, at: datetime) -> list[ToPay]:
    """What of it is open: its fee, and what another vehicle costs. Two queries at most."""
    owed = about(Subject(kind="case", id=permit.case_id), at=at)
    if permit.change_id:
        owed += about(Vehicle(pk=permit.change_id).subject, at=at)
    return [one for one in owed if one.state is ChargeState.OPEN]


def find(typed: str, *, at: datetime) -> list[Shown]:
    """By the number of the permit, or the plate of a vehicle. Two queries."""
    key = reference_key(typed)
    if len(key) < 2:
        return []
    rows = Permit.objects.filter(Q(number__iexact=typed.strip()) | Q(vehicles__mark_key=key)).distinct()
    return [shown(row, at=at) for row in _with_vehicles(rows.order_by("-asked_at", "-id"))[:MOST_OF_ONE]]


def shown(permit: Permit, *, at: datetime) -> Shown:
    """Of a permit with its vehicles read."""
    today = council_date(at)
    vehicles = [vehicle for vehicle in permit.vehicles.all() if vehicle.until_at is None]
    now_there = next((vehicle for vehicle in vehicles if vehicle.from_at is not None), None)
    change = next((vehicle for vehicle in vehicles if vehicle.from_at is None), None)
    issued = permit.state == State.ISSUED and permit.starts_on is not None and permit.ends_on is not None
    return Shown(
        id=permit.pk,
        number=permit.number,
        token=token_of(permit.pk),
        holder_name=permit.holder_name,
        address=permit.address,
        zone_code=permit.zone_code,
        mark=now_there.mark if now_there else "",
        band=str(Band(now_there.band).label) if now_there else "",
        months=permit.months,
        price_pence=Pence(permit.price_pence),
        state=State(permit.state),
        starts_on=permit.starts_on,
        ends_on=permit.ends_on,
        is_running=issued and permit.starts_on <= today <= permit.ends_on,  # type: ignore[operator]  # both are there
        is_over=permit.state in (State.REFUSED, State.LAPSED, State.GIVEN_UP)
        or (permit.ends_on is not None and permit.ends_on < today),
        is_paid=permit.paid_at is not None,
        is_checked=permit.checked_at is not None,
        change_to=change.mark if change else "",
        change_id=change.pk if change else None,
        end_reason=permit.end_reason,
        refund_pence=Pence(permit.refund_pence),
        customer_id=permit.customer_id,
        case_id=permit.case_id,
        asked_at=permit.asked_at,
        site_code=permit.site_code,
        seen=permit.seen,
        renews_number=permit.renews.number if permit.renews else "",
    )


def _with_vehicles(rows: QuerySet[Permit]) -> QuerySet[Permit]:
    vehicles = Vehicle.objects.filter(until_at__isnull=True)
    return rows.select_related("renews").prefetch_related(Prefetch("vehicles", queryset=vehicles))
