"""The adviser's desk: find somebody or make a record, take a report for them, chase, wrap up."""

from __future__ import annotations

import io
import re
from datetime import time
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from msgspec.structs import replace
from PIL import Image

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case, CaseContact, Escalation, IncidentContact
from townhall.cases.tests.makers import make_case, make_post
from townhall.catalogue import queries as catalogue
from townhall.catalogue.models import Service
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.files.models import StoredFile
from townhall.forms.models import Submission
from townhall.ledger.models import Look
from townhall.neighbourhood.models import Subscription
from townhall.neighbourhood.operations import post_incident
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.places.models import Address, OpeningHours, Site, Street
from townhall.places.place import Place, Source
from townhall.workspace import report_desk
from townhall.workspace.report_desk import Taken
from townhall.workspace.tests.conftest import signed_in_as

ROW, HOME = "7001", "100001"


@pytest.fixture
def borough(db: None) -> None:
    seed_reference_data()
    Street.objects.create(
        usrn=ROW, name="Harbour Row", search_text="harbour row", easting=530_000, northing=180_000, locality="Aldermere"
    )
    Address.objects.create(
        uprn=HOME,
        street_id=ROW,
        line="12 Harbour Row, Aldermere",
        postcode="ZZ11AA",
        search_text="12 harbour row aldermere",
        easting=530_000,
        northing=180_000,
    )
    forget_all()


@pytest.fixture
def priya(borough: None) -> User:
    return make_user(roles=(Role.ADVISER,), name="Priya Adviser")


@pytest.fixture
def desk(priya: User) -> Client:
    client = Client()
    sign_in(client, priya)
    return client


def make_customer(name: str = "Sam Okafor", **more: Any) -> Customer:
    return customers.create(NewCustomer(name=name, **more), by=SYSTEM, at=now())


def make_conversation(desk: Client, customer: Customer | None = None, **more: str) -> Contact:
    posted = {"channel": "phone", "customer": str(customer.pk) if customer else "", **more}
    answer = desk.post("/work/desk/contacts/new", posted)
    assert answer.status_code == 302, answer.content.decode()
    return Contact.objects.get(pk=UUID(answer["Location"].rsplit("/", 1)[1]))


def report_values(**more: str) -> dict[str, str]:
    return {
        "key": "k1",
        "choice": f"address:{HOME}",
        "size": "bag",
        "description": "Two black bags by the wall",
        "contact-name": "Sam Okafor",
        "contact-email": "sam@example.org",
        **more,
    }


WRAP_UP = {"reason_code": "report", "outcome": "referred", "avoidable": "no", "anything_else": "no"}


@pytest.mark.capability("REPT-01", "CUST-01", "CHAN-01", "CHAN-04", "CASE-05")
def test_an_adviser_makes_a_record_takes_a_report_and_wraps_up(desk: Client, priya: User) -> None:
    contact = make_conversation(desk, name="Sam", phone="01632 960123")
    assert not Customer.objects.exists()  # nobody is made by getting in touch

    made = desk.post(
        "/work/customers/new",
        {
            "contact": str(contact.pk),
            "name": "Sam Okafor",
            "email": "sam@example.org",
            "phone": "01632 960123",
            "choice": HOME,
        },
    )
    assert made["Location"] == f"/work/desk/contacts/{contact.pk}"
    sent = desk.post(f"/work/desk/contacts/{contact.pk}/report/fly-tipping", report_values())
    assert sent["Location"] == f"/work/desk/contacts/{contact.pk}", sent.content.decode()

    case = Case.objects.get()
    sam = Customer.objects.get()
    page = desk.get(sent["Location"]).content.decode()
    assert case.reference in page
    assert "A street cleaning officer will look at it" in page
    assert case.customer_id == sam.pk
    submission = Submission.objects.get()
    assert (submission.by_id, submission.on_behalf_of) == (str(priya.pk), sam.pk)  # both names are kept
    assert CaseContact.objects.get().contact_id == contact.pk
    assert Contact.objects.count() == 1  # the conversation counts once
    assert Message.objects.get().recipient_address == "sam@example.org"

    done = desk.post(f"/work/desk/contacts/{contact.pk}/wrap-up", WRAP_UP)
    assert done["Location"] == "/work/customers"
    contact.refresh_from_db()
    assert (contact.reason_code, contact.outcome, contact.avoidable, contact.anything_else) == (
        "report",
        "referred",
        False,
        False,
    )
    assert contact.ended_at is not None
    assert contact.service_code == ""


