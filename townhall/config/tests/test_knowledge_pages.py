"""The pages of knowledge: written, approved, found by staff and public, flagged, put right; scripts and replies at work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.documents import papers
from townhall.documents.tests.test_papers import simple_pdf
from townhall.files.tests.makers import upload
from townhall.forms.operations.definitions import publish_form
from townhall.forms.tests.makers import make_form
from townhall.insight import paper_use
from townhall.knowledge.models import Copies, Entry, Handout, Link, LinkPlace, Missed, Referral, Synonyms, Task, Version
from townhall.notifications.models import Message
from townhall.places.models import Address, Site, Street
from townhall.registers.models import Row
from townhall.registers.seeds import seed_reference_data as seed_registers
from townhall.ui import paper

pytestmark = pytest.mark.django_db
YEAR = str(council_date(now()) + timedelta(days=300))
SCRIPT = """
service: fly-tipping
steps:
  - {code: safe, ask: "Is it in the way of traffic?", kind: yes_no, choices: [{code: "yes", label: "Yes", then: danger}]}
  - code: much
    ask: How much is there?
    choices: [{code: bag, label: A bag or two}, {code: van, label: A van load}]
    writes: size
  - {code: seen, ask: "Did they see who left it?", kind: words}
  - {code: form, tell: Take the report., end: form}
  - {code: danger, tell: Call the police first., tone: warning, end: refer}
