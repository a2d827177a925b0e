"""Opening a case. The way of every report, so it is a handful of prepared inserts and reads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import psycopg
from msgspec import Struct, field

from townhall.accounts import directory
from townhall.cases.events import CaseOpened
from townhall.cases.models import CaseContact
from townhall.cases.operations.parts import new_job
from townhall.cases.operations.telling import case_link, own_words, recipient_context
from townhall.cases.states import State
from townhall.catalogue.pack import Contract, Published, ServicePack
from townhall.clocks import operations as clocks
from townhall.connectors import operations as connectors
from townhall.core.actors import Actor
from townhall.core.db import insert, pipelined
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.references import new_reference
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.inclusion import restricting
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place

_REFERENCE = "cases_case_reference_"  # as Django names the unique constraint
_FRESH = (
    ("no_message_reason", ""),
    ("outcome_code", ""),
    ("outcome_text", ""),
    ("decline_reason", ""),
    ("followers", 1),
    ("chasers", 0),
    ("hops", 0),
)
_ORIGIN = (("kind", CaseContact.Kind.ORIGIN.value),)
_REPORTER = (("is_reporter", True),)


class NewCase(Struct, frozen=True, kw_only=True):
    """What is known when a case is opened."""

    pack: ServicePack
    place: Place
    reporter: Recipient
    channel: str
    contact_id: UUID
    description: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    doer_team: str = ""  # code; the service's own team when empty
    priority: int = 0
    contract: Contract | None = None  # with it, `doer_team` is a contractor, and gets a job under it
    published: Published | None = None  # the time promised; the service's own when None
    referred_to: str = ""  # the name of another body whose matter it is: recorded and passed on, never ours to do
    external_ref: str = ""
    is_public: bool = True
    is_question: bool = (
        False  # something asked about the service: its own form was not filled in, and nothing goes to other systems
    )
    is_taken: bool = False  # somebody took it down already, as at night: a closed way does not refuse it any more
    received: str = "case/received"  # the template of the acknowledgement, and what it says beside the usual
    said: Mapping[str, object] = field(default_factory=dict)
    case_id: UUID | None = None


class Opened(Struct, frozen=True, kw_only=True):
    """What the customer is told at once."""

    case_id: UUID
    reference: str
    due_on: date
    follower_id: UUID


def was_reference_taken(error: psycopg.errors.UniqueViolation) -> bool:
    """Whether an opening failed because another case has its reference: worth trying once more, in a new transaction."""
    return error.diag.table_name == "cases_case" and (error.diag.constraint_name or "").startswith(_REFERENCE)


def open_case(new: NewCase, *, by: Actor, at: datetime) -> Opened:
    """Open a case awaiting decision: owner, promise, ledger and acknowledgement. Call inside a transaction.

    Raises UnknownCode when the pack names a team or post that does not exist, ChannelClosed when the service does not take it that way.
    """
    pack = new.pack
    if not new.is_taken:
        restricting.check(pack.code, new.channel, customer_id=new.reporter.customer_id, at=at)
    case_id = new.case_id or uuid7()
    subject = Subject(kind="case", id=case_id)
    reference = new_reference()
    team = directory.team(new.doer_team or pack.owner_team)
    teller = directory.post(pack.teller)
    with pipelined():  # eight writes as one statement
        due_on = _start_clocks(new, subject, at=at)
        customer_id = new.reporter.customer_id
        _insert_case(new, case_id, reference, due_on=due_on, team_id=team.id, teller_id=teller.id, at=at)
        follower_id = _insert_reporter(new.reporter, case_id, at=at)
        insert(
            "cases_casecontact",
            {
                "id": uuid7(),
                "case_id": case_id,
                "contact_id": new.contact_id,
                "at": at,
            },
            always=_ORIGIN,
        )
        ledger.record(
            "case.opened",
            about=subject,
            by=by,
            at=at,
            case_id=case_id,
            customer_id=customer_id,
            data={"service": pack.code, "channel": new.channel, "team": team.code, "due_on": due_on.isoformat()},
        )
        if new.referred_to:
            ledger.record("case.referred", about=subject, by=by, at=at, case_id=case_id, customer_id=customer_id)
        notifications.send(
            "case/referred" if new.referred_to else new.received,
            to=new.reporter,
            about=subject,
            key=f"case-received-{case_id}",
            context={
                **recipient_context(pack, reference, due_on),
                "place": new.place.address or new.place.words,
                "team": team.name,
                "link": case_link(reference, follower_id),
                "body": new.referred_to,
                "came_by": new.channel,
                **new.said,
            },
            at=at,
            case_id=case_id,
            override=None if new.referred_to or new.is_question else own_words(pack, "received"),
            is_new=True,
        )
    if new.contract is not None and not new.referred_to:
        new_job(
            case_id,
            team_id=team.id,
            from_team_id=directory.team(pack.owner_team).id,
            contract_ref=new.contract.reference,
            obligations=new.contract.obligations,
            days=new.contract.days,
            at=at,
        )
    if pack.connector is not None and not new.referred_to and not new.is_question:
        connectors.deliver(
            pack.connector.target,
            kind=pack.connector.kind,
            payload=_job(new, reference, due_on),
            about=subject,
            key=f"case-{case_id}",
            at=at,
            case_id=case_id,
            is_new=True,
        )
    form = "" if new.is_question else pack.form
    publish(CaseOpened(case_id=case_id, service_code=pack.code, form_code=form, at=at))
    return Opened(case_id=case_id, reference=reference, due_on=due_on, follower_id=follower_id)


def _start_clocks(new: NewCase, subject: Subject, *, at: datetime) -> date:
    """Start the promise and both limits. What is another body's to do starts none: it was dealt with today."""
    if new.referred_to:
        return council_date(at)
    published, limits = new.published or new.pack.published, new.pack.clocks
    due_on = clocks.start(
        "case.promise",
        about=subject,
        at=at,
        case_id=subject.id,
        calendar=published.calendar,
        days=published.days,
    )
    clocks.start("case.referral", about=subject, at=at, case_id=subject.id, days=limits.referral_days)
    clocks.start("case.decision", about=subject, at=at, case_id=subject.id, days=limits.decision_days)
    return due_on