def test_a_yes_to_anything_else_opens_a_further_conversation_in_one_step(desk: Client) -> None:
    sam = make_customer()
    contact = make_conversation(desk, sam)

    answer = desk.post(f"/work/desk/contacts/{contact.pk}/wrap-up", {**WRAP_UP, "anything_else": "yes"})

    further = Contact.objects.get(ended_at__isnull=True)
    assert answer["Location"] == f"/work/desk/contacts/{further.pk}"
    assert (further.follows_id, further.customer_id, further.channel_id) == (contact.pk, sam.pk, "phone")


@pytest.mark.capability("CHAN-04")
def test_a_wrap_up_that_is_not_whole_keeps_what_was_filled_in(desk: Client) -> None:
    contact = make_conversation(desk, name="Sam")
    filled = {"reason_code": "information", "avoidable": "yes", "notes": "Asked <b>when</b> we open"}

    answer = desk.post(f"/work/desk/contacts/{contact.pk}/wrap-up", filled)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Select whether it was resolved or referred" in page
    assert "Select why this contact was avoidable" in page
    assert "Asked &lt;b&gt;when&lt;/b&gt; we open" in page
    assert re.search(r'value="information" checked', page)
    assert "They were put through twice" in page  # worked examples stand beside each kind
    contact.refresh_from_db()
    assert contact.ended_at is None


def test_a_form_filled_in_together_is_ticked_as_done_online_together(desk: Client) -> None:
    ticked = re.compile(r'name="assisted"[^>]*value="yes"[^>]*checked')
    contact = make_conversation(desk)
    case = make_case()
    CaseContact.objects.create(case=case, contact_id=contact.pk, kind="origin", at=now())
    assert not ticked.search(desk.get(f"/work/desk/contacts/{contact.pk}/wrap-up").content.decode())
    service = Service.objects.get(code=case.service_code)
    Service.objects.filter(pk=service.pk).update(pack=service.pack | {"form": "tip"}, version=service.version + 1)
    forget_all()

    assert ticked.search(desk.get(f"/work/desk/contacts/{contact.pk}/wrap-up").content.decode())
    page = desk.get(f"/work/cases/{case.reference}").content.decode()
    assert "What was asked" in page
    assert [one for one in ("Reported nearby", "No photo was sent") if one in page] == []


@pytest.mark.capability("CASE-10")
def test_chasing_is_kept_on_the_case_and_raised_when_it_happens_too_often(desk: Client) -> None:
    sam = make_customer(email="sam@example.org")
    make_post("street-cleansing-manager", team="street-cleansing", role=Role.TEAM_MANAGER)
    case = make_case(reporter=Recipient(name="Sam Okafor", email="sam@example.org", customer_id=sam.pk))
    before = Case.objects.count()

    for _time in range(2):
        contact = make_conversation(desk, sam)
        page = desk.get(f"/work/desk/contacts/{contact.pk}").content.decode()
        assert case.reference in page  # their open cases are there to be chased
        desk.post(f"/work/desk/contacts/{contact.pk}/chasers", {"reference": case.reference.lower()})
        desk.post(f"/work/desk/contacts/{contact.pk}/chasers", {"reference": case.reference})  # twice in one is once
        wrap = desk.get(f"/work/desk/contacts/{contact.pk}/wrap-up").content.decode()
        assert re.search(r'value="progress_chasing" checked', wrap)

    case.refresh_from_db()
    assert case.chasers == 2
    assert Case.objects.count() == before
    assert Escalation.objects.get().to_post.code == "street-cleansing-manager"