"""


@pytest.fixture
def council() -> Iterator[None]:
    make_council()
    seed_contacts()
    make_staff("noor", team="street-cleansing", role=Role.TEAM_MANAGER, post="manager")
    forget_all()
    yield
    forget_all()


def client_of(name: str, *, role: Role = Role.OFFICER, post: str = "street-cleansing-duty") -> Client:
    by = make_staff(name, team="street-cleansing", role=role, post=post)
    forget_all()
    client = Client()
    sign_in(client, User.objects.get(pk=UUID(by.id)))
    return client


def write(writer: Client, manager: Client, **given: str) -> Entry:
    """Written by one, approved by the other, on screen."""
    values = {"audience": "staff", "owner_post": "street-cleansing-duty", **given}
    made = writer.post("/work/knowledge/new", values)
    assert made.status_code == 302, made.content.decode()
    page = made["Location"]
    writer.post(f"{page}/offer")
    assert "Approve it" not in writer.get(page).content.decode()
    assert "it is in use" in manager.get(page).content.decode()
    manager.post(f"{page}/decision", {"number": "1", "decision": "approve"})
    forget_all()
    return Entry.objects.get(code=page.rsplit("/", 1)[1], version=1)


@pytest.mark.capability("KNOW-06")
def test_one_search_serves_staff_and_public_and_what_is_missed_or_wrong_reaches_its_owner(council: None) -> None:
    writer, manager, public = client_of("priya"), client_of("noor", role=Role.TEAM_MANAGER, post="manager"), Client()
    write(
        writer,
        manager,
        kind="article",
        title="Getting rid of a mattress",
        body="Take it to the tip.",
        audience="public",
    )
    write(writer, manager, kind="article", title="How we price matresses", body="Secret sums.")
    found = public.get("/services?q=matress").content.decode()
    assert "Getting rid of a mattress" in found
    assert "How we price" not in found
    assert "How we price" in writer.get("/work/knowledge?q=mattress").content.decode()
    assert "Fly-tipping" in public.get("/services?q=fly-tiping").content.decode()
    publish_form(make_form(code="stall", title="Ask for a market stall"), at=now())
    sam = customers.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=now())
    letter = upload("letter.pdf", simple_pdf("The culvert floods"))
    papers.keep(letter, title="Their letter", customer_id=sam.pk, by=SYSTEM, at=now())
    forget_all()
    assert "Ask for a market stall" in public.get("/services?q=market+stal").content.decode()
    assert "Ask for a market stall" in writer.get("/work/knowledge?q=market+stal").content.decode()
    assert "Their letter" in writer.get("/work/knowledge?q=culvert").content.decode()
    article = public.get("/help/getting-rid-of-a-mattress").content.decode()
    assert "Take it to the tip." in article
    assert public.get("/help/how-we-price-matresses").status_code == 404

    assert "We found nothing" in public.get("/services?q=bedstead").content.decode()
    public.get("/report?q=bedsteads")
    assert "bedstead" in manager.get("/work/knowledge/missed").content.decode()
    missed = Missed.objects.get()
    assert missed.times == 2
    writer.post(f"/work/knowledge/missed/{missed.pk}", {"how": "same", "same": "mattress"})
    forget_all()
    assert "Getting rid of a mattress" in public.get("/services?q=bedstead").content.decode()
    assert "Everybody found something" in writer.get("/work/knowledge/missed").content.decode()

    flag = {"kind": "knowledge", "key": "getting-rid-of-a-mattress"}
    assert public.post("/help/flag", flag | {"why": "wrong"}).status_code == 422
    assert (
        "was given it"
        in public.post("/help/flag", flag | {"why": "wrong", "words": "The tip is shut."}).content.decode()
    )
    task = Task.objects.get()
    assert task.owner_post_id is not None
    assert task.due_on > council_date(now())
    case = make_case(at=now(), description="You sent me to a tip that is shut")
    path = f"/work/knowledge/tasks/{task.pk}"
    assert "We have no case" in writer.post(f"{path}/cases", {"reference": "x"}, follow=True).content.decode()
    assert case.reference in writer.post(f"{path}/cases", {"reference": case.reference}, follow=True).content.decode()
    assert "The tip is shut." in writer.get(f"/work/cases/{case.reference}").content.decode()
    done = writer.post(f"{path}/end", {"end": "done", "answer": "It names the new tip."}, follow=True).content.decode()
    assert "It names the new tip." in done
    assert "Their letter" not in public.get("/services?q=culvert").content.decode()


@pytest.mark.capability("KNOW-03")
def test_a_script_fills_in_the_report_beside_it_and_is_read_by_an_answering_service(council: None) -> None:
    writer, manager = client_of("priya"), client_of("noor", role=Role.TEAM_MANAGER, post="manager")
    entry = write(writer, manager, kind="script", title="Rubbish was dumped", body=SCRIPT, services="fly-tipping")
    desk = Client()
    sign_in(desk, make_user(roles=(Role.ADVISER,)))
    Street.objects.create(usrn="7001", name="Row", search_text="row", easting=530_000, northing=180_000, locality="A")
    Address.objects.create(
        uprn="1001",
        street_id="7001",
        line="1 Row",
        postcode="ZZ11AA",
        search_text="1 row",
        easting=530_000,
        northing=180_000,
    )
    forget_all()
    contact = desk.post("/work/desk/contacts/new", {"channel": "phone", "name": "Sam"})["Location"]
    other = desk.post("/work/desk/contacts/new", {"channel": "phone", "name": "Kim"})["Location"]
    desk.post(f"{other}/scripts/{entry.code}", {"script-begin": str(entry.pk)})
    wrap = desk.get(f"{other}/wrap-up").content.decode()
    assert re.search(r'value="fly-tipping" selected', wrap)
    assert re.search(r'value="information" checked', wrap)
    entry.runs.all().delete()
    path = f"{contact}/report/fly-tipping"
    assert "Begin: Rubbish was dumped" in desk.get(path).content.decode()
    typed = {"choice": "address:1001", "description": "Near the gate", "contact-name": "Sam", "key": "k"}
    begun = desk.post(path, typed | {"script-begin": str(entry.pk)}).content.decode()
    assert "Is it in the way of traffic?" in begun
    assert "Near the gate" in begun
    run = entry.runs.get().pk
    assert "Answer first" in desk.post(path, typed | {"script-step": f"{run}:safe"}).content.decode()
    for step, answer in (("safe", "no"), ("much", "van"), ("seen", "A white lorry")):
        shown = desk.post(path, typed | {"script-step": f"{run}:{step}", "script-answer": answer}).content.decode()
    assert "Did they see who left it? A white lorry" in shown
    assert "Take the report." in shown
    words = "Near the gate\nDid they see who left it? A white lorry"
    desk.post(path, typed | {"size": "van", "description": words})
    case = Case.objects.get()
    assert case.attributes["size"] == "van"
    assert "A white lorry" in case.description
    assert "A white lorry" in desk.get(f"{contact}/wrap-up").content.decode()
    alone = desk.get(f"{contact}/scripts").content.decode()
    assert "to its end" in alone
    again = desk.post(
        f"{contact}/scripts/{entry.code}", {"script-step": f"{run}:safe", "script-answer": "yes"}, follow=True
    )
    assert "Call the police first." in again.content.decode()

    given = {"name": "Night Line", "expires_on": YEAR}
    page = writer.post(f"/work/knowledge/{entry.code}/handouts", given, follow=True).content.decode()
    link = page.partition("/answering/")[2].partition("<")[0].split()[0].rstrip(".")
    outside = Client()
    assert "Is it in the way of traffic?" in outside.get(f"/answering/{link}").content.decode()
    data = json.loads(outside.get(f"/answering/{link}/script.json").content)
    assert data["steps"][1]["writes"] == "size"
    if paper.can_print():
        assert outside.get(f"/answering/{link}/script.pdf").content.startswith(b"%PDF-")
    writer.post(f"/work/knowledge/handouts/{Handout.objects.get().pk}/end")
    assert outside.get(f"/answering/{link}").status_code == 404


@pytest.mark.capability("KNOW-04")
def test_own_words_on_a_standard_topic_are_prompted_toward_the_approved_reply(council: None) -> None:
    writer, manager = client_of("priya"), client_of("noor", role=Role.TEAM_MANAGER, post="manager")
    approved = (
        "We collect dumped rubbish within five working days. Please leave it where it is and do not move anything."
    )
    write(
        writer,
        manager,
        kind="reply",
        title="When rubbish goes",
        body=approved,
        topic="When is dumped rubbish collected?",
    )
    assert Version.objects.get().decided_by != Version.objects.get().written_by
    assert Entry.objects.get().review_on is not None
    case = make_case(at=now())
    path = f"/work/cases/{case.reference}/update"
    own = "The dumped rubbish gets collected in five working days, please leave it and do not move it."
    prompted = writer.post(path, {"text": own, "seen_state": case.state}).content.decode()
    assert "The council has agreed words for this" in prompted
    assert not Message.objects.filter(body_text__contains="gets collected in five").exists()
    taken = writer.post(path, {"text": own, "take-reply": str(Entry.objects.get().pk)}).content.decode()
    assert approved in taken.partition('<textarea class="govuk-textarea')[2].partition("</textarea>")[0]
    sent = writer.post(path, {"text": approved, "seen_state": case.state})
    assert sent.status_code == 302, sent.content.decode()
    assert Message.objects.filter(body_text__contains="Please leave it where it is").exists()
    insisted = {"text": own, "seen_state": case.state, "prompted": str(Entry.objects.get().pk)}
    assert writer.post(path, insisted).status_code == 302


@pytest.mark.capability("KNOW-08")
def test_who_else_deals_with_it_is_offered_on_the_service_and_at_the_desk(council: None) -> None:
    writer, public = client_of("priya"), Client()
    given = {
        "name": "County rangers",
        "deals_with": "Rubbish on the moor",
        "phone": "01632 960777",
        "hours": "sometimes",
        "services": "fly-tipping",
        "owner_post": "street-cleansing-duty",
    }
    assert "Write the hours like" in writer.post("/work/knowledge/referrals/new", given).content.decode()
    writer.post("/work/knowledge/referrals/new", given | {"hours": "always"})
    forget_all()
    page = public.get("/services/fly-tipping").content.decode()
    assert "County rangers" in page
    assert "Open now" in page
    assert "County rangers" in public.get("/help/elsewhere").content.decode()
    assert "County rangers" in public.get("/services?q=rangers").content.decode()
    desk = Client()
    sign_in(desk, make_user(roles=(Role.ADVISER,)))
    contact = desk.post("/work/desk/contacts/new", {"channel": "phone"})["Location"]
    assert "01632 960777" in desk.get(f"{contact}/report/fly-tipping").content.decode()
    one = Referral.objects.get()
    writer.post(f"/work/knowledge/referrals/{one.pk}", given | {"hours": "", "end": "1"})
    forget_all()
    assert "County rangers" not in public.get("/services/fly-tipping").content.decode()


@pytest.mark.capability("KNOW-07")
def test_meet_and_greet_answers_three_things_and_sends_the_rest_to_reception(council: None) -> None:
    from townhall.places.models import OpeningHours

    for code, name in (("centre", "Town centre"), ("library", "Library")):
        Site.objects.create(code=code, name=name, address=f"1 {name} Road", phone="01632 960111")
        OpeningHours.objects.create(site_id=code, weekday=0, opens="09:00", closes="17:00")
    writer, manager = client_of("priya"), client_of("noor", role=Role.TEAM_MANAGER, post="manager")
    write(writer, manager, kind="article", title="Queuing", body="Take a number at the door.")
    tablet = Client()
    sign_in(tablet, make_user(roles=(Role.RECEPTIONIST,)))
    assert "Which office" in tablet.get("/work/meet-and-greet").content.decode()
    page = tablet.get("/work/meet-and-greet?site=centre").content.decode()
    assert "9am to 5pm" in page or "09:00" in page
    assert "Take a number at the door." in page
    assert "1 Library Road" in page
    assert "Town centre" in tablet.get("/work/meet-and-greet").content.decode()
    for _twice in range(2):
        tablet.post("/work/meet-and-greet/reception", {"site": "centre", "about": "Rent", "key": "one-press"})
    contact = Contact.objects.get()
    assert (contact.site_code, contact.channel_id, contact.outcome) == ("centre", "counter", "referred")
    assert contact.notes == "Sent to reception. Rent"


@pytest.mark.capability("KNOW-14")
def test_a_document_is_kept_for_a_case_found_by_its_words_read_on_screen_and_its_print_counted(council: None) -> None:
    sam = customers.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=now())
    case = make_case(at=now())
    officer = client_of("priya")
    letter = simple_pdf("The culvert under the orchard floods")
    path = f"/work/cases/{case.reference}/papers"
    assert "Choose a file" in officer.post(path).content.decode()
    kept = officer.post(path, {"file": upload("letter.pdf", letter), "title": "Their letter"}, follow=True)
    assert "Their letter" in kept.content.decode()
    again = officer.post(f"/work/customers/{sam.pk}/papers/new", {"file": upload("x.pdf", letter)}, follow=True)
    assert "stored once" in again.content.decode()
    found = officer.get("/work/knowledge?q=orchards+culvert").content.decode()
    assert "Their letter" in found
    page = found.partition("/work/papers/")[2].partition('"')[0]
    shown = officer.get(f"/work/papers/{page}").content.decode()
    assert "The culvert under the orchard floods" in shown
    assert case.reference in shown
    assert "Sam Okafor" in shown
    inline = officer.get(f"/work/papers/{page}/file")
    assert (inline["Content-Disposition"], inline.content[:5]) == ("inline", b"%PDF-")
    officer.post(f"/work/papers/{page}", {"pages": "3"})
    Message.objects.filter(case_id=case.pk).update(channel="letter", state="sent")  # they have no email
    posted = Message.objects.filter(case_id=case.pk).count()
    [used] = paper_use.of_months(since=council_date(now()), until=council_date(now()))
    assert (used.service_code, used.posted, used.prints, used.pages) == ("fly-tipping", posted, 1, 3)
    assert posted
    manager = client_of("noor", role=Role.TEAM_MANAGER, post="manager")
    assert "Fly-tipping" in manager.get("/work/paper-use").content.decode()


def test_a_change_of_law_is_written_down_checked_and_goes_live_on_screen(council: None) -> None:
    manager = client_of("noor", role=Role.TEAM_MANAGER, post="manager")
    given = {
        "title": "New duty of care",
        "why": "law",
        "ready_on": YEAR,
        "services": "fly-tipping",
        "owner_post": "manager",
        "post-letters": "street-cleansing-duty",
    }
    assert manager.post("/work/knowledge/changes/new", given | {"post-letters": ""}).status_code == 422
    page = manager.post("/work/knowledge/changes/new", given)["Location"]
    assert "is still to do" in manager.get(page).content.decode()
    task = Task.objects.get()
    manager.post(f"/work/knowledge/tasks/{task.pk}/end", {"end": "done", "answer": "New letters."})
    assert "Nothing is missing." in manager.get(page).content.decode()
    assert "live" in manager.post(f"{page}/moves", {"how": "live"}, follow=True).content.decode()


@pytest.mark.capability("KNOW-13")
def test_a_new_version_of_a_leaflet_is_on_the_website_and_each_site_confirms_its_racks(council: None) -> None:
    for code in ("centre", "library"):
        Site.objects.create(code=code, name=code.title())
    keeper = registers_keeper()
    given = {
        "title": "Your bins",
        "field-kind": "leaflet",
        "field-version": "3",
        "field-issued_on": "2026-03-01",
        "field-languages": "English, Welsh",
        "field-mailbox": "bins@example.org",
        "field-expires_on": YEAR,
    }
    row = keeper.post("/work/registers/leaflets/new", given)["Location"].rsplit("/", 1)[1]
    path = f"/work/leaflets/{row}"
    keeper.post(path, {"what": "sites", "sites": ["centre", "library"]})
    front = Client()
    sign_in(front, make_user(roles=(Role.RECEPTIONIST,)))
    for one in Copies.objects.all():
        front.post(f"/work/leaflets/racks/{one.pk}", {"version": "3", "site": one.site_code})
    forget_all()
    assert "Every site holds this version." in keeper.get("/work/leaflets").content.decode()

    new = {"what": "version", "version": "4", "issued_on": "2026-06-01", "expires_on": "2026-05-01", "held": "1"}
    assert keeper.post(path, new).status_code == 422
    refused = new | {"expires_on": YEAR, "file": upload("bins.exe", b"MZ, and no leaflet")}
    assert keeper.post(path, refused).status_code == 422
    assert Row.objects.get(pk=row).values["version"] == "3"
    sent = new | {"expires_on": YEAR, "file": upload("bins.pdf", simple_pdf("Your bins. Version 4"))}
    page = keeper.post(path, sent, follow=True).content.decode()
    assert "The file does not say: “Version 4, 1 June 2026. bins@example.org”" in page.replace("&nbsp;", " ")
    assert page.count("holds version 3") == 2
    public = Client()
    assert "Version 4, 1 June 2026" in public.get("/leaflets").content.decode().replace("\xa0", " ")
    assert public.get(f"/leaflets/{row}/file").content.startswith(b"%PDF-")
    forget_all()
    assert "Your bins" in public.get("/services?q=your+bins").content.decode()

    rack = front.get("/work/leaflets/racks?site=library").content.decode()
    assert "Only this version is on the rack" in rack
    library = Copies.objects.get(site_code="library")
    stale = front.post(f"/work/leaflets/racks/{library.pk}", {"version": "3", "site": "library"}, follow=True)
    assert "A newer version is out" in stale.content.decode()
    front.post(f"/work/leaflets/racks/{library.pk}", {"version": "4", "site": "library"})
    page = keeper.get("/work/leaflets").content.decode()
    assert page.count("holds version 3") == 1
    assert "Centre" in page


def registers_keeper() -> Client:
    """Somebody of the team that keeps the registers of knowledge, who holds their owner's post."""
    make_staff("kim", team="customer-services", role=Role.TEAM_MANAGER, post="customer-services-manager")
    forget_all()
    seed_registers(at=now())
    forget_all()
    by = make_staff("kim", team="customer-services", role=Role.TEAM_MANAGER, post="customer-services-manager")
    client = Client()
    sign_in(client, User.objects.get(pk=UUID(by.id)))
    return client


