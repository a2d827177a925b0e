"""Needs said once are put to use; interpreters come by phone and to meetings; finished versions are used again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.clocks.events import ClockRang
from townhall.clocks.sweeps import ring_due
from townhall.connectors import records
from townhall.connectors.standins import Standin
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.events import subscribe
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import AccessNeed, Customer
from townhall.documents.events import DocumentKept
from townhall.documents.operations import keep_document
from townhall.inclusion import applying, booking, calling, formats, lines, reviewing
from townhall.inclusion.booking import Wanted
from townhall.inclusion.formats import Asked, Finished
from townhall.inclusion.models import FormatRequest, InterpreterBooking, InterpreterCall, Relay, Room, StandardLine
from townhall.inclusion.tests.makers import MONDAY, agency, make_adviser, make_dana  # noqa: F401 - a fixture
from townhall.ledger.models import Look
from townhall.notifications import letters
from townhall.notifications import operations as notifications
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.places.models import Site
from townhall.ui.paper import Sheet, as_page, standard_lines

pytestmark = pytest.mark.django_db


def write_to(customer: Customer, *, key: str = "a") -> Message:
    to = Recipient(name=customer.name, email="dana@example.org", customer_id=customer.pk)
    about = Subject(kind="test", id=uuid4())
    context = {"need": "x", "detail": "", "phone": "01632 960000", "link": "https://example.org"}
    made = notifications.send("inclusion/need_review", to=to, about=about, key=key, context=context, at=MONDAY)
    assert made is not None
    return Message.objects.get(pk=made)


def test_whoever_has_no_internet_is_written_to_by_post_and_large_print_is_all_that_is_printed(
    settings: Any, tmp_path: Path
) -> None:
    settings.LETTER_PROVIDER, settings.DATA_DIR = "folder", tmp_path
    assert write_to(make_dana(), key="plain").channel == "email"
    dana = make_dana("no_internet", "large_print")
    message = write_to(dana)
    assert (message.channel, message.recipient_address) == ("letter", "1 Mill Lane, Aldermere, ZZ1 1AA")
    letters.Post().send(message)
    names = sorted(path.name.removeprefix(message.id.hex) for path in (tmp_path / "letters").iterdir())
    assert ".pdf" not in names
    assert 'class="large"' in (tmp_path / "letters" / f"{message.id.hex}.html").read_text()
    home = make_dana("no_internet", address="")
    assert write_to(home, key="c").channel == "email"  # there is no other way


def test_a_letter_in_a_format_that_is_made_by_hand_is_asked_for_by_itself() -> None:
    subscribe(DocumentKept, formats.document_kept)
    dana = make_dana("braille", language="pl")
    kept = keep_document(
        customer_id=dana.pk,
        kind="letter",
        title="Your council tax",
        about=Subject(kind="test", id=uuid4()),
        key="letter",
        html="<p>Hello</p>",
        by=SYSTEM,
        at=MONDAY,
    )
    rows = FormatRequest.objects.filter(document_id=kept.pk)
    assert set(rows.values_list("format", "state", "customer_id")) == {
        ("braille", "asked", dana.pk),
        ("pl", "asked", dana.pk),
    }
    receipt: dict[str, Any] = {
        "kind": "statement",
        "title": "Receipt",
        "about": Subject(kind="test", id=uuid4()),
        "key": "receipt",
    }
    keep_document(customer_id=dana.pk, html="<p>Paid</p>", by=SYSTEM, at=MONDAY, **receipt)
    assert FormatRequest.objects.count() == 2


def test_a_need_is_looked_at_again_and_the_customer_is_asked() -> None:
    subscribe(ClockRang, reviewing.clock_rang)
    dana = make_dana("large_print", "audio")
    audio = AccessNeed.objects.get(customer=dana, need="audio")
    customers.end_need(audio.pk, by=SYSTEM, at=MONDAY)
    ring_due(MONDAY + timedelta(days=367))
    (message,) = Message.objects.filter(template="inclusion/need_review")
    assert "large print" in message.body_text


def test_appointments_and_rooms_allow_for_what_somebody_needs() -> None:
    adviser, site = make_adviser(), Site.objects.create(code="hub", name="Hub")
    Room.objects.create(site=site, name="Room 1", meets=["hearing_loop"])
    Room.objects.create(site=site, name="Room 2", meets=["hearing_loop", "wheelchair"])
    dana, other = make_dana("wheelchair", "hearing_loop", "large_print"), make_dana("easy_read")
    found = applying.at_meetings([dana.pk, other.pk, None], by=adviser, at=MONDAY)
    assert {key: [one.need for one in rows] for key, rows in found.items()} == {dana.pk: ["hearing_loop", "wheelchair"]}
    assert Look.objects.filter(customer_id=dana.pk, page="needs.meeting").count() == 1
    desk = applying.at_desk(["wheelchair", "hearing_loop"], "en", site_code="hub")
    assert desk is not None
    assert desk.rooms == ["Room 2"]
    assert applying.at_desk(["large_print"], "en", site_code="hub") is None


def test_sign_language_video_comes_from_the_site_or_from_everywhere() -> None:
    site = Site.objects.create(code="hub", name="Hub")
    everywhere = Relay.objects.create(kind="bsl_vrs", link="https://example.org/everywhere", live_on=MONDAY.date())
    here = Relay.objects.create(kind="bsl_vrs", site=site, link="https://example.org/hub", live_on=MONDAY.date())
    at_hub, elsewhere = (applying.at_desk(["bsl"], "en", site_code=code) for code in ("hub", None))
    assert at_hub
    assert elsewhere
    assert (at_hub.relay, elsewhere.relay, at_hub.signer) == (here, everywhere, "bsl")


@pytest.mark.django_db(transaction=True)
def test_an_interpreter_is_put_through_with_seconds_and_cost(agency: Standin) -> None:  # noqa: F811
    adviser, dana = make_adviser(now()), make_dana(at=now())
    contact, at = uuid4(), now()
    with pytest.raises(BadInput):
        calling.ask(contact, language="en", customer_id=dana.pk, by=adviser, at=at)
    asked = calling.ask(contact, language="pl", customer_id=dana.pk, third="01632 960 500", by=adviser, at=at)
    assert calling.ask(contact, language="pl", customer_id=dana.pk, by=adviser, at=at).pk == asked.pk
    call = calling.put_through(asked.pk, at=now())
    assert (call.state, call.third_number, call.join) == ("connected", "+441632960500", "01632 960990, 4471#")
    assert call.seconds_to_connect is not None
    assert call.seconds_to_connect <= 2
    over = calling.hang_up(call.pk, by=adviser, at=now())
    assert (over.state, over.cost_pence, over.next_look_at) == ("ended", 95, None)
    assert len(agency.office.interpreters.calls) == 1

    rare = calling.ask(uuid4(), language="ti", customer_id=None, by=adviser, at=now())
    assert calling.put_through(rare.pk, at=now()).state == "failed"
    agency.book.change_mood({"outage": True})
    late = calling.ask(uuid4(), language="ur", customer_id=None, by=adviser, at=now())
    assert calling.put_through(late.pk, at=now()).state == "asked"
    agency.book.change_mood({"outage": False})
    records.forget()
    InterpreterCall.objects.update(next_look_at=now())
    calling.look_at_calls(now())
    late.refresh_from_db()
    assert late.state == "connected"


@pytest.mark.django_db(transaction=True)
def test_a_signer_is_booked_for_a_visit_and_cancelled(agency: Standin) -> None:  # noqa: F811
    adviser, dana = make_adviser(now()), make_dana("bsl", at=now())
    starts = now() + timedelta(days=3)
    wanted = Wanted(kind="bsl", where="home", place="1 Mill Lane", starts_at=starts, minutes=90, customer_id=dana.pk)
    agency.book.change_mood({"outage": True})
    made = booking.ask(wanted, by=adviser, at=now())
    booking.settle_one(made.pk, at=now())
    made.refresh_from_db()
    assert made.state == "asked"
    agency.book.change_mood({"outage": False})
    records.forget()
    assert booking.settle(now() + timedelta(minutes=2)) == 1
    made.refresh_from_db()
    assert (made.state, made.cost_pence, bool(made.interpreter)) == ("booked", 8_400, True)
    assert "Dana" not in str(agency.office.interpreters.bookings)
    booking.cancel(made.pk, by=adviser, at=now())
    booking.settle_one(made.pk, at=now())
    made.refresh_from_db()
    assert (made.state, made.cost_pence) == ("cancelled", 0)
    assert Message.objects.filter(template="staff/interpreter_booking").count() == 2
    agency.office.interpreters.free = 0
    other = booking.ask(wanted, by=adviser, at=now())
    booking.settle_one(other.pk, at=now())
    assert InterpreterBooking.objects.get(pk=other.pk).state == "refused"
    with pytest.raises(WrongState):
        booking.cancel(other.pk, by=adviser, at=now())


def test_a_finished_version_serves_everybody_who_waits_and_whoever_asks_next() -> None:
    adviser = make_adviser()
    dana, other = make_dana(), make_dana()
    page = Asked(what="page", source="http://localhost/services/bins/", title="Bins", format="pl", customer_id=dana.pk)
    with pytest.raises(BadInput):
        formats.ask(
            Asked(what="page", source="/x", title="X", format="klingon", customer_id=dana.pk), by=adviser, at=MONDAY
        )
    first = formats.ask(page, by=adviser, at=MONDAY)
    second = formats.ask(
        Asked(what="page", source=first.source[5:], title="Bins", format="pl", customer_id=other.pk),
        by=adviser,
        at=MONDAY,
    )
    with pytest.raises(BadInput):
        formats.finish(first.pk, Finished(), by=adviser, at=MONDAY)
    formats.finish(first.pk, Finished(words="Kosze na śmieci"), by=adviser, at=MONDAY)
    second.refresh_from_db()
    assert second.state == "ready"
    assert second.version is not None
    assert second.version.words == "Kosze na śmieci"
    third = formats.ask(page, by=adviser, at=MONDAY)
    assert (third.state, third.version_id) == ("ready", second.version_id)
    formats.sent(third.pk, by=adviser, at=MONDAY)
    formats.outdate(second.version.pk, by=adviser, at=MONDAY)
    assert formats.ask(page, by=adviser, at=MONDAY).state == "asked"


def test_standard_lines_print_on_every_publication() -> None:
    manager = actor_for(make_user(roles=(Role.TEAM_MANAGER,)), MONDAY)
    with pytest.raises(NotAllowed):
        lines.keep_line(language="pl", words="x", is_printed=True, by=make_adviser(), at=MONDAY)
    lines.keep_line(language="pl", words="Po polsku: 01632 960000", is_printed=True, position=1, by=manager, at=MONDAY)
    lines.keep_line(language="ur", words="اردو میں", is_printed=True, position=2, by=manager, at=MONDAY)
    lines.keep_line(language="fr", words="En français", is_printed=False, by=manager, at=MONDAY)
    lines._printed.forget()
    page = as_page(Sheet(title="A leaflet", body="<p>Words</p>", lines=standard_lines()))
    assert '<p lang="pl">Po polsku: 01632 960000</p>' in page
    assert '<p lang="ur" dir="rtl">' in page
    assert "français" not in page
    assert StandardLine.objects.count() == 3