def test_what_they_add_reaches_the_case_with_the_conversation(desk: Client) -> None:
    sam = make_customer()
    case = make_case()
    contact = make_conversation(desk, sam)
    path = f"/work/desk/contacts/{contact.pk}/information"

    assert desk.post(path, {"reference": case.reference, "said": " "}).status_code == 422
    wrong = desk.post(path, {"reference": "TH-0000-0000", "said": "There is a fridge as well"})
    assert "We have no case with that reference" in wrong.content.decode()
    assert "There is a fridge as well" in wrong.content.decode()
    assert desk.post(path, {"reference": case.reference, "said": "x" * 4001}).status_code == 422
    desk.post(path, {"reference": case.reference, "said": "There is a fridge as well"})

    assert case.notes.get().text == "There is a fridge as well"
    assert case.contacts.get(kind=CaseContact.Kind.MORE).contact_id == contact.pk


def test_what_is_asked_for_one_home_is_the_same_only_at_that_home(borough: None) -> None:
    same = make_case(at=now(), description="Black bags by the wall")
    pack = catalogue.service(same.service_code)
    at_home = replace(pack, place=replace(pack.place, needs_address=True))
    taken = Taken(place=Place(source=Source.ADDRESS, easting=530_000, northing=180_000, address="Harbour Row"))
    next_door = Taken(place=Place(source=Source.ADDRESS, easting=530_000, northing=180_000, address="2 Harbour Row"))

    assert [one.id for one in report_desk.warned(pack, next_door, at=now()).near] == [same.pk]
    assert [one.id for one in report_desk.warned(at_home, taken, at=now()).near] == [same.pk]
    assert list(report_desk.warned(at_home, next_door, at=now()).near) == []


def test_looking_somebody_up_in_a_conversation_keeps_the_caller(desk: Client) -> None:
    contact = make_conversation(desk, name="Ada Caller", phone="01632 960123")

    page = desk.get(f"/work/desk/contacts/{contact.pk}").content.decode()
    assert f'href="/work/customers?contact={contact.pk}"' in page
    looked = desk.get(f"/work/customers?contact={contact.pk}").content.decode()
    assert f'name="contact" value="{contact.pk}"' in looked
    assert "Ada Caller" in desk.get(f"/work/customers/new?contact={contact.pk}").content.decode()
    assert 'href="/work/customers"' in desk.get("/work/customers").content.decode()


def test_pressing_start_twice_begins_one_conversation(desk: Client) -> None:
    sam = make_customer(email="okafor@example.org")
    page = desk.get(f"/work/desk/contacts/new?customer={sam.pk}").content.decode()
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found

    first = make_conversation(desk, sam, key=found[1])

    assert make_conversation(desk, sam, key=found[1]) == first
    assert Contact.objects.filter(customer=sam).count() == 1
    changed = desk.post("/work/desk/contacts/new", {"channel": "letter", "customer": str(sam.pk), "key": found[1]})
    assert "Press Start once more." in changed.content.decode()
    assert found[1] not in changed.content.decode()


def test_an_adviser_is_offered_the_channels_that_reach_an_adviser(desk: Client) -> None:
    page = desk.get("/work/desk/contacts/new").content.decode()

    assert 'value="phone"' in page
    assert 'value="letter"' in page
    for code in ("web", "phone_automated", "account", "kiosk", "api"):
        assert f'value="{code}"' not in page


