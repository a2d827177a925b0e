"""A call that the answering partner took: at once a contact, and a case on the list of the right team. The urgent part is paged."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from django.db import transaction

from townhall.cases.operations.opening import NewCase, Opened, open_case, was_reference_taken
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given, Past
from townhall.core.actors import Actor
from townhall.core.cards import without_card_numbers
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.customers.typed import normalised_phone
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place, Source
from townhall.telephony.calls.taking import AHEAD, half_hour_of
from townhall.telephony.messages import NightIn
from townhall.telephony.models import NightCall
from townhall.telephony.night import paging

CHANNEL = "phone"
ANYTHING = "ask-us"  # for what is about no service that we offer
URGENT = 10  # priority of a case: what a danger adds


@transaction.atomic
def receive(one: NightIn, *, source: str, by: Actor, at: datetime) -> NightCall:
    """Keep it, once; the same call again gives the first, with its end when that was not known. Raises NotFound without any service."""
    earlier = NightCall.objects.select_for_update().filter(source=source, external_id=one.call).first()
    if earlier is not None:
        return _again(earlier, one, by=by, at=at)
    pack = _pack(one.service)
    started = min(one.started.astimezone(UTC), aware(at) + AHEAD)
    phone = normalised_phone(one.phone) or one.phone
    past = Past(
        id=uuid7(),
        channel=CHANNEL,
        service_code=pack.code,
        reason_code="report",
        at=started,
        ended_at=one.ended,
        given=Given(name=one.name, phone=phone),
    )
    contacts.log_one(past)
    opened = _case(one, pack, past, by=by, at=at)
    call = NightCall.objects.create(
        source=source,
        external_id=one.call,
        started_at=started,
        ended_at=one.ended,
        half_hour=half_hour_of(started),
        service_code=pack.code,
        name=one.name,
        phone=phone,
        address=one.address,
        words=without_card_numbers(one.words),
        answers={question: without_card_numbers(answer) for question, answer in one.answers.items()},
        is_urgent=one.urgent,
        contact_id=past.id,
        case_id=opened.case_id,
        received_at=at,
    )
    about = Subject(kind="night_call", id=call.pk)
    data: dict[str, object] = {"service": pack.code, "urgent": one.urgent}
    ledger.record("night_call.received", about=about, by=by, at=at, case_id=opened.case_id, data=data)
    if one.urgent:
        paging.begin(call, at=at)
    return call


def _again(call: NightCall, one: NightIn, *, by: Actor, at: datetime) -> NightCall:
    if call.ended_at is None and one.ended is not None:
        call.ended_at = one.ended
        call.save(update_fields=["ended_at"])
    if one.urgent and not call.is_urgent:  # it turned out to be
        call.is_urgent = True
        call.save(update_fields=["is_urgent"])
        paging.begin(call, at=at)
    return call


def _pack(service: str) -> ServicePack:
    for code in (service, ANYTHING):
        try:
            entry = catalogue.entry(code)
        except NotFound:
            continue
        if entry.is_live:
            return entry.pack
    raise NotFound


def _case(one: NightIn, pack: ServicePack, past: Past, *, by: Actor, at: datetime) -> Opened:
    new = NewCase(
        pack=pack,
        place=Place(source=Source.WORDS, address=one.address),
        reporter=Recipient(name=one.name, phone=past.given.phone),
        channel=CHANNEL,
        contact_id=past.id,
        description=_words(one),
        priority=URGENT if one.urgent else 0,
        is_public=False,
        is_taken=True,
    )
    try:
        with transaction.atomic():
            return open_case(new, by=by, at=at)
    except psycopg.errors.UniqueViolation as error:
        if not was_reference_taken(error):
            raise
        return open_case(new, by=by, at=at)


def _words(one: NightIn) -> str:
    """What they said, and the answers to the script."""
    answers = [f"{question}: {answer}" for question, answer in one.answers.items()]
    return without_card_numbers("\n".join(part for part in (one.words.strip(), *answers) if part))
