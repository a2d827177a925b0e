"""Courses, and masterclasses on the website and the account: planned, booked without overbooking, reminded of, and who came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound, RuleBroken, WrongState
from townhall.customers.models import Customer
from townhall.customers.queries import reached_by
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.outreach import states
from townhall.outreach.models import Booking, Session
from townhall.outreach.states import BOOKING_NEXT, SESSION_NEXT, BookingState, SessionState

RUN = "sessions.run"
REMIND = timedelta(hours=24)  # before it begins
REMINDED = 200  # in one go
MOST_PLACES = 500


class SessionFull(RuleBroken):
    user_message = gettext_lazy("Every place is taken. Choose another session.")


@dataclass(frozen=True, kw_only=True)
class Plan:
    kind: str
    title: str
    where: str
    starts_at: datetime
    ends_at: datetime
    places: int


@transaction.atomic
def plan(new: Plan, *, by: Actor, at: datetime) -> Session:
    """Raises NotAllowed, BadInput."""
    require(by, RUN)
    problems = {}
    if new.kind not in Session.Kind.values:
        problems["kind"] = _("Select what it is")
    if not new.title.strip():
        problems["title"] = _("Enter what it is called")
    if not new.where.strip():
        problems["where"] = _("Enter where it is")
    if new.starts_at <= at:
        problems["starts_at"] = _("Enter a time to come")
    if new.ends_at <= new.starts_at:
        problems["ends_at"] = _("It has to end after it begins")
    if not 1 <= new.places <= MOST_PLACES:
        problems["places"] = _("Enter how many places there are")
    if problems:
        raise BadInput(problems)
    row = Session.objects.create(
        kind=new.kind,
        title=new.title.strip(),
        where=new.where.strip(),
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        places=new.places,
        planned_by=by.id,
    )
    ledger.record("session.planned", about=row.subject, by=by, at=at, data={"places": row.places})
    return row


@transaction.atomic
def cancel(session_id: UUID, *, by: Actor, at: datetime) -> Session:
    """It does not take place: everybody booked is told. Raises NotAllowed, NotFound, WrongState."""
    require(by, RUN)
    row = _locked(session_id)
    states.check(SESSION_NEXT, SessionState(row.state), SessionState.CANCELLED)
    row.state = SessionState.CANCELLED
    row.save(update_fields=["state"])
    ledger.record("session.cancelled", about=row.subject, by=by, at=at)
    for booking in row.bookings.select_for_update().filter(state=BookingState.BOOKED).order_by("id"):
        _set(booking, BookingState.CANCELLED, by=by, at=at)
        _tell(booking, row, "session_cancelled", at=at)
    return row


@transaction.atomic
def book(session_id: UUID, customer_id: UUID, *, by: Actor, at: datetime, contact_id: UUID | None = None) -> Booking:
    """A place for somebody, who gets a confirmation. Twice is once. Raises NotAllowed, NotFound, WrongState, SessionFull."""
    require(by, RUN)
    row = _locked(session_id)
    if row.state != SessionState.PLANNED or row.starts_at <= at:
        raise WrongState(_("This session is not open for booking."))
    if not Customer.objects.filter(pk=customer_id, merged_into=None).exists():
        raise NotFound
    held = row.bookings.select_for_update().filter(customer_id=customer_id).first()
    if held is not None and held.state == BookingState.BOOKED:
        return held
    if row.bookings.filter(state=BookingState.BOOKED).count() >= row.places:
        raise SessionFull
    if held is None:
        held = Booking.objects.create(
            session=row, customer_id=customer_id, contact_id=contact_id, booked_at=at, booked_by=by.id
        )
        ledger.record("booking.booked", about=held.subject, by=by, at=at, customer_id=customer_id)
    else:
        held.booked_at, held.booked_by, held.reminded_at = at, by.id, None
        held.save(update_fields=["booked_at", "booked_by", "reminded_at"])
        _set(held, BookingState.BOOKED, by=by, at=at)
    _tell(held, row, "session_booked", at=at)
    return held


@transaction.atomic
def mark(booking_id: UUID, then: BookingState, *, by: Actor, at: datetime) -> Booking:
    """Whether they came, or that they will not. Raises NotAllowed, NotFound, WrongState (attendance: before it began)."""
    require(by, RUN)
    found = Booking.objects.filter(pk=booking_id).first()
    if found is None:
        raise NotFound
    session = _locked(found.session_id)
    booking = Booking.objects.select_for_update().get(pk=booking_id)
    if then in (BookingState.ATTENDED, BookingState.MISSED) and session.starts_at > at:
        raise WrongState(_("It has not begun yet."))
    if then is BookingState.BOOKED:
        raise WrongState
    _set(booking, then, by=by, at=at)
    if then is BookingState.CANCELLED:
        _tell(booking, session, "session_cancelled", at=at)
    return booking


def _set(booking: Booking, then: BookingState, *, by: Actor, at: datetime) -> None:
    states.check(BOOKING_NEXT, BookingState(booking.state), then)
    booking.state = then
    booking.save(update_fields=["state"])
    ledger.record(f"booking.{then.value}", about=booking.subject, by=by, at=at, customer_id=booking.customer_id)


def remind(at: datetime) -> int:
    """The sweep: whoever is booked for the next 24 hours and was not told since is told; how many were."""
    with transaction.atomic():
        due = (
            Booking.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("session")
            .filter(
                state=BookingState.BOOKED,
                reminded_at=None,
                session__state=SessionState.PLANNED,
                session__starts_at__gt=at,
                session__starts_at__lte=at + REMIND,
            )
        )
        found = list(due.order_by("session__starts_at", "id")[:REMINDED])
        for booking in found:
            booking.reminded_at = at
            booking.save(update_fields=["reminded_at"])
            if at - booking.booked_at > timedelta(hours=1):  # who booked just now has the confirmation
                _tell(booking, booking.session, "session_reminder", at=at)
    return len(found)


def close_past(at: datetime) -> int:
    """The sweep: what has ended is over; how many there were."""
    with transaction.atomic():
        over = list(
            Session.objects.select_for_update(skip_locked=True).filter(state=SessionState.PLANNED, ends_at__lte=at)[
                :200
            ]
        )
        for row in over:
            row.state = SessionState.OVER
            row.save(update_fields=["state"])
            ledger.record("session.over", about=row.subject, by=SYSTEM, at=at)
    return len(over)


def _locked(session_id: UUID) -> Session:
    row = Session.objects.select_for_update().filter(pk=session_id).first()
    if row is None:
        raise NotFound
    return row


def _tell(booking: Booking, session: Session, template: str, *, at: datetime) -> None:
    """By their preferred way; on record as told on screen when there is none to reach them by."""
    customer = Customer.objects.get(pk=booking.customer_id)
    reached = {kind: point.value for kind, point in reached_by(customer.pk).items()}
    notifications.send(
        f"outreach/{template}",
        to=Recipient(
            name=customer.name,
            email=reached.get("email", ""),
            phone=reached.get("phone", ""),
            customer_id=customer.pk,
            prefers=customer.preferred_channel if customer.preferred_channel in ("email", "text") else None,
        ),
        about=booking.subject,
        key=f"{template}-{booking.pk}-{booking.booked_at.isoformat()}",
        context={
            "title": session.title,
            "where": session.where,
            "starts_at": session.starts_at,
            "ends_at": session.ends_at,
            "phone": settings.COUNCIL_PHONE,
        },
        at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    session: Session
    booked: int

    @property
    def left(self) -> int:
        return max(self.session.places - self.booked, 0)


def coming(*, at: datetime, limit: int = 100) -> list[Line]:
    """What is planned, the next first. One query."""
    taken = Count("bookings", filter=Q(bookings__state=BookingState.BOOKED))
    rows = Session.objects.filter(state=SessionState.PLANNED, starts_at__gt=at).annotate(booked=taken)
    return [Line(session=row, booked=row.booked) for row in rows.order_by("starts_at", "id")[:limit]]


def past(*, at: datetime, limit: int = 50) -> list[Session]:
    return list(Session.objects.filter(starts_at__lte=at).order_by("-starts_at", "-id")[:limit])


_BOOKED = """SELECT b.id, b.customer_id, c.name, b.state, b.booked_at, b.reminded_at FROM outreach_booking b
    JOIN customers_customer c ON c.id = b.customer_id WHERE b.session_id = %s ORDER BY b.booked_at, b.id"""


@dataclass(frozen=True, kw_only=True)
class Booked:
    id: UUID
    customer_id: UUID
    name: str
    state: BookingState
    booked_at: datetime
    reminded_at: datetime | None


def booked_on(session_id: UUID, *, by: Actor, at: datetime) -> list[Booked]:
    """Who is booked, and who came. That it was looked at is written down. One query. Raises NotAllowed."""
    require(by, RUN)
    ledger.looked(by=by, at=at, customer_id=None, page="outreach.session", reason=str(session_id))
    return [
        Booked(
            id=row[0], customer_id=row[1], name=row[2], state=BookingState(row[3]), booked_at=row[4], reminded_at=row[5]
        )
        for row in fetch_all(_BOOKED, (session_id,))
    ]


def of_customer(customer_id: UUID) -> list[Booking]:
    """Their places, the newest first. One query."""
    rows = Booking.objects.filter(customer_id=customer_id).select_related("session")
    return list(rows.order_by("-session__starts_at", "-id")[:20])