def test_what_is_reported_near_by_is_shown_first_and_can_be_followed_for_them(desk: Client) -> None:
    sam = make_customer(email="okafor@example.org")
    earlier = make_case(at=now(), description="Black bags by the wall")
    contact = make_conversation(desk, sam)
    path = f"/work/desk/contacts/{contact.pk}/report/fly-tipping"

    warned = desk.post(path, report_values()).content.decode()
    assert earlier.reference in warned
    assert Case.objects.count() == 1
    desk.post(path, report_values(**{"follow": earlier.reference, "contact-email": "okafor@example.org"}))

    assert Case.objects.count() == 1
    earlier.refresh_from_db()
    assert earlier.followers == 2
    assert earlier.contacts.filter(contact_id=contact.pk, kind=CaseContact.Kind.MORE).exists()


@pytest.mark.capability("CASE-14")
@pytest.mark.parametrize(
    ("email", "says"), [("sam@example.org", "They are told when it is over"), ("", "Without an email")]
)
def test_a_report_of_what_is_announced_is_kept_with_the_incident(desk: Client, email: str, says: str) -> None:
    incident = post_incident(
        service_code="fly-tipping",
        scope="street",
        scope_code=ROW,
        title="Heaps after the market",
        message="A lorry clears the Row tomorrow.",
        by=SYSTEM,
        at=now(),
    )
    contact = make_conversation(desk, name="Sam")
    path = f"/work/desk/contacts/{contact.pk}/report/fly-tipping"

    warned = desk.post(path, report_values()).content.decode()
    assert "A lorry clears the Row tomorrow." in warned
    assert f'name="incident" value="{incident.pk}"' in warned
    values = report_values(incident=str(incident.pk)) | {"contact-email": email}
    page = desk.post(path, values, follow=True).content.decode()

    assert says in page
    assert IncidentContact.objects.get(incident=incident).contact_id == contact.pk
    assert Subscription.objects.filter(email="sam@example.org").count() == bool(email)
    assert not Case.objects.exists()
    assert desk.post(path, report_values(incident="x")).status_code == 404


def test_a_report_said_to_be_another_is_sent_once_however_often_it_is_clicked(desk: Client) -> None:
    sam = make_customer(email="sam@example.org")
    make_case(at=now(), description="Black bags by the wall")
    contact = make_conversation(desk, sam)
    path = f"/work/desk/contacts/{contact.pk}/report/fly-tipping"
    warned = desk.post(path, report_values()).content.decode()
    seen = re.search(r'name="checked"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="checked"', warned)
    assert seen

    for _click in range(2):
        desk.post(path, report_values(checked=seen.group(1) or seen.group(2)))

    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"choice": ""}, "Search for an address or street"),
        ({"size": ""}, "Answer the question"),
        ({"size": "lorry"}, "There is a problem"),
        ({"contact-email": "nobody"}, "name@example.com"),
        ({"words": "x" * 501}, "500 characters"),
        ({"choice": "address:💥"}, "Search for an address or street"),
        ({"description": "x" * 4001}, "4,000 characters or fewer"),
    ],
)
def test_a_report_with_a_mistake_says_so_and_keeps_the_rest(desk: Client, change: dict[str, str], says: str) -> None:
    contact = make_conversation(desk, make_customer())

    answer = desk.post(f"/work/desk/contacts/{contact.pk}/report/fly-tipping", report_values(**change))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert says.replace(",", "") in page.replace(",", "")
    assert "Sam Okafor" in page
    assert not Case.objects.exists()


@pytest.mark.capability("CUST-07")
def test_a_call_from_a_known_number_opens_the_record_or_a_list(desk: Client) -> None:
    sam = make_customer(phone="01632 960123")

    only = desk.get("/work/desk/call?number=%2B441632960123")
    assert only["Location"].startswith(f"/work/customers/{sam.pk}?call=")
    make_customer("Ada Okafor", phone="01632960123")
    both = desk.get("/work/desk/call?number=01632960123").content.decode()
    assert "Sam Okafor" in both
    assert "Ada Okafor" in both
    assert "Nobody is known by this number" in desk.get("/work/desk/call?number=01632960999").content.decode()