@pytest.mark.capability("KNOW-09")
def test_a_service_that_moves_into_customer_services_is_followed_to_its_result(council: None) -> None:
    keeper = registers_keeper()
    given = {
        "title": "Rent income calls",
        "field-moves_on": str(council_date(now()) + timedelta(days=30)),
        "field-volume": "18,000",
        "field-staff": "Moved with no added staff",
        "field-posts": "0",
        "field-training": "Two afternoons in rents",
        "field-knowledge": "Four scripts, nine replies",
    }
    page = keeper.post("/work/registers/service-migrations/new", given)["Location"]
    shown = keeper.get(page).content.decode()
    assert "Go through the go-live checklist" in shown
    assert "Moved with no added staff" in shown
    row = Row.objects.get(register_id="service-migrations")
    assert row.next_due_on == council_date(now()) + timedelta(days=16)
    checked = {
        f"field-{one}": "yes"
        for one in ("checklist_staff", "checklist_knowledge", "checklist_forms", "checklist_lines")
    }
    result = {"field-result": "First month: 1,480 calls, 2% abandoned", "version": "1", "owner_post": ""}
    assert keeper.post(f"{page}/change", given | checked | result).status_code == 302
    for action in row.actions.all():
        keeper.post(f"/work/registers/actions/{action.pk}", {"end": "done", "words": "Nothing is missing"})
    keeper.post(f"{page}/close", {"outcome": "moved", "words": "Done"})
    row.refresh_from_db()
    assert (row.outcome, row.values["result"]) == ("moved", "First month: 1,480 calls, 2% abandoned")
    assert "Rent income calls" in keeper.get("/work/registers/service-migrations?state=closed").content.decode()


