"""Assisted digital: noted at the wrap-up, booked without overbooking, reminded, and residents who need help are found."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from townhall.accounts.models import Role
from townhall.contacts import operations as contacts
from townhall.contacts.models import Contact
from townhall.contacts.operations import WrapUp
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, RuleBroken, WrongState
from townhall.core.time import now
from townhall.ledger.models import Look
from townhall.notifications.models import Message
from townhall.outreach import assisting, sessions
from townhall.outreach.assisting import More
from townhall.outreach.models import Assisted, Booking
from townhall.outreach.sessions import SessionFull
from townhall.outreach.states import BookingState
from townhall.outreach.tests.makers import make_customer, make_session, ready, staff

DONE = WrapUp(reason_code="request", outcome="resolved", avoidable=False, anything_else=False)


def talk(customer: object, adviser: Actor, more: More) -> Contact:
    contact = contacts.start(channel="counter", customer_id=customer, by=adviser, at=now())  # type: ignore[arg-type]
    assisting.wrap_up(contact.pk, DONE, more, by=adviser, at=now())
    return contact


@pytest.mark.django_db
@pytest.mark.capability("INCL-06")
def test_help_is_noted_found_booked_and_counted() -> None:
    ready()
    adviser, officer = staff(Role.ADVISER), staff(Role.OFFICER)
    pat, kit, lee = (make_customer(name, email=f"{name}@example.org") for name in ("pat", "kit", "lee"))
    contact = talk(pat, adviser, More(was_assisted=True, barrier="no_device", wants_help=True))
    talk(pat, adviser, More(was_assisted=True))
    talk(kit, adviser, More(barrier="prefers_people"))
    talk(lee, adviser, More())
    found = assisting.needing_help(by=adviser, at=now()).rows
    assert [(one.name, one.times, one.barriers) for one in found] == [("pat", 1, ("no_device",))]
    assert Look.objects.filter(page="outreach.needing_help").exists()
    with pytest.raises(NotAllowed):
        assisting.needing_help(by=officer, at=now())

    session = make_session(by=adviser, places=1)
    booking = sessions.book(session.pk, pat, by=adviser, at=now(), contact_id=contact.pk)
    assert sessions.book(session.pk, pat, by=adviser, at=now()) == booking
    with pytest.raises(SessionFull):
        sessions.book(session.pk, kit, by=adviser, at=now())
    assert assisting.needing_help(by=adviser, at=now()).rows[0].booked_on == session.starts_at
    assert sessions.remind(now()) == 0
    eve = session.starts_at - timedelta(hours=20)
    assert (sessions.remind(eve), sessions.remind(eve)) == (1, 0)
    told = list(Message.objects.filter(customer_id=pat).order_by("created_at").values_list("template", flat=True))
    assert told == ["outreach/session_booked", "outreach/session_reminder"]
    with pytest.raises(WrongState):
        sessions.mark(booking.pk, BookingState.ATTENDED, by=adviser, at=eve)
    after = session.ends_at + timedelta(minutes=1)
    sessions.mark(booking.pk, BookingState.ATTENDED, by=adviser, at=after)
    assert sessions.close_past(after) == 1
    assert assisting.needing_help(by=adviser, at=after).rows == []
    figures = assisting.figures(at=after)
    assert (figures.months[0].contacts, figures.months[0].assisted, figures.months[0].percent) == (4, 2, 50.0)
    assert figures.barriers == [
        (str(Assisted.Barrier.NO_DEVICE.label), 1, 1),
        (str(Assisted.Barrier.PREFERS_PEOPLE.label), 1, 0),
    ]
    assert (figures.booked, figures.came, figures.missed) == (1, 1, 0)


@pytest.mark.django_db
def test_a_wrap_up_that_is_not_whole_keeps_nothing_of_it() -> None:
    ready()
    adviser = staff(Role.ADVISER)
    contact = contacts.start(channel="phone", by=adviser, at=now())
    with pytest.raises(BadInput):
        assisting.wrap_up(
            contact.pk,
            WrapUp(reason_code="", outcome="", avoidable=None),
            More(was_assisted=True),
            by=adviser,
            at=now(),
        )
    for more in (More(barrier="rain"), More(code="NOSUCH")):
        with pytest.raises(BadInput):
            assisting.wrap_up(contact.pk, DONE, more, by=adviser, at=now())
    assert not Assisted.objects.exists()
    assert Contact.objects.get().ended_at is None


@pytest.mark.django_db
def test_a_place_given_up_is_free_again_and_a_session_called_off_is_told() -> None:
    ready()
    adviser = staff(Role.ADVISER)
    pat, kit = make_customer("pat", email="pat@example.org"), make_customer("kit", email="kit@example.org")
    session = make_session(by=adviser, places=1)
    sessions.mark(sessions.book(session.pk, pat, by=adviser, at=now()).pk, BookingState.CANCELLED, by=adviser, at=now())
    sessions.book(session.pk, kit, by=adviser, at=now())
    sessions.cancel(session.pk, by=adviser, at=now())
    assert set(
        Message.objects.filter(template="outreach/session_cancelled").values_list("recipient_name", flat=True)
    ) == {"pat", "kit"}
    with pytest.raises(WrongState):
        sessions.book(session.pk, pat, by=adviser, at=now())


@pytest.mark.django_db(transaction=True)
def test_of_four_who_want_the_last_place_at_once_one_gets_it() -> None:
    adviser = staff(Role.ADVISER)
    session = make_session(by=adviser, places=1)
    people = [make_customer(f"person {number}") for number in range(4)]
    said: list[str] = []

    def run(customer: object) -> None:
        try:
            sessions.book(session.pk, customer, by=adviser, at=now())  # type: ignore[arg-type]
            said.append("booked")
        except RuleBroken as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["SessionFull", "SessionFull", "SessionFull", "booked"]
    assert Booking.objects.filter(state="booked").count() == 1