@pytest.mark.capability("CUST-07", "CHAN-04")
def test_who_it_may_be_is_offered_by_the_number_and_by_the_case_they_ask_about(desk: Client) -> None:
    sam = make_customer(phone="01632 960123")
    kim = make_customer("Kim Case")
    theirs = make_case(reporter=Recipient(name="Kim", email="kim@example.org", customer_id=kim.pk))
    called = make_conversation(desk, phone="01632960123")

    page = desk.get(f"/work/desk/contacts/{called.pk}").content.decode()
    assert "from 01632960123" in page
    assert "known by 01632960123" in page
    assert f'name="customer" value="{sam.pk}"' in page
    assert "Kim Case" not in page

    desk.post(f"/work/desk/contacts/{called.pk}/chasers", {"reference": theirs.reference})
    page = desk.get(f"/work/desk/contacts/{called.pk}").content.decode()
    assert f"{theirs.reference} is theirs" in page
    assert f'name="customer" value="{kim.pk}"' in page

    desk.post(f"/work/desk/contacts/{called.pk}/customer", {"customer": str(kim.pk)})
    page = desk.get(f"/work/desk/contacts/{called.pk}").content.decode()
    assert "It may be" not in page
    assert "from 01632960123" in page
    report = desk.get(f"/work/desk/contacts/{called.pk}/report/fly-tipping").content.decode()
    assert "For Kim Case, from 01632960123" in report


def test_what_was_reported_before_it_was_known_who_it_is_with_is_theirs(desk: Client) -> None:
    sam = make_customer()
    contact = make_conversation(desk, name="Sam")
    desk.post(f"/work/desk/contacts/{contact.pk}/report/fly-tipping", report_values())
    assert Case.objects.get().customer_id is None

    desk.post(f"/work/desk/contacts/{contact.pk}/customer", {"customer": str(sam.pk)})

    assert Case.objects.get().customer_id == sam.pk
    assert Case.objects.get().reference in desk.get(f"/work/customers/{sam.pk}?kind=case").content.decode()


def test_a_language_is_named(desk: Client) -> None:
    sam = make_customer(language="pl")

    assert "<strong>Polski</strong>" in desk.get(f"/work/customers/{sam.pk}?reason=check").content.decode()


def test_a_new_record_begins_with_what_the_conversation_knows(desk: Client) -> None:
    contact = make_conversation(desk, name="Sam", phone="01632 960123")

    page = desk.get(f"/work/customers/new?contact={contact.pk}").content.decode()

    assert 'value="Sam"' in page
    assert 'value="01632 960123"' in page


def a_photo(name: str = "bags.png") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "PNG")
    return SimpleUploadedFile(name, picture.getvalue(), content_type="image/png")