def test_a_link_that_is_wrong_is_listed_where_it_stands_and_looked_at_again(council: None) -> None:
    link = Link.objects.create(url="https://example.org/old", fault="gone", status=404, checked_at=now())
    LinkPlace.objects.create(link=link, kind="page", key="bins", title="Bins", path="/bins", seen_at=now())
    officer = client_of("priya")
    assert "https://example.org/old" in officer.get("/work/links").content.decode()
    officer.post(f"/work/links/{link.pk}/again")
    link.refresh_from_db()
    assert link.next_at is not None


def test_words_that_mean_the_same_are_kept_changed_and_taken_away(council: None) -> None:
    officer = client_of("priya")
    path = "/work/knowledge/synonyms"
    assert "No words are kept yet" in officer.get(path).content.decode()
    assert officer.post(path, {"words": "tip"}).status_code == 422
    officer.post(path, {"words": "tip, dump"})
    made = Synonyms.objects.get()
    assert "tip, dump" in officer.get(path).content.decode()
    officer.post(path, {"words": "tip, dump, recycling centre", "set": str(made.pk)})
    made.refresh_from_db()
    assert made.words == ["tip", "dump", "recycling centre"]
    officer.post(path, {"set": str(made.pk), "remove": "1"})
    assert not Synonyms.objects.exists()
