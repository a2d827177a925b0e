"""Interpreters and signers booked for a meeting: asked for here, booked with the agency by the worker, told to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import User
from townhall.connectors.contracts import interpreting
from townhall.connectors.contracts.interpreting import Booked, Cancelled
from townhall.connectors.protocol import LookUpFailed, Refused
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound, refuse
from townhall.customers.models import Customer
from townhall.forms.typed import clean_line
from townhall.inclusion import states
from townhall.inclusion.calling import MEET, TARGET
from townhall.inclusion.languages import LANGUAGES
from townhall.inclusion.models import InterpreterBooking
from townhall.inclusion.states import BookingState
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

log = structlog.get_logger(__name__)
BATCH = 20
CLAIM = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
GIVEN_UP = 60  # tries


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """kind and where by code; language only for interpreters of one; minutes from 15 to 480."""

    kind: str
    where: str
    place: str
    starts_at: datetime
    minutes: int
    language: str = ""
    about: str = ""
    customer_id: UUID | None = None


@transaction.atomic
def ask(wanted: Wanted, *, by: Actor, at: datetime) -> InterpreterBooking:
    """Raises NotAllowed, NotFound, BadInput."""
    permissions.require(by, MEET)
    refuse(_problems(wanted, at))
    customer = Customer.objects.filter(pk=wanted.customer_id).first() if wanted.customer_id else None
    if wanted.customer_id and customer is None:
        raise NotFound
    made = InterpreterBooking.objects.create(
        customer=customer,
        kind=wanted.kind,
        language=wanted.language if wanted.kind == InterpreterBooking.Kind.LANGUAGE else "",
        where=wanted.where,
        place=clean_line(wanted.place)[:300],
        starts_at=wanted.starts_at,
        minutes=wanted.minutes,
        about=clean_line(wanted.about)[:300],
        by=UUID(by.id),
        asked_at=at,
        next_try_at=at,
    )
    _record("interpreter_booking.asked", made, by=by, at=at, kind=made.kind, where=made.where)
    return made


def _problems(wanted: Wanted, at: datetime) -> dict[str, str]:
    of_language = wanted.kind == InterpreterBooking.Kind.LANGUAGE
    return {
        "kind": "" if wanted.kind in InterpreterBooking.Kind.values else _("Select who is needed"),
        "where": "" if wanted.where in InterpreterBooking.Where.values else _("Select where"),
        "place": "" if wanted.place.strip() else _("Say where exactly"),
        "starts": "" if wanted.starts_at > at else _("This is in the past"),
        "minutes": "" if 15 <= wanted.minutes <= 480 else _("Enter from 15 to 480 minutes"),
        "language": _("Select a language") if of_language and wanted.language not in LANGUAGES else "",
    }


@transaction.atomic
def cancel(booking_id: UUID, *, by: Actor, at: datetime) -> InterpreterBooking:
    """Raises NotAllowed, NotFound, WrongState."""
    permissions.require(by, MEET)
    found = InterpreterBooking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if found is None:
        raise NotFound
    to = BookingState.CANCELLED if found.state == BookingState.ASKED and not found.tries else BookingState.CANCELLING
    states.check_booking(found.state, to)
    found.state, found.next_try_at, found.tries = to, at if to is BookingState.CANCELLING else None, 0
    found.save(update_fields=["state", "next_try_at", "tries"])
    _record(f"interpreter_booking.{to.value}", found, by=by, at=at)
    return found


def settle(at: datetime) -> int:
    """The worker's part: ask the agency for what waits; how many. A claim is committed before the agency is asked."""
    found = _claimed(at)
    for booking in found:
        _try(booking, at)
    return len(found)


def settle_one(booking_id: UUID, *, at: datetime) -> None:
    """At once, for whoever waits at the page."""
    for booking in _claimed(at, only=booking_id):
        _try(booking, at)


@transaction.atomic
def _claimed(at: datetime, *, only: UUID | None = None) -> list[InterpreterBooking]:
    due = InterpreterBooking.objects.select_for_update(skip_locked=True).filter(next_try_at__lte=at)
    found = list((due.filter(pk=only) if only else due).order_by("next_try_at")[:BATCH])
    for booking in found:
        booking.tries += 1
        booking.next_try_at = at + min(CLAIM * booking.tries, LONGEST_WAIT)
        booking.save(update_fields=["tries", "next_try_at"])
    return found


def _try(booking: InterpreterBooking, at: datetime) -> None:
    answer: Booked | Cancelled | Refused
    try:
        if booking.state == BookingState.ASKED:
            answer = interpreting.book(TARGET, _asked(booking), key=str(booking.pk), at=at)
        else:
            answer = interpreting.cancel(TARGET, booking.provider_id, key=f"{booking.pk}-cancel", at=at)
    except (LookUpFailed, NotFound) as error:
        log.info("interpreter_booking.no_answer", booking_id=str(booking.pk), error=type(error).__name__)
        if booking.tries < GIVEN_UP or booking.state != BookingState.ASKED:
            return
        answer = Refused("no answer")
    _heard(booking.pk, answer, at=at)


def _asked(booking: InterpreterBooking) -> dict[str, object]:
    """No name goes to the agency: who it is for they learn at the door."""
    return {
        "kind": booking.kind,
        "language": booking.language,
        "where": booking.where,
        "place": booking.place,
        "starts_at": booking.starts_at.isoformat(),
        "minutes": booking.minutes,
    }


@transaction.atomic
def _heard(booking_id: UUID, answer: Booked | Cancelled | Refused, *, at: datetime) -> None:
    found = InterpreterBooking.objects.select_for_update(of=("self",)).get(pk=booking_id)
    if found.next_try_at is None:
        return
    if found.state == BookingState.ASKED:
        state = BookingState.BOOKED if isinstance(answer, Booked) else BookingState.REFUSED
    else:
        state = BookingState.CANCELLED
    states.check_booking(found.state, state)
    if isinstance(answer, Booked):
        found.provider_id, found.interpreter = answer.id[:100], clean_line(answer.interpreter)[:100]
    if not isinstance(answer, Refused):
        found.cost_pence = answer.pence
    found.state, found.next_try_at, found.tries = state, None, 0
    found.save()
    _record(f"interpreter_booking.{state.value}", found, by=SYSTEM, at=at, pence=found.cost_pence)
    _tell(found, at=at)


def _tell(found: InterpreterBooking, *, at: datetime) -> None:
    person = User.objects.filter(pk=found.by, is_active=True).first()
    if person is None:
        return
    notifications.send(
        "staff/interpreter_booking",
        to=Recipient(name=person.name, email=person.email),
        about=found.subject,
        key=f"interpreter-booking-{found.pk}-{found.state}",
        context={"booking": found, "state": found.state, "kind": found.get_kind_display()},
        at=at,
    )


def _record(verb: str, found: InterpreterBooking, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=found.subject, by=by, at=at, customer_id=found.customer_id, data=data)
