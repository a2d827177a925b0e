"""Complaints on their pages: the public form without a script, the desk, a mail turned into one, and who may own it."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import make_case, make_council, make_staff, make_team
from townhall.catalogue.operations import OUR_PACKS
from townhall.complaints.models import Complaint
from townhall.complaints.states import State
from townhall.complaints.tests.makers import make_complaint, make_desk, make_managers
from townhall.config.demo.complaining import load_complaints
from townhall.contacts import callbacks as call_backs
from townhall.contacts.callbacks import NewCallBack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.ids import uuid7
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import merging
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture
from townhall.forms.operations.loading import load_forms
from townhall.mailroom import operations as mailroom
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.tests.makers import written
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.payments.tests.makers import make_charge
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.workforce import gates
from townhall.workforce.models import Pass

pytestmark = pytest.mark.django_db
SAID = {
    "kind": "complaint",
    "service": "fly-tipping",
    "words": "Nobody came for the sofa.",
    "wanted": "An apology",
    "name": "Sam Okafor",
    "email": "sam@example.org",
}


@pytest.fixture(autouse=True)
def _council(db: None) -> None:
    make_desk()
    forget_all()


def browser_of(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def make_box(reader: Actor) -> Mailbox:
    return Mailbox.objects.create(
        address="waste@council.example",
        purpose="Bins",
        readers=[UUID(reader.id), uuid7()],
        created_at=now(),
        next_fetch_at=now(),
    )


def page(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def test_somebody_complains_and_follows_it_to_stage_2_without_a_script() -> None:
    ada, _bob, sue = make_managers()
    public = Client()
    assert "Stage 1: we tell you within 5 working days" in page(public, "/complain")
    assert "Say what it is about" in public.post("/complain", SAID | {"words": ""}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', public.get("/complain").content.decode())
    assert key is not None
    first = public.post("/complain", SAID | {"key": key[1]})
    again = public.post("/complain", SAID | {"key": key[1]})  # the button pressed twice
    made = Complaint.objects.get()
    assert first["Location"] == again["Location"]
    assert first["Location"].startswith(f"/complaints/{made.reference}?me=")
    assert made.reference in page(public, first["Location"])
    # The same key with other words is nobody's way to somebody else's complaint.
    other = public.post("/complain", SAID | {"key": key[1], "words": "Other"})
    assert (other.status_code, "We have what you sent before" in other.content.decode()) == (422, True)
    assert f'value="{key[1]}"' not in other.content.decode()  # sent again, it is another one

    # By the reference alone only how far it is; with the link of the message what was said too.
    bare = page(public, f"/complaints/{made.reference}")
    assert "Received" in bare
    assert "sofa" not in bare
    assert "Ada" not in bare
    mail = Message.objects.get(template="complaint/received")
    link = re.search(r"/complaints/TH\S+", mail.body_text)
    assert link is not None
    assert "Nobody came for the sofa." in page(public, link[0])
    assert public.post(f"/complaints/{made.reference}/on", {"me": "forged"}).status_code == 404

    officer = browser_of(ada)
    work = f"/work/complaints/{made.pk}"
    assert "Acknowledge it and begin the stage" in page(officer, work)
    officer.post(f"{work}/acknowledge", {"understood": "The sofa was left"})
    wrong = officer.post(f"{work}/answer", {"finding": "", "reply": "Sorry"})
    assert (wrong.status_code, "Select what you found" in wrong.content.decode()) == (422, True)
    officer.post(f"{work}/answer", {"finding": "upheld", "reply": "We should have come."})
    assert "We should have come." in page(public, link[0])
    token = link[0].partition("me=")[2]
    public.post(f"/complaints/{made.reference}/on", {"me": token})
    made.refresh_from_db()
    assert (made.state, str(made.owner_id)) == (State.ASKED_2, sue.id)


def test_an_adviser_records_one_for_another_service_and_its_customer_sees_it_in_the_account() -> None:
    make_managers()
    account = make_account("Sam Okafor", email="sam@example.org")
    sam = customer_of(account)
    adviser = browser_of(make_staff("priya", team="customer-services", role=Role.ADVISER))
    record = page(adviser, f"/work/customers/{sam}?reason=contact")
    assert f"/work/complaints/new?customer={sam}" in record
    assert 'value="sam@example.org"' in page(adviser, f"/work/complaints/new?customer={sam}")
    yesterday = (council_date(now()) - timedelta(days=1)).isoformat()
    typed = SAID | {"channel": "letter", "service": "pothole", "received": yesterday}
    adviser.post(f"/work/complaints/new?customer={sam}", typed)
    made = Complaint.objects.get()
    assert (made.customer_id, made.service_code, made.channel) == (sam, "pothole", "letter")
    assert council_date(made.received_at).isoformat() == yesterday
    assert made.reference in page(adviser, f"/work/customers/{sam}?reason=contact&kind=complaint")
    assert made.reference in page(adviser, "/work/complaints?service=pothole")

    resident = signed_in(account)
    assert made.reference in page(resident, "/account")
    assert "Nobody came for the sofa." in page(resident, f"/complaints/{made.reference}")
    other = signed_in(make_account("Olu Other"))
    assert "Nobody came for the sofa." not in page(other, f"/complaints/{made.reference}")


@pytest.mark.capability("CCC-04")
def test_an_informal_complaint_is_settled_on_the_spot_counts_without_a_stage_and_says_who_has_it_when_it_moves_on() -> (
    None
):
    ada, *_others = make_managers()
    adviser = browser_of(make_staff("priya", team="customer-services", role=Role.ADVISER))
    made = make_complaint(at=now())
    work = f"/work/complaints/{made.pk}"
    assert "Say what was done" in adviser.post(f"{work}/settle", {"words": " "}).content.decode()
    adviser.post(f"{work}/settle", {"words": "The crew comes today."})
    made.refresh_from_db()
    assert (made.state, made.stage, made.stages.count()) == (State.SETTLED, 0, 0)
    of_team = make_complaint(at=now())
    browser_of(ada).post(f"/work/complaints/{of_team.pk}/settle", {"words": "Rang and said sorry."})  # a team's leader
    assert made.reference in page(adviser, "/work/complaints?whose=ended")
    assert "Put right on the spot: 2" in page(adviser, "/work/complaints?whose=ended")  # they count
    adviser.post(f"{work}/on")
    mail = Message.objects.get(template="complaint/went_on")
    assert "Ada" in mail.body_text
    assert "Put right on the spot: 1" in page(adviser, "/work/complaints?whose=ended")


def test_a_mail_becomes_a_complaint_by_one_press_and_stays_with_it(tmp_path: Path) -> None:
    shutil.copytree(OUR_PACKS / "ask-us", tmp_path / "ask-us")
    make_council(tmp_path)
    load_forms(tmp_path, by=SYSTEM, at=now())
    _ada, _bob, boss = make_managers()
    priya = make_staff("priya", team="customer-services", role=Role.ADVISER)
    reader = browser_of(priya)
    account = make_account("Sam Okafor", email="sam@example.org")
    box = make_box(priya)
    raw = written("I complain", "Nobody came for the sofa.")
    arrived = now() - timedelta(hours=3)
    mailroom.take_in(raw, box, at=arrived)
    Mail.objects.update(done=Mail.Done.TRIAGE)
    mail = Mail.objects.get()
    assert "One press makes the record" in page(reader, f"/work/mail/{mail.pk}")

    answer = reader.post(f"/work/mail/{mail.pk}/complaint", {"kind": "complaint"})
    reader.post(f"/work/mail/{mail.pk}/complaint", {"kind": "complaint"})

    made = Complaint.objects.get()
    assert answer["Location"] == f"/work/complaints/{made.pk}"
    assert (made.words, made.channel, made.received_at) == ("I complain\n\nNobody came for the sofa.", "email", arrived)
    assert made.customer_id == customer_of(account)
    mail.refresh_from_db()
    assert (mail.done, mail.case_id) == (Mail.Done.COMPLAINT, None)
    assert mail.answered_at is not None
    told = Message.objects.get(template="complaint/received")
    assert (told.answers, told.reply_to) == (mail.message_id, "waste@council.example")
    # Its owner, who reads other mailboxes or none, has the mail byte for byte.
    sue = browser_of(boss)
    assert "Save the original" in page(sue, f"/work/complaints/{made.pk}")
    assert sue.get(f"/work/complaints/{made.pk}/original").content == raw
    assert made.reference in page(reader, f"/work/mail/{mail.pk}")
    # It came without the right service: whoever has it says which.
    assert "Change which service it is about" in page(sue, f"/work/complaints/{made.pk}")
    assert "Select a service" in sue.post(f"/work/complaints/{made.pk}/service", {"service": "x"}).content.decode()
    assert sue.post(f"/work/complaints/{made.pk}/service", {"service": "fly-tipping"}).status_code == 302
    assert "Complaint: Fly-tipping" in page(sue, f"/work/complaints/{made.pk}")


def test_a_mail_with_a_case_becomes_a_complaint_about_it_and_the_case_goes_on() -> None:
    make_managers()
    priya = make_staff("priya", team="customer-services", role=Role.ADVISER)
    case = make_case(at=now())
    box = make_box(priya)
    mailroom.take_in(written("Still there", "I am not content."), box, at=now())
    Mail.objects.update(done=Mail.Done.CASE, case_id=case.pk)
    mail = Mail.objects.get()
    browser_of(priya).post(f"/work/mail/{mail.pk}/complaint", {"kind": "complaint"})
    made = Complaint.objects.get()
    assert (made.case_id, made.service_code) == (case.pk, case.service_code)
    mail.refresh_from_db()
    assert (mail.done, mail.answered_at) == (Mail.Done.CASE, None)


ROUTES = ("phone", "counter", "letter", "email", "councillor", "contractor", "survey", "social", "fax", "visit")


@pytest.mark.capability("CCC-01")
def test_one_record_covers_all_four_kinds_dated_on_arrival_from_any_route_and_for_any_service() -> None:
    _ada, _bob, sue = make_managers()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    desk = browser_of(officer)
    yesterday = (council_date(now()) - timedelta(days=1)).isoformat()
    kinds = [value for value, _label in Complaint.Kind.choices]
    for number, channel in enumerate(ROUTES):  # logged for highways by street cleansing
        kind = kinds[number % 4]
        typed = SAID | {"kind": kind, "channel": channel, "service": "pothole", "received": yesterday}
        answer = desk.post("/work/complaints/new", typed)
        assert answer.status_code == 302, (channel, answer.content.decode()[:500])
    for kind in ("comment", "compliment", "complaint"):  # the public form
        assert Client().post("/complain", SAID | {"kind": kind}).status_code == 302
    mailroom.take_in(written("Thank you", "The crew was kind."), make_box(officer), at=now())
    Mail.objects.update(done=Mail.Done.TRIAGE)
    desk.post(f"/work/mail/{Mail.objects.get().pk}/complaint", {"kind": "compliment"})

    rows = list(Complaint.objects.order_by("logged_at"))
    assert {row.channel for row in rows} == {*ROUTES, "web"}
    assert {row.kind for row in rows} == set(kinds)
    assert len(rows) == len(ROUTES) + 4
    for row in rows:  # the same standard fields for every kind and route
        assert row.reference.startswith("TH-")
        assert row.words
        assert row.name
        assert row.email == "sam@example.org"
        assert row.received_at <= row.logged_at
        assert row.keeper_post_id is not None
        assert (row.due_on is not None) == (row.kind in ("complaint", "enquiry"))
    by_hand = [row for row in rows if row.service_code == "pothole"]
    assert {council_date(row.received_at).isoformat() for row in by_hand} == {yesterday}
    assert {row.logged_by for row in by_hand} == {UUID(officer.id)}
    listed = page(browser_of(sue), "/work/complaints")
    assert all(row.reference in listed for row in rows)


@pytest.mark.capability("PEOP-02")
def test_the_matrix_decides_what_opens_what_work_comes_and_who_may_own_a_complaint_of_officers_and_members() -> None:
    admin = browser_of(make_staff("ida", team="it", role=Role.ADMINISTRATOR))
    head = make_staff("mo", team="street-cleansing", role=Role.TEAM_MANAGER)
    second = make_staff("bob", team="street-cleansing", role=Role.TEAM_MANAGER, post="street-second")
    member = make_staff("bo", team="members", role=Role.PORTFOLIO_HOLDER)
    admin.post("/work/training/usual")
    today = council_date(now())
    sam = customer_of(make_account("Sam Okafor", email="sam@example.org"))
    make_charge(customer_id=sam, at=now())
    call_backs.ask(
        NewCallBack(phone="07700 900982", name="Sam", team_id=make_team("street-cleansing").pk), by=SYSTEM, at=now()
    )
    gates.choose("work.call-backs", "email", by=sue_of_management(), at=now())
    forget_all()
    boss, deputy = browser_of(head), browser_of(second)
    record = f"/work/customers/{sam}?reason=check"

    # Before: nothing opens, nothing is offered, no complaint can be owned.
    assert "training Taking payments and card rules is not passed yet" in page(boss, record)
    assert "Call Sam" not in page(boss, "/work/waiting")
    made = make_complaint(at=now())
    assert made.owner_id is None
    assert (
        "is not trained in complaints"
        in boss.post(f"/work/complaints/{made.pk}/owner", {"owner": head.id}).content.decode()
    )

    for module in ("payments", "email", "complaints"):
        people = [head.id, member.id] if module != "payments" else [head.id]
        typed = {"module": module, "passed_on": today.isoformat(), "people": people}
        assert browser_of(sue_of_management()).post("/work/training/passes", typed).status_code == 302, module
    forget_all()
    matrix = page(browser_of(sue_of_management()), "/work/training")
    assert "May own complaints" in matrix
    assert all(name in matrix for name in ("Mo", "Bo", "In date"))  # officers and Members in one matrix

    assert "March instalment" in page(boss, record)
    assert "Call Sam" in page(boss, "/work/waiting")
    assert boss.post(f"/work/complaints/{made.pk}/owner", {"owner": head.id}).status_code == 302
    refused = deputy.post(f"/work/complaints/{made.pk}/owner", {"owner": second.id})
    assert "Bob is not trained in complaints" in refused.content.decode()
    assert "These people may: Mo" in refused.content.decode()
    # It runs out, and everything closes again.
    Pass.objects.filter(user_id=head.id).update(
        passed_on=today - timedelta(days=900), expires_on=today - timedelta(days=1)
    )
    assert "lapsed on" in page(boss, record)
    assert "Call Sam" not in page(boss, "/work/waiting")
    late = boss.post(f"/work/complaints/{made.pk}/acknowledge", {"understood": "The sofa"})
    assert "out of date" in late.content.decode()


def sue_of_management() -> Actor:
    return make_staff("sue", team="street-cleansing", role=Role.SENIOR_MANAGER, post="head-of-streets")


def test_only_the_trained_are_offered_and_a_refusal_says_who_may() -> None:
    ada, bob, sue = make_managers()
    made = make_complaint(at=now())
    Pass.objects.filter(user_id=ada.id).update(expires_on=council_date(now()) - timedelta(days=1))
    client = browser_of(ada)  # its owner, whose training has lapsed since
    shown = page(client, f"/work/complaints/{made.pk}")
    offered = shown[shown.index('name="owner"') :]
    assert "Sue" in offered[:1500]
    assert "Bob," not in offered[:1500]
    refused = client.post(f"/work/complaints/{made.pk}/owner", {"owner": bob.id})
    assert refused.status_code == 422
    assert "Bob is not trained in complaints" in refused.content.decode()
    assert "These people may: Sue" in refused.content.decode()
    client.post(f"/work/complaints/{made.pk}/owner", {"owner": sue.id})
    assert Complaint.objects.get().owner_id == UUID(sue.id)


def test_an_officer_sees_only_what_is_with_their_team_and_a_senior_manager_changes_the_procedure() -> None:
    _ada, _bob, sue = make_managers()
    made = make_complaint(at=now())
    theirs = browser_of(make_staff("olu", team="street-cleansing", role=Role.OFFICER))
    elsewhere = browser_of(make_staff("hari", team="highways", role=Role.OFFICER))
    assert made.reference in page(theirs, "/work/complaints")
    assert made.reference not in page(elsewhere, "/work/complaints")
    page(elsewhere, f"/work/complaints/{made.pk}", status=404)
    assert elsewhere.post(f"/work/complaints/{made.pk}/settle", {"words": "x"}).status_code == 404

    senior = browser_of(sue)
    tomorrow = (council_date(now()) + timedelta(days=1)).isoformat()
    typed = {
        "from_on": tomorrow, "why": "Quicker", "enquiry_days": "8", "calendar": "EW", "ombudsman": "LGSCO",
        **{f"{name}_{stage}": "4" for name in ("acknowledge_days", "reply_days", "extend_days") for stage in (1, 2)},
        "owners_1": ["team_manager"], "owners_2": ["senior_manager"],
    }  # fmt: skip
    assert "Enter a date" in senior.post("/work/complaints/procedure", typed | {"from_on": "soon"}).content.decode()
    assert senior.post("/work/complaints/procedure", typed).status_code == 302
    assert "Version 2" in page(senior, "/work/complaints/procedure")
    assert theirs.post("/work/complaints/procedure", typed).status_code == 403


def test_what_came_with_a_mail_is_kept_to_the_complaint() -> None:
    make_managers()
    priya = make_staff("priya", team="customer-services", role=Role.ADVISER)
    box = make_box(priya)
    parsed = BytesParser(policy=policy.default).parsebytes(written("Look", "A picture."))
    parsed.add_attachment(picture(), maintype="image", subtype="jpeg", filename="sofa.jpg")
    mailroom.take_in(parsed.as_bytes(), box, at=now())
    Mail.objects.update(done=Mail.Done.TRIAGE)
    browser_of(priya).post(f"/work/mail/{Mail.objects.get().pk}/complaint", {"kind": "complaint"})
    kept = StoredFile.objects.get()
    assert (kept.subject_kind, kept.subject_id) == ("complaint", Complaint.objects.get().pk)


def test_the_demo_has_something_to_look_at() -> None:
    _ada, _bob, sue = make_managers()
    load_complaints(at=now())
    assert page(browser_of(sue), "/work/complaints").count("/work/complaints/0") == 3


def test_the_desks_button_pressed_twice_records_one_and_a_complaint_about_anothers_request_is_not_its_customers() -> (
    None
):
    make_managers()
    sam = customer_of(make_account("Sam Okafor", email="sam@example.org"))
    case = make_case("fly-tipping", reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam), at=now())
    officer = browser_of(make_staff("olu", team="street-cleansing", role=Role.OFFICER))
    shown = page(officer, "/work/complaints/new")
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key is not None
    typed = SAID | {"channel": "phone", "case": case.reference, "key": key[1]}
    for _press in "ab":
        assert officer.post("/work/complaints/new", typed).status_code == 302
    assert Complaint.objects.get().customer_id == sam  # by the address, which is theirs

    officer.post(
        "/work/complaints/new", SAID | {"channel": "phone", "case": case.reference, "email": "ned@example.org"}
    )
    of_neighbour = Complaint.objects.get(email="ned@example.org")
    assert (of_neighbour.case_id, of_neighbour.customer_id) == (case.pk, None)
    # What was mistyped is said, and no page fails on it.
    wrong = officer.post("/work/complaints/new", SAID | {"channel": "phone", "received": "0026-03-02"})
    assert (wrong.status_code, "with the whole year" in wrong.content.decode()) == (422, True)
    assert officer.get("/work/complaints?service=%00&kind=%00").status_code == 200


def test_what_is_recorded_for_a_record_that_was_merged_is_its_customers() -> None:
    make_managers()
    kept, gone = (customers.create(NewCustomer(name=one), by=SYSTEM, at=now()).pk for one in ("Sam Okafor", "S Okafor"))
    merging.merge(kept, gone, by=SYSTEM, at=now())
    adviser = browser_of(make_staff("priya", team="customer-services", role=Role.ADVISER))
    assert "Sam Okafor" in page(adviser, f"/work/complaints/new?customer={gone}")
    assert adviser.post(f"/work/complaints/new?customer={gone}", SAID | {"channel": "phone"}).status_code == 302
    assert Complaint.objects.get().customer_id == kept
    assert adviser.post(f"/work/complaints/new?customer={uuid7()}", SAID | {"channel": "phone"}).status_code == 404
