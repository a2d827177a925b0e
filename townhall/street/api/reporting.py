"""Making a report, and what is already reported nearby."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.conf import settings
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.api.endpoints import PUBLIC_SCOPE, Call, Group
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.forms import checking
from townhall.forms.readers import is_email, is_phone
from townhall.forms.service_forms import service_questions
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications.recipients import Recipient
from townhall.places import grid
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.whereabouts import whole
from townhall.street import nearby
from townhall.street.once import external_key, report_once
from townhall.street.reporting import NewReport, report

group = Group("Reporting")


class PlaceIn(Struct, frozen=True, kw_only=True):
    """One of: `uprn`, `lat` and `lng` (WGS84), `easting` and `northing` (National Grid), or `words` alone."""

    uprn: Annotated[str, Meta(max_length=12)] = ""
    lat: float | None = None
    lng: float | None = None
    easting: int | None = None
    northing: int | None = None
    words: Annotated[str, Meta(max_length=500)] = ""


class ReporterIn(Struct, frozen=True, kw_only=True):
    """Who is told. All may be left out where a service takes anonymous reports."""

    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""


class ReportIn(Struct, frozen=True, kw_only=True):
    """`external_ref`: the sender's own number; the same again makes no second report."""

    service: str
    place: PlaceIn
    answers: dict[str, Any] = {}
    description: Annotated[str, Meta(max_length=4_000)] = ""
    reporter: ReporterIn = ReporterIn()
    external_ref: Annotated[str, Meta(max_length=190)] = ""


class ReportMade(Struct, frozen=True, kw_only=True):
    reference: str
    due_on: date
    next_step: str
    link: str


class NearAsked(Struct, frozen=True, kw_only=True):
    service: str
    lat: float
    lng: float
    words: Annotated[str, Meta(max_length=500)] = ""


class NearOut(Struct, frozen=True, kw_only=True):
    """`metres` away, from what its service shows of the place, null when it has no point.

    `because`: why it may be the same thing, empty when it only is near.
    """

    reference: str
    service: str
    state: str
    opened_at: datetime
    metres: int | None
    likely_same: bool
    because: str
    followers: int
    lat: float | None
    lng: float | None


@group.endpoint(
    "POST", "/reports", summary="Make a report", gives=ReportMade, takes=ReportIn, status=201, scope="cases.open"
)
def make_report(call: Call) -> ReportMade:
    """Give an Idempotency-Key, or an external_ref, so that a repeat makes no second report."""
    body: ReportIn = call.body
    entry = catalogue.entry(body.service)
    if not entry.is_live:
        raise NotFound(_("This service is not offered any more."))
    new = _new_report(entry.pack, body, call)
    made = (
        report_once(new, key=call.key, by=call.by, at=call.at)
        if new.external_ref
        else report(new, by=call.by, at=call.at)
    )
    return _made(entry.pack, made.reference, made.due_on)


@group.endpoint(
    "GET", "/nearby", summary="Reports near a place", gives=list[NearOut], asks=NearAsked, scope=PUBLIC_SCOPE
)
def reports_near(call: Call) -> list[NearOut]:
    """Public reports only, the likeliest to be the same first, then the nearest."""
    asked: NearAsked = call.query
    catalogue.entry(asked.service)
    easting, northing = grid.grid_or_refuse(asked.lat, asked.lng)
    found = nearby.near(
        service_code=asked.service,
        easting=easting,
        northing=northing,
        at=call.at,
        words=clean_line(asked.words),
        as_shown=True,
    )
    return [_near(one) for one in found]


def _near(one: nearby.Near) -> NearOut:
    return NearOut(
        reference=one.reference,
        service=one.service_code,
        state=one.state.value,
        opened_at=one.opened_at,
        metres=one.distance,
        likely_same=one.is_likely,
        because=one.because,
        followers=one.followers,
        lat=one.lat,
        lng=one.lng,
    )


def _made(pack: ServicePack, reference: str, due_on: date) -> ReportMade:
    link = f"{settings.PUBLIC_URL}/r/{reference}"
    return ReportMade(reference=reference, due_on=due_on, next_step=pack.next_step, link=link)


def _new_report(pack: ServicePack, body: ReportIn, call: Call) -> NewReport:
    problems: dict[str, str] = {}
    email, phone = clean_line(body.reporter.email), clean_line(body.reporter.phone)
    if email and not is_email(email):
        problems["reporter.email"] = _("Enter an address like name@example.com.")
    if phone and not is_phone(phone):
        problems["reporter.phone"] = _("Enter a phone number like 01632 960001.")
    if not pack.anonymous and not (email or phone):
        problems["reporter"] = _("This service needs an email address or a phone number.")
    place = _place(pack, body.place, problems)
    checked = checking.read(service_questions(pack), body.answers, today=council_date(call.at))
    problems |= {f"answers.{name}": problem for name, problem in checked.problems.items()}
    if problems or place is None:
        raise BadInput(problems)
    external_ref = clean_line(body.external_ref)
    return NewReport(
        service_code=pack.code,
        place=place,
        reporter=Recipient(name=clean_line(body.reporter.name), email=email, phone=phone),
        channel="api",
        key=external_key(external_ref) if external_ref else call.key or str(call.new_id),
        description=clean_text(body.description),
        answers=checked.answers,
        external_ref=external_ref,
    )


def _place(pack: ServicePack, given: PlaceIn, problems: dict[str, str]) -> Place | None:
    words = clean_line(given.words)
    if given.uprn:
        found = places.address(clean_line(given.uprn))
        if found is None:
            problems["place.uprn"] = _("There is no such address.")
        return found.place if found else None
    if pack.place.needs_address:
        problems["place.uprn"] = _("This service needs an address.")
        return None
    if given.lat is not None and given.lng is not None:
        if grid.to_grid(given.lat, given.lng) is None:
            problems["place"] = _("This is off the map.")
            return None
        return _beside_address(Place(source=Source.MAP, lat=given.lat, lng=given.lng, words=words))
    if given.easting is not None and given.northing is not None:
        if grid.to_wgs84(given.easting, given.northing) is None:
            problems["place"] = _("This is off the map.")
            return None
        return _beside_address(Place(source=Source.MAP, easting=given.easting, northing=given.northing, words=words))
    if not words:
        problems["place"] = _("Say where it is.")
        return None
    known = places.exactly(words)
    return known.place if known else Place(source=Source.WORDS, words=words)


def _beside_address(place: Place) -> Place:
    return places.beside_address(whole(place))
