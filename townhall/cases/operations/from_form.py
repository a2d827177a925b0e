"""A form that was sent in becomes a case: the way of every service with no life cycle of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from townhall.cases import fees
from townhall.cases.models import Case
from townhall.cases.operations import branching
from townhall.cases.operations.opening import NewCase, open_case, was_reference_taken
from townhall.catalogue import queries as catalogue
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.core.errors import NotFound
from townhall.core.sealed_answers import drop_all
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.forms import engine, queries
from townhall.forms import operations as forms
from townhall.forms.engine import Flow
from townhall.forms.questions import Address, Contact, Email, Payment, Person, Phone
from townhall.forms.questions import Place as PlaceQuestion
from townhall.forms.showing import answer_words
from townhall.notifications.recipients import Recipient
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.whereabouts import parking_zone


@dataclass(frozen=True, kw_only=True)
class SentForm:
    """A form to send in. `answers` as typed; `key` makes a repeat of the same submission one case."""

    form_code: str
    version: int
    answers: Mapping[str, Any]
    channel: str
    key: str
    customer_id: UUID | None = None  # whose account it comes from
    on_behalf_of: UUID | None = None  # the customer, when somebody else fills it in
    draft_id: UUID | None = None
    contact_id: UUID | None = None  # the adviser's conversation it came from
    about_service: str = ""  # a question about another service than the form's own, which goes to that one
    received: str = "case/received"  # the template of the acknowledgement, and what it says beside the usual
    said: Mapping[str, object] = field(default_factory=dict)
    in_reply_to: str = (
        ""  # Message-IDs of the mail that the acknowledgement answers, and the mailbox that answers to it go to
    )
    reply_to: str = ""


@dataclass(frozen=True, kw_only=True)
class FromForm:
    """What the sender is told at once. The case and the submission have one id."""

    case_id: UUID
    reference: str
    due_on: date
    follower_id: UUID | None
    charge_id: UUID | None = None  # what there is to pay
    was_repeat: bool = False


def open_from_form(new: SentForm, *, by: Actor, at: datetime) -> FromForm:
    """Keep the submission and open its case: owner, promise, acknowledgement and deliveries, all or none.

    Raises NotFound when the form's service is not offered, and what `forms.send_form` raises.
    """
    try:
        return _open(new, by=by, at=at)
    except psycopg.errors.UniqueViolation as error:
        if not was_reference_taken(error):
            raise
        return _open(new, by=by, at=at)  # all of it again, under a fresh reference


@transaction.atomic
def _open(new: SentForm, *, by: Actor, at: datetime) -> FromForm:
    flow = queries.flow(new.form_code, version=new.version)
    entry = catalogue.entry(new.about_service or flow.form.service)
    if not entry.is_live:
        raise NotFound
    submission_id = forms.send_form(
        new.form_code,
        new.version,
        new.answers,
        by=by,
        at=at,
        key=new.key,
        channel=new.channel,
        customer_id=new.customer_id,
        on_behalf_of=new.on_behalf_of,
        draft_id=new.draft_id,
    )
    earlier = fetch_one("SELECT reference, due_on FROM cases_case WHERE id = %s", (submission_id,))
    if earlier is not None:
        follower = Case(pk=submission_id).follower_rows.filter(is_reporter=True).values_list("pk", flat=True).first()
        return FromForm(
            case_id=submission_id, reference=earlier[0], due_on=earlier[1], follower_id=follower, was_repeat=True
        )
    answers = queries.answers_of(submission_id)
    place = place_of(flow, answers)
    sender = sender_of(flow, answers, customer_id=new.on_behalf_of or new.customer_id)
    is_question = bool(new.about_service) and new.about_service != flow.form.service
    contact_id = new.contact_id or contacts.log(
        channel=new.channel,
        service_code=entry.pack.code,
        reason_code="request",
        given=Given(name=sender.name, email=sender.email, phone=sender.phone),
        by=by,
        at=at,
        customer_id=sender.customer_id,
    )
    opened = open_case(
        NewCase(
            case_id=submission_id,
            pack=entry.pack,
            place=place,
            reporter=replace(sender, answers=new.in_reply_to, reply_to=new.reply_to),
            channel=new.channel,
            contact_id=contact_id,
            description=flow.form.title,
            attributes=_kept_of_question(answers) if is_question else drop_all(answers),
            is_public=False,
            is_question=is_question,
            received=new.received,
            said=new.said,
        ),
        by=by,
        at=at,
    )
    files.attach(engine.file_ids(flow, answers), about=Subject(kind="case", id=submission_id), case_id=submission_id)
    if not is_question:
        branching.pass_on(
            entry.pack,
            answers,
            case_id=submission_id,
            reference=opened.reference,
            sender=sender,
            zone=parking_zone(place.easting, place.northing),
            has_account=new.customer_id is not None,
            at=at,
        )
    if any(isinstance(question, Payment) for question in flow.form.questions()):
        fees.settle(new.draft_id, flow, answers, Case.objects.get(pk=submission_id), at=at)
    charge_id = fees.owe(
        flow, answers, entry.pack, case_id=submission_id, reference=opened.reference, sender=sender, by=by, at=at
    )
    return FromForm(
        case_id=submission_id,
        reference=opened.reference,
        due_on=opened.due_on,
        follower_id=opened.follower_id,
        charge_id=charge_id,
    )


def _kept_of_question(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of a question about another service: its words. Who asks is kept as the reporter."""
    return {code: answer for code, answer in answers.items() if code == "question"}


def sender_of(flow: Flow, answers: Mapping[str, Any], *, customer_id: UUID | None = None) -> Recipient:
    """Who sent it, by the first question of each kind that was answered."""
    found: dict[str, str] = {}
    for question in flow.form.questions():
        value = answers.get(question.code)
        if not value:
            continue
        if isinstance(question, Contact):
            for part in ("name", "email", "phone", "prefers"):
                found.setdefault(part, str(value.get(part, "")))
        elif isinstance(question, Person):
            found.setdefault("name", answer_words(question, value))
        elif isinstance(question, Email):
            found.setdefault("email", str(value))
        elif isinstance(question, Phone):
            found.setdefault("phone", str(value))
    prefers = found.get("prefers")
    return Recipient(
        name=found.get("name", ""),
        email=found.get("email", ""),
        phone=found.get("phone", ""),
        prefers=prefers if prefers in ("email", "text") else None,
        customer_id=customer_id,
    )


def place_of(flow: Flow, answers: Mapping[str, Any]) -> Place:
    """Where it is about: the first place that was answered, else the new address of a move, else the first address."""
    asked = sorted(
        flow.form.questions(), key=lambda one: (not isinstance(one, PlaceQuestion), not one.code.startswith("new_"))
    )
    for question in asked:
        value = answers.get(question.code)
        if not value or not isinstance(question, PlaceQuestion | Address):
            continue
        if value.get("uprn") and (known := places.address(str(value["uprn"]))):
            return known.place
        return Place(
            source=Source.WORDS,
            address=answer_words(question, value) if isinstance(question, Address) else "",
            words=str(value.get("words", "")),
            lat=value.get("lat"),
            lng=value.get("lng"),
        )
    return Place(source=Source.WORDS)