@pytest.mark.capability("REPT-01", "CHAN-04")
def test_photos_and_a_place_on_the_map_are_given_at_the_desk(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townhall.street.placing.is_drawn", lambda: True)
    path = f"/work/desk/contacts/{make_conversation(desk).pk}/report/fly-tipping"
    on_map = {
        "place_lat": "51.506000",
        "place_lng": "-0.129000",
        "choice": "map",
        "q": "harbour row",
        "words": "Behind the shed",
    }

    added = desk.post(path, {**report_values(**on_map), "add": "1", "photos": a_photo()}).content.decode()
    (photo,) = StoredFile.objects.all()
    assert f'name="photo" value="{photo.pk}"' in added
    refused = desk.post(path, {**report_values(**on_map), "photos": SimpleUploadedFile("bags.png", b"no picture")})
    assert refused.status_code == 422

    sent = desk.post(path, {**report_values(**on_map), "photo": str(photo.pk), "photos": a_photo("more.png")})
    assert sent.status_code == 302, sent.content.decode()
    case = Case.objects.get()
    assert (case.place_source, case.place_words) == ("map", "Behind the shed")
    assert case.lat == pytest.approx(51.506, abs=1e-4)
    assert set(StoredFile.objects.values_list("case_id", flat=True)) == {case.pk}
    assert StoredFile.objects.count() == 2


def test_a_step_on_the_map_keeps_what_was_typed_and_another_drafts_photo_is_not_taken(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("townhall.street.placing.is_drawn", lambda: True)
    path = f"/work/desk/contacts/{make_conversation(desk).pk}/report/fly-tipping"
    other = f"/work/desk/contacts/{make_conversation(desk).pk}/report/fly-tipping"
    desk.post(other, {**report_values(), "add": "1", "photos": a_photo()})
    photo = StoredFile.objects.get()

    step = {
        "choice": "",
        "q": "harbour row",
        "place_view": "51.505000,-0.128000,240",
        "place_move": "here",
        "photo": str(photo.pk),
    }
    page = desk.post(path, report_values(**step)).content.decode()

    assert "Two black bags by the wall" in page
    assert 'value="51.505000"' in page
    assert re.search(r'value="map" checked', page)
    assert str(photo.pk) not in page
    assert not Case.objects.exists()


def test_whoever_may_be_the_same_is_shown_before_a_record_is_made(desk: Client) -> None:
    make_customer(email="home@example.org")
    new = {"key": "k", "kind": "person", "name": "Ada Okafor", "email": "home@example.org"}

    shown = desk.post("/work/customers/new", new).content.decode()
    assert "Is it one of these?" in shown
    assert Customer.objects.count() == 1
    for _click in range(2):
        desk.post("/work/customers/new", {**new, "checked": "1"})

    assert Customer.objects.count() == 2


@pytest.mark.capability("CUST-01")
def test_the_record_says_needs_first_and_everything_so_far_newest_first(desk: Client, priya: User) -> None:
    sam = make_customer(email="sam@example.org", uprn=HOME)
    customers.agree_need(sam.pk, need="bsl", by=SYSTEM, at=now())
    reported = make_case(reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam.pk))
    contact = make_conversation(desk, sam)
    desk.post(f"/work/desk/contacts/{contact.pk}/chasers", {"reference": reported.reference})
    before = Look.objects.count()

    page = desk.get(f"/work/customers/{sam.pk}").content.decode()

    assert page.index("British Sign Language") < page.index("sam@example.org")
    chased = page.index("chased")
    assert chased < page.rindex(reported.reference)
    looks = list(Look.objects.order_by("at"))[before:]
    assert [(look.page, look.reason, look.customer_id, look.actor_id) for look in looks] == [
        ("customer.record", "contact", sam.pk, str(priya.pk))
    ]


@pytest.mark.capability("GOVN-03")
def test_without_a_conversation_the_reason_is_asked_before_anything_is_shown(desk: Client) -> None:
    sam = make_customer(email="sam@example.org")
    path = f"/work/customers/{sam.pk}"

    for asked in (path, f"{path}?reason=because"):
        page = desk.get(asked)
        assert "Why do you need this record?" in page.content.decode()
        assert "sam@example.org" not in page.content.decode()
        assert "Okafor" not in page.content.decode()
    assert desk.get(f"{path}?asked=1").status_code == 422
    assert not Look.objects.exists()

    assert "sam@example.org" in desk.get(f"{path}?reason=request&asked=1").content.decode()
    assert [(look.page, look.reason) for look in Look.objects.all()] == [("customer.record", "request")]


def test_before_there_is_a_reason_a_conversation_may_begin_by_any_channel(desk: Client) -> None:
    sam = make_customer()

    page = desk.get(f"/work/customers/{sam.pk}").content.decode()

    assert "They are on the phone" in page
    assert f'href="/work/desk/contacts/new?customer={sam.pk}">They got in touch another way' in page


def test_a_long_history_is_read_page_by_page_without_gaps(desk: Client) -> None:
    sam = make_customer()
    rows = [
        Contact(channel_id="phone", started_at=now(), ended_at=now(), customer=sam, notes=f"note {number:03}")
        for number in range(45)
    ]
    Contact.objects.bulk_create(rows)

    seen: list[str] = []
    path = f"/work/customers/{sam.pk}?reason=check"
    while path:
        page = desk.get(path).content.decode()
        seen += re.findall(r"note \d{3}", page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = more.group(1).replace("&amp;", "&") if more else ""

    assert len(seen) == len(set(seen)) == 45


def test_an_officer_sees_that_another_teams_case_is_there_and_no_more(borough: None) -> None:
    sam = make_customer(email="sam@example.org")
    hole = make_case("pothole", reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam.pk))
    officer = signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)

    page = officer.get(f"/work/customers/{sam.pk}?reason=case").content.decode()

    assert hole.reference not in page
    assert "Held elsewhere: Pothole" in page


