"""A day of calls as advisers, operators and managers meet it: told by a phone platform in signed messages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from townhall.accounts.models import PostHolder, Role, User
from townhall.accounts.tests.makers import make_post, make_team, make_user, sign_in
from townhall.cases.tests.makers import PACKS
from townhall.catalogue.operations import load_packs
from townhall.clocks.sweeps import ring_due
from townhall.clocks.tests.makers import make_calendars
from townhall.connectors import signing
from townhall.connectors.models import Connector
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import CallBack, Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.notifications.models import Message
from townhall.telephony.calls import counting, unanswered
from townhall.telephony.calls.lines import connect_line
from townhall.telephony.models import Call

pytestmark = pytest.mark.django_db
CALLER = "01632 960123"


@pytest.fixture(autouse=True)
def _council() -> None:
    seed_reference_data()
    make_calendars(now())
    Connector.objects.create(code="phones", name="Phones", kind="phone", base_url="", created_at=now())


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def tell(*events: dict[str, Any], name: str = "m1", kind: str = "call.events", sent: datetime | None = None) -> int:
    """What the platform sends, signed; the status it gets."""
    body = json.dumps({"kind": kind, ("events" if kind == "call.events" else "agents"): events}).encode()
    headers = signing.headers(signing.secret_of("phones"), message_id=name, at=sent or now(), body=body)
    return (
        Client().post("/connectors/phones/events", body, content_type="application/json", headers=headers).status_code
    )


def event(kind: str, seconds: float = 0, *, call: str = "c1", **more: Any) -> dict[str, Any]:
    """`seconds`: from five minutes ago."""
    at = now() - timedelta(minutes=5) + timedelta(seconds=seconds)
    return {"call": call, "event": kind, "at": at.isoformat(), **more}


def adviser(agent: str = "2041") -> User:
    user = make_user(roles=(Role.ADVISER,))
    connect_line("phones", agent, user.email, by=SYSTEM, at=now())
    return user


@pytest.mark.capability("CHAN-06")
def test_a_call_opens_the_record_before_it_is_answered_and_becomes_one_contact_and_counted_figures() -> None:
    user = adviser()
    desk = signed_in(user)
    sam = customers.create(NewCustomer(name="Sam Okafor", phone=CALLER), by=SYSTEM, at=now())
    assert desk.get("/work/desk/calls/ringing").status_code == 204

    assert tell(event("offered", number=CALLER, queue="main"), event("offered", 15, agent="2041")) == 200
    rings = desk.get("/work/desk/calls/ringing").content.decode()
    assert "A call from 01632960123" in rings
    call = Call.objects.get()
    record = desk.get(f"/work/desk/calls/{call.pk}", follow=True)
    assert "Sam Okafor" in record.content.decode()
    begun = desk.post("/work/desk/contacts/new", {"channel": "phone", "customer": sam.pk, "phone": "01632960123"})
    answered = event("answered", 18, agent="2041", wait=18)
    assert tell(answered, name="m2") == 200
    assert tell(answered, name="m2") == 200  # the same message again
    assert tell(answered, name="m3", sent=now() - timedelta(minutes=6)) == 401  # an old one, played back
    assert tell({**answered, "event": "sang"}, name="m4") == 400

    contact = Contact.objects.get()
    assert begun["Location"].endswith(str(contact.pk))
    call.refresh_from_db()
    assert (call.contact_id, contact.customer_id, call.state) == (contact.pk, sam.pk, "answered")
    assert desk.get("/work/desk/calls/ringing").status_code == 204

    # The same by file, and an automated call of its own channel.
    lines = [event("ended", 78, agent="2041", handling=60), event("offered", 60, call="c2", automated="yes", did="pay")]
    lines.append(event("ended", 100, call="c2", automated="yes"))
    head = ["call", "event", "at", "agent", "handling", "automated", "did"]
    rows = "\n".join(",".join(str(one.get(name, "")) for name in head) for one in lines)
    manager = signed_in(make_user(roles=(Role.TEAM_MANAGER,)))
    file = SimpleUploadedFile("calls.csv", f"{','.join(head)}\n{rows}\nc3,sang,,,,,\n".encode())
    page = manager.post("/work/phone/upload", {"platform": "phones", "file": file}).content.decode()
    assert "4 lines were read: 3 events were new, of 2 calls. 1 lines were refused." in page
    assert sorted(Contact.objects.values_list("channel_id", flat=True)) == ["phone", "phone_automated"]

    counting.sweep(now())
    on = council_date(call.offered_at).isoformat()
    figures = manager.get(f"/work/phone?first_on={on}").content.decode()
    assert cells(figures, "With an adviser") == ["1", "1", "100%", "18 s", "60 s", "0%", "0%"]
    assert "50.0% of the calls answered were served by the automated line" in figures
    assert "answered within 20 seconds" in figures  # the variant is published


def cells(page: str, heading: str) -> list[str]:
    row = re.search(rf">{heading}</th>(.*?)</tr>", page, re.DOTALL)
    assert row is not None
    return re.findall(r"<td[^>]*>([^<]*)</td>", row[1])


def test_several_people_with_one_number_are_a_list_to_pick_from_and_a_stranger_is_taken_by_the_button() -> None:
    desk = signed_in(adviser())
    for name in ("Sam Okafor", "Ola Okafor"):
        customers.create(NewCustomer(name=name, phone=CALLER), by=SYSTEM, at=now())
    tell(event("offered", number=CALLER), event("offered", 10, agent="2041"))
    call = Call.objects.get()
    picked = desk.get(f"/work/desk/calls/{call.pk}", follow=True).content.decode()
    assert "Several people use this number" in picked
    assert "Take the call" in desk.get("/work/desk/calls").content.decode()  # without a script
    nobody = {"customer": str(call.pk)}
    assert desk.post(f"/work/desk/calls/{call.pk}/contact", nobody).status_code == 404
    taken = desk.post(f"/work/desk/calls/{call.pk}/contact")
    tell(event("answered", 12, agent="2041"), name="m2")

    assert taken["Location"].endswith(str(Contact.objects.get().pk))
    other = signed_in(make_user(roles=(Role.ADVISER,)))
    assert other.get("/work/desk/calls/ringing").status_code == 204
    for path in ("", "/contact"):
        assert other.post(f"/work/desk/calls/{call.pk}{path}").status_code in (404, 405)
    assert other.get(f"/work/desk/calls/{call.pk}").status_code == 404


@pytest.mark.capability("CHAN-07")
def test_a_transfer_nobody_picks_up_comes_back_with_who_was_tried_and_becomes_a_message_with_an_owner() -> None:
    operator = signed_in(adviser())
    housing = make_team(name="Housing")
    officer = make_user(name="Bridie Hearthstone")
    post = make_post(role=Role.OFFICER, team=housing, title="Housing officer")
    PostHolder.objects.create(post=post, user=officer, from_on="2020-01-01")
    connect_line("phones", "3000", officer.email, by=SYSTEM, at=now())
    begun = [event("offered", number=CALLER), event("answered", 5, agent="2041")]
    tell(*begun, event("transferred", 60, agent="2041", to="3000"), event("offered", 61, agent="3000"))
    assert "Bridie Hearthstone, still ringing" in operator.get("/work/phone/operator").content.decode()
    tell(event("returned", 102), name="m2")
    page = operator.get("/work/phone/operator").content.decode()
    assert "Bridie Hearthstone, 42 seconds" in page
    assert "Waiting on the line" in page

    assert unanswered.sweep(now()) == 1  # it is minutes ago
    assert unanswered.sweep(now()) == 0
    made = CallBack.objects.get()
    assert (made.owner_post_id, made.source, made.phone) == (post.pk, "transfer", "+441632960123")
    assert "Every transferred call was picked up" in operator.get("/work/phone/operator").content.decode()
    owner = signed_in(officer)
    assert "Housing officer" in owner.get("/work/call-backs").content.decode()
    assert Message.objects.filter(template="call-back/asked").exists()

    tell(event("answered", 130, agent="3000"), name="m3")  # told late: somebody had picked it up
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_the_operator_takes_the_message_and_the_owner_calls_back() -> None:
    operator = signed_in(adviser())
    owner = make_user(roles=(Role.OFFICER,))
    post = PostHolder.objects.get(user=owner).post
    tell(
        event("offered", number=CALLER),
        event("answered", 5, agent="2041"),
        event("transferred", 60, to="9", agent="2041"),
    )
    call = Call.objects.get()
    typed = {"name": "Sam", "phone": CALLER, "about": "The boiler", "owner": ""}
    refused = operator.post(f"/work/phone/operator/{call.pk}/message", typed)
    assert (refused.status_code, "The boiler" in refused.content.decode()) == (422, True)
    operator.post(f"/work/phone/operator/{call.pk}/message", typed | {"owner": str(post.pk)})
    made = CallBack.objects.get()
    desk = signed_in(owner)
    page = desk.get(f"/work/call-backs/{made.pk}").content.decode()
    assert "The boiler" in page
    assert owner.name in page
    assert desk.post(f"/work/call-backs/{made.pk}/tries", {"result": ""}).status_code == 422
    desk.post(f"/work/call-backs/{made.pk}/tries", {"result": "spoke", "note": "Booked for Monday"})
    assert "Called back" in desk.get(f"/work/call-backs/{made.pk}").content.decode()


@pytest.mark.capability("HOUR-05")
def test_messages_have_an_owner_and_24_hours_and_late_and_repeated_misses_show_by_team() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    team = make_team(name="Housing")
    manager = make_user(email="manager@example.org")
    post = make_post(role=Role.TEAM_MANAGER, team=team)
    PostHolder.objects.create(post=post, user=manager, from_on="2020-01-01")
    desk = signed_in(make_user(roles=(Role.ADVISER,)))
    form = desk.get("/work/call-backs/new").content.decode()
    [key] = re.findall(r'name="key" value="([^"]+)"', form)
    message = {"name": "Sam", "phone": CALLER, "about": "Keys", "owner": str(post.pk), "key": key}
    for _twice in range(2):
        desk.post("/work/call-backs/new", message)
    made = CallBack.objects.get()
    assert timedelta(hours=24) <= made.due_at - made.asked_at <= timedelta(days=6)  # hours of working days
    for days in (0, 7):
        at = monday + timedelta(days=days)
        callbacks.ask(NewCallBack(phone=CALLER, owner_post_id=post.pk), by=SYSTEM, at=at)
        ring_due(at + timedelta(hours=25))
    senior = signed_in(make_user(roles=(Role.SENIOR_MANAGER,)))
    page = senior.get("/work/call-backs/report?month=2026-03").content.decode()
    assert cells(page, "Housing") == ["2", "0%", "2", "2", "1", "0"]
    assert (
        Message.objects.filter(recipient_address="manager@example.org", template="staff/call_back_missed").count() == 2
    )


def test_a_manager_names_queues_and_sets_the_standard_from_today_on() -> None:
    load_packs(PACKS, by=SYSTEM, at=now())
    manager = signed_in(make_user(roles=(Role.TEAM_MANAGER,)))
    named = {"what": "queue", "code": "tips", "name": "Fly-tips", "service": "fly-tipping", "team": ""}
    manager.post("/work/phone/lines", named)
    tell(event("offered", queue="tips"), event("answered", 25, agent="9", wait=25))
    assert Call.objects.get().service_code == "fly-tipping"
    counting.sweep(now())

    today = council_date(now())
    standard = {"what": "standard", "answer_seconds": "30", "short_seconds": "5", "target_percent": "80"}
    late = manager.post("/work/phone/lines", standard | {"from_on": (today - timedelta(days=1)).isoformat()})
    assert late.status_code == 422  # what is past keeps the standard of its day
    manager.post("/work/phone/lines", standard | {"from_on": today.isoformat()})
    page = manager.get("/work/phone").content.decode()
    assert "answered within 30 seconds" in page
    if council_date(Call.objects.get().offered_at) == today:  # not in the first minutes after midnight
        assert cells(page, "With an adviser")[2] == "100%"


def test_a_message_for_one_service_is_not_read_by_the_officers_of_another() -> None:
    load_packs(PACKS, by=SYSTEM, at=now())
    owner, stranger = (make_user(roles=(Role.OFFICER,)) for _one in "ab")
    elsewhere = make_post(role=Role.OFFICER, team=make_team(name="Elsewhere"))
    PostHolder.objects.filter(user=stranger).update(post=elsewhere)
    post = PostHolder.objects.get(user=owner).post
    new = NewCallBack(phone=CALLER, about="My neighbour's rubbish", service_code="fly-tipping", owner_post_id=post.pk)
    made = callbacks.ask(new, by=SYSTEM, at=now())
    for user, sees in ((owner, True), (make_user(roles=(Role.ADVISER,)), True), (stranger, False)):
        desk = signed_in(user)
        assert ("neighbour" in desk.get("/work/call-backs?whose=all").content.decode()) is sees
        assert desk.get(f"/work/call-backs/{made.pk}").status_code == (200 if sees else 404)
        assert desk.post(f"/work/call-backs/{made.pk}/tries", {"result": ""}).status_code == (422 if sees else 404)


def test_days_of_another_age_are_no_days() -> None:
    manager = signed_in(make_user(roles=(Role.TEAM_MANAGER,)))
    for far in ("0001-01-01", "9999-12-31"):
        for address in (
            f"?first_on={far}",
            f"/rota?week={far}",
            f"/signed-in?on={far}",
            f"/night/report?month={far[:7]}",
        ):
            assert manager.get(f"/work/phone{address}").status_code == 200, address
