"""A report of a street problem, from whichever door it comes, becomes a case with an owner and a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import psycopg
from django.utils.translation import gettext as _
from msgspec import Struct, field

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.routing import LANDOWNER, NEIGHBOUR, Route, Where, route
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.db import at_once, insert
from townhall.core.errors import NotFound
from townhall.core.idempotency import claim, earlier_result, was_claimed
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.forms import operations as forms
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place
from townhall.places.whereabouts import Whereabouts, whereabouts, whole_and_spot

OPERATION = "street.report"
PRIORITY = {"low": -5, "normal": 0, "high": 5, "emergency": 10}


class NewReport(Struct, frozen=True, kw_only=True):
    """What somebody told us. `key` makes a repeat of the same submission one report."""

    service_code: str
    place: Place
    reporter: Recipient
    channel: str
    key: str
    description: str = ""
    answers: Mapping[str, object] = field(default_factory=dict)
    file_ids: Sequence[UUID] = ()
    external_ref: str = ""  # the sender's own number
    contact_id: UUID | None = None  # the adviser's conversation it came from
    form_version: int = 1
    draft_id: UUID | None = None  # the draft that it was, closed with it


class Reported(Struct, frozen=True, kw_only=True):
    """What the reporter is told at once. `referred_to` names the body it was passed to, when it is not the council's."""

    case_id: UUID
    reference: str
    due_on: date
    follower_id: UUID | None = None
    referred_to: str = ""
    was_repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Who looks after a place that is not the council's."""

    code: str
    name: str
    contact: str = ""


def report(new: NewReport, *, by: Actor, at: datetime) -> Reported:
    """Make one report: submission, contact, case, promise, acknowledgement and deliveries, all or none.

    Raises NotFound for a service that is not offered, KeyReused for the same key with other answers.
    """
    try:
        return _report(new, by=by, at=at)
    except psycopg.errors.UniqueViolation as error:
        if not cases.was_reference_taken(error):
            raise
        return _report(new, by=by, at=at)  # all of it again, under a fresh reference


def _report(new: NewReport, *, by: Actor, at: datetime) -> Reported:
    entry = catalogue.entry(new.service_code)
    if not entry.is_live:
        raise NotFound(_("This service is not offered any more."))
    place, spot = whole_and_spot(new.place, service_code=entry.pack.code)
    chosen = _route(entry.pack, new, spot)
    keeper = _keeper(chosen.refer_to, spot) if chosen.refer_to else None
    case_id = uuid7()
    asked = _fingerprint(new)
    try:
        with at_once():
            claim(OPERATION, key=new.key, by=by, request=asked, result=case_id)
            opened = _write(new, entry.pack, case_id=case_id, place=place, chosen=chosen, keeper=keeper, by=by, at=at)
            files.attach(new.file_ids, about=Subject(kind="case", id=case_id), case_id=case_id)
    except psycopg.errors.UniqueViolation as error:
        if not was_claimed(error):
            raise
        return _earlier(earlier_result(OPERATION, key=new.key, by=by, request=asked))
    return Reported(
        case_id=case_id,
        reference=opened.reference,
        due_on=opened.due_on,
        follower_id=opened.follower_id,
        referred_to=keeper.name if keeper else "",
    )


def _write(
    new: NewReport,
    pack: ServicePack,
    *,
    case_id: UUID,
    place: Place,
    chosen: Route,
    keeper: Keeper | None,
    by: Actor,
    at: datetime,
) -> cases.Opened:
    customer_id = new.reporter.customer_id
    if new.draft_id is not None:
        forms.close_draft(new.draft_id, result=case_id, at=at)
    forms.submit(
        pack.code,
        new.form_version,
        {**new.answers, "description": new.description},
        by=by,
        at=at,
        key=new.key,
        channel=new.channel,
        submission_id=case_id,
        on_behalf_of=customer_id if by.is_staff else None,
    )
    contact_id = new.contact_id or contacts.log(
        channel=new.channel,
        service_code=pack.code,
        reason_code="report",
        given=Given(name=new.reporter.name, email=new.reporter.email, phone=new.reporter.phone),
        by=by,
        at=at,
        customer_id=customer_id,
    )
    opened = cases.open_case(
        cases.NewCase(
            case_id=case_id,
            pack=pack,
            place=place,
            reporter=new.reporter,
            channel=new.channel,
            contact_id=contact_id,
            description=new.description,
            attributes=new.answers,
            doer_team=chosen.team,
            contract=chosen.contract,
            priority=PRIORITY[chosen.priority],
            published=chosen.published,
            external_ref=new.external_ref,
            referred_to=keeper.name if keeper else "",
        ),
        by=by,
        at=at,
    )
    if keeper is not None:
        insert(
            "street_referral",
            {
                "id": uuid7(),
                "case_id": case_id,
                "body_code": keeper.code,
                "body_name": keeper.name,
                "contact": keeper.contact,
                "at": at,
            },
        )
    return opened


def keeper_of(pack: ServicePack, place: Place, *, answers: Mapping[str, object] | None = None) -> Keeper | None:
    """Who a report of this service at this place would be passed to; None when it is the council's own. Reads nothing but memory."""
    spot = whereabouts(place.easting, place.northing, service_code=pack.code)
    where = Where(ward=spot.ward_code, land=spot.land.code if spot.land else "", inside=spot.inside)
    chosen = route(pack, answers=answers or {}, where=where)
    return _keeper(chosen.refer_to, spot) if chosen.refer_to else None


def _route(pack: ServicePack, new: NewReport, spot: Whereabouts) -> Route:
    where = Where(ward=spot.ward_code, land=spot.land.code if spot.land else "", inside=spot.inside)
    return route(pack, answers=new.answers, where=where)


def _keeper(refer_to: str, spot: Whereabouts) -> Keeper:
    if refer_to == LANDOWNER or (spot.land is not None and refer_to == spot.land.code):
        assert spot.land is not None  # route() refers to the landowner only where there is one
        return Keeper(code=spot.land.code, name=spot.land.owner_name, contact=spot.land.owner_contact)
    if refer_to == NEIGHBOUR:
        return Keeper(code=NEIGHBOUR, name=_("the council for that area"))
    return Keeper(code=refer_to, name=refer_to.replace("-", " ").capitalize())


def _fingerprint(new: NewReport) -> dict[str, object]:
    """What makes two submissions the same one."""
    return {
        "service": new.service_code,
        "description": new.description,
        "answers": dict(new.answers),
        "place": [new.place.easting, new.place.northing, new.place.lat, new.place.lng, new.place.uprn, new.place.words],
        "email": new.reporter.email,
    }


def _earlier(case_id: UUID) -> Reported:
    case = Case.objects.only("reference", "due_on").get(pk=case_id)
    return Reported(case_id=case_id, reference=case.reference, due_on=case.due_on, was_repeat=True)