def test_a_conversation_is_its_advisers_own(desk: Client, borough: None) -> None:
    contact = make_conversation(desk, make_customer())
    other = signed_in_as("ben", team="customer-services", role=Role.ADVISER)
    auditor = signed_in_as("una", team="audit", role=Role.AUDITOR)

    for path in ("", "/wrap-up", "/report", "/report/fly-tipping"):
        assert other.get(f"/work/desk/contacts/{contact.pk}{path}").status_code == 404
    assert other.post(f"/work/desk/contacts/{contact.pk}/wrap-up", WRAP_UP).status_code == 404
    assert auditor.get(f"/work/desk/contacts/{contact.pk}").status_code == 403
    assert auditor.get("/work/customers?q=okafor").status_code == 403


@pytest.mark.parametrize("part", ["contact-points", "addresses", "needs", "roles", "numbers", "representatives"])
@pytest.mark.parametrize(
    "typed", ["", "x" * 5000, "\x00\x01", "\u202eabc", "😀", "<script>evil()</script>", "01632 960555"]
)
def test_every_part_of_a_record_takes_any_input(desk: Client, part: str, typed: str) -> None:
    sam = make_customer()
    names = (
        "email",
        "phone",
        "q",
        "choice",
        "address",
        "postcode",
        "need",
        "detail",
        "role",
        "kind",
        "number",
        "representative",
        "relation",
        "evidence",
    )

    answer = desk.post(f"/work/customers/{sam.pk}/{part}", dict.fromkeys(names, typed))

    assert answer.status_code in {302, 422}
    assert "<script>evil" not in answer.content.decode()


@pytest.mark.capability("HOUR-01")
def test_an_administrator_adds_a_closed_day_and_everybody_is_told(desk: Client, borough: None) -> None:
    Site.objects.create(code="centre", name="Customer Centre")
    for weekday in range(7):
        OpeningHours.objects.create(site_id="centre", weekday=weekday, opens=time(0), closes=time(23, 59))
    forget_all()
    today = council_date(now()).isoformat()
    admin = signed_in_as("ann", team="corporate", role=Role.ADMINISTRATOR)

    assert desk.post("/work/hours/exceptions", {"where": "centre//", "on": today}).status_code == 403
    assert "Open at all hours" in desk.get("/work/hours").content.decode()
    wrong = admin.post("/work/hours/exceptions", {"where": "centre//", "on": "soon", "reason": "Burst pipe"})
    assert "Enter the date" in wrong.content.decode()
    assert "Burst pipe" in wrong.content.decode()
    admin.post("/work/hours/exceptions", {"where": "centre//", "on": today, "reason": "Burst pipe"})
    forget_all()

    page = desk.get("/work/hours").content.decode()
    assert "You have reached Customer Centre. We are closed now. Burst pipe." in page
    assert "Closed" in Client().get("/contact").content.decode()