def _insert_case(
    new: NewCase, case_id: UUID, reference: str, *, due_on: date, team_id: UUID, teller_id: UUID, at: datetime
) -> None:
    place = new.place
    insert(
        "cases_case",
        {
            "id": case_id,
            "reference": reference,
            "service_code": new.pack.code,
            "doer_team_id": team_id,
            "teller_post_id": teller_id,
            "state": (State.REFERRED if new.referred_to else State.AWAITING_DECISION).value,
            "customer_id": new.reporter.customer_id,
            "origin_channel": new.channel,
            "priority": new.priority,
            "due_on": due_on,
            "description": new.description,
            "attributes": dict(new.attributes),
            "public_note": new.referred_to,
            "closed_at": at if new.referred_to else None,
            "easting": place.easting,
            "northing": place.northing,
            "lat": place.lat,
            "lng": place.lng,
            "place_source": place.source.value,
            "address": place.address,
            "place_words": place.words,
            "uprn": place.uprn,
            "usrn": place.usrn,
            "ward_code": place.ward_code,
            "opened_at": at,
            "updated_at": at,
            "external_ref": new.external_ref,
            "is_public": new.is_public and new.pack.public.listed,
        },
        always=_FRESH,
    )


def _insert_reporter(reporter: Recipient, case_id: UUID, *, at: datetime) -> UUID:
    follower_id = uuid7()
    insert(
        "cases_follower",
        {
            "id": follower_id,
            "case_id": case_id,
            "original_case_id": case_id,
            "customer_id": reporter.customer_id,
            "name": reporter.name,
            "email": reporter.email,
            "phone": reporter.phone,
            "prefers": reporter.prefers or "",
            "since": at,
        },
        always=_REPORTER,
    )
    return follower_id


def _job(new: NewCase, reference: str, due_on: date) -> dict[str, object]:
    """What a back-office system needs to do the work: no names or contact details."""
    return {
        "reference": reference,
        "service": new.pack.code,
        "description": new.description,
        "attributes": dict(new.attributes),
        "address": new.place.address,
        "place_words": new.place.words,
        "uprn": new.place.uprn,
        "usrn": new.place.usrn,
        "easting": new.place.easting,
        "northing": new.place.northing,
        "due_on": due_on.isoformat(),
        "contract": new.contract.reference if new.contract else "",
        "obligations": new.contract.obligations if new.contract else "",
    }
