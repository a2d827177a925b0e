"""The single view of a customer: everything in one list, what is held elsewhere, the account as they see it, and their address."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from townhall.accounts.checks import patterns
from townhall.accounts.models import Role, User
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.tests.makers import sign_in
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council, make_staff, make_team
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import Contact
from townhall.contacts.operations import Given, start, wrap_up
from townhall.contacts.operations import WrapUp as Answers
from townhall.contacts.seeds import seed_reference_data
from townhall.core.access import Door, access_of
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import NotAllowed, WrongState
from townhall.core.refreshing import forget_all
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import sharing
from townhall.customers.accounts import consents
from townhall.documents import papers
from townhall.documents.operations import keep_document
from townhall.files.tests.makers import pdf, upload
from townhall.forms.operations import send_form
from townhall.forms.operations.definitions import publish_form
from townhall.forms.operations.drafts import give_draft_to, start_draft
from townhall.forms.tests.makers import make_form
from townhall.governance import assessing
from townhall.governance.assessing import NotAssessed
from townhall.ledger import operations as ledger
from townhall.ledger.models import Look
from townhall.neighbourhood.models import Councillor, Proposal
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.outreach import sessions
from townhall.outreach.tests.makers import make_session
from townhall.payments.tests.makers import make_charge
from townhall.places import grid
from townhall.places.models import Address, Area
from townhall.portal.tests.makers import HOME, make_borough, make_round
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.workspace import timeline
from townhall.workspace.timeline import Wanted

pytestmark = pytest.mark.django_db
MOST_QUERIES = 14


@pytest.fixture(autouse=True)
def _council(db: None) -> None:
    make_council()
    seed_reference_data()
    forget_all()


def staff(name: str, *, team: str, role: Role) -> tuple[Client, Actor]:
    by = make_staff(name, team=team, role=role)
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client, by


def reported(service: str, customer_id: UUID, description: str = "Old sofa on the verge") -> Case:
    reporter = Recipient(name="Sam", email="sam@example.org", customer_id=customer_id)
    return make_case(service, reporter=reporter, description=description, at=now())


def spoken(customer_id: UUID, by: Actor, *, service: str, notes: str) -> Contact:
    contact = start(channel="phone", by=by, at=now(), given=Given(name="Sam"), customer_id=customer_id)
    answers = Answers(
        reason_code="information",
        outcome="resolved",
        avoidable=False,
        anything_else=False,
        notes=notes,
        service_code=service,
    )
    wrap_up(contact.pk, answers, by=by, at=now())
    return contact


def words_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def test_everything_the_council_did_with_somebody_is_one_list_whichever_way_it_came() -> None:
    account = make_account("Sam Okafor")
    sam = customer_of(account)
    adviser, by = staff("priya", team="customer-services", role=Role.ADVISER)
    signed_in(account)
    spoken(sam, by, service="fly-tipping", notes="Asked about the sofa")
    case = reported("pothole", sam)
    make_charge(customer_id=sam, at=now())
    version = publish_form(make_form(code="hello", title="Say hello"), at=now())
    send_form("hello", version, {"name": "Sam"}, by=by, at=now(), key="one", channel="counter", on_behalf_of=sam)
    sessions.book(make_session(by=by).pk, sam, by=by, at=now())
    about = Subject(kind="letter", id=sam)
    keep_document(
        customer_id=sam,
        by=SYSTEM,
        at=now(),
        kind="letter",
        title="About your garden",
        about=about,
        key="x",
        html="<p>Yes</p>",
    )
    # An app that this list has never heard of: nobody enters it again, and it is there.
    ledger.record("survey.answered", about=Subject(kind="survey_answer", id=sam), by=SYSTEM, at=now(), customer_id=sam)
    adviser.get(f"/work/customers/{sam}?reason=contact")  # what is kept in memory is read

    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = words_of(adviser, f"/work/customers/{sam}?reason=contact")

    for words in (
        "Asked about the sofa",
        case.reference,
        "March instalment",
        "Say hello",
        "Place booked</strong>: Your account, step by step",
        "About your garden",
        "Answer to a survey",
        "Signed in to the account",
        "Message</strong>: ",
    ):
        assert words in page, words
    listed = page[page.index("Everything so far") :]
    assert listed.index("Answer to a survey") < listed.index("About your garden") < listed.index("Asked about the sofa")
    reads = [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(reads) <= MOST_QUERIES, "\n".join(reads)

    narrowed = words_of(adviser, f"/work/customers/{sam}?reason=contact&service=pothole")
    assert case.reference in narrowed
    assert "Asked about the sofa" not in narrowed
    by_phone = timeline.of_customer(sam, by=by, wanted=Wanted(channel="phone")).rows
    assert {line.channel for line in by_phone} == {"phone"}
    assert {line.kind for line in timeline.of_customer(sam, by=by, wanted=Wanted(kind="form")).rows} == {"form"}


def test_a_long_list_is_read_page_by_page_and_each_entry_is_there_once() -> None:
    sam = customer_of(make_account())
    by = make_staff("priya", team="customer-services", role=Role.ADVISER)
    at = now()
    for number in range(9):  # three kinds of entries at the very same moment
        Contact.objects.create(channel_id="phone", started_at=at, ended_at=at, customer_id=sam, notes=f"note {number}")
        about = Subject(kind="survey_answer", id=uuid4())
        ledger.record("survey.answered", about=about, by=SYSTEM, at=at, customer_id=sam)
    everything = [line.id for line in timeline.of_customer(sam, by=by, size=200).rows]

    seen: list[UUID] = []
    after = ""
    while True:
        page = timeline.of_customer(sam, by=by, after=after, size=4)
        seen += [line.id for line in page.rows]
        after = page.after
        if not after:
            break

    assert seen == everything
    assert len(set(seen)) == len(seen) >= 18


ROLES = [
    ("olu", "street-cleansing", Role.OFFICER, {"fly-tipping": True, "pothole": False}),
    ("hari", "highways", Role.OFFICER, {"fly-tipping": False, "pothole": True}),
    ("priya", "customer-services", Role.ADVISER, {"fly-tipping": True, "pothole": True}),
    ("rae", "customer-services", Role.RECEPTIONIST, {"fly-tipping": True, "pothole": True}),
    ("tam", "highways", Role.TEAM_MANAGER, {"fly-tipping": True, "pothole": True}),
    ("mo", "management", Role.SENIOR_MANAGER, {"fly-tipping": True, "pothole": True}),
    ("dee", "governance", Role.DATA_PROTECTION_OFFICER, {"fly-tipping": True, "pothole": True}),
]


@pytest.mark.capability("CUST-06")
def test_what_another_department_holds_is_shown_with_agreement_or_on_a_recorded_basis_alone() -> None:
    account = make_account("Sam Okafor")
    sam = customer_of(account)
    adviser = make_staff("ada", team="customer-services", role=Role.ADVISER)
    manager = make_staff("mo", team="management", role=Role.SENIOR_MANAGER)
    held = {code: reported(code, sam, f"secret of {code}") for code in ("fly-tipping", "pothole")}
    for code in held:
        spoken(sam, adviser, service=code, notes=f"said about {code}")

    def check(who: str, team: str, role: Role, sees: dict[str, bool]) -> None:
        forget_all()
        client, by = staff(who, team=team, role=role)
        page = words_of(client, f"/work/customers/{sam}?reason=check")
        lines = timeline.of_customer(sam, by=by, size=100).rows
        for code, is_seen in sees.items():
            at = f"{who} at {code}"
            assert (held[code].reference in page) is is_seen, at
            assert (f"said about {code}" in page) is is_seen, at
            of_it = [line for line in lines if line.service == code]
            assert of_it, at
            assert {line.is_open for line in of_it} == {is_seen}, at
            for line in of_it:
                assert is_seen or not (line.words or line.contact.notes or line.contact.reason or line.cases), at
        if not all(sees.values()):
            assert "Held elsewhere" in page, who

    for one in ROLES:
        check(*one)

    # A lawful basis for one team, and it ends: with who, when and why.
    with pytest.raises(NotAssessed):
        sharing.record_basis(
            service="pothole",
            readers="team",
            team_id=make_team("street-cleansing").pk,
            basis="public_task",
            why="Not assessed yet",
            by=manager,
            at=now(),
        )
    assessing.grandfather("sharing", {"pothole:street-cleansing"}, at=now())
    basis = sharing.record_basis(
        service="pothole",
        readers="team",
        team_id=make_team("street-cleansing").pk,
        basis="public_task",
        why="They sweep what the repair leaves",
        by=manager,
        at=now(),
    )
    assert (str(basis.recorded_by_id), basis.why) == (manager.id, "They sweep what the repair leaves")
    with pytest.raises(WrongState):
        sharing.record_basis(
            service="pothole",
            readers="team",
            team_id=basis.team_id,
            basis="contract",
            why="Again",
            by=manager,
            at=now(),
        )
    with pytest.raises(NotAllowed):
        sharing.end_basis(basis.pk, by=adviser, at=now())
    check("olu", "street-cleansing", Role.OFFICER, {"fly-tipping": True, "pothole": True})
    sharing.end_basis(basis.pk, by=manager, at=now())
    check("olu", "street-cleansing", Role.OFFICER, {"fly-tipping": True, "pothole": False})

    # Whoever answers the public answers for every service but one: its cases are closed to them everywhere.
    sharing.record_basis(
        service="",
        besides=["pothole"],
        readers="front",
        basis="public_task",
        why="Not road claims",
        by=manager,
        at=now(),
    )
    check("priya", "customer-services", Role.ADVISER, {"fly-tipping": True, "pothole": False})
    forget_all()
    client, by = staff("priya", team="customer-services", role=Role.ADVISER)
    assert set(cases_visible_to(by)) == {held["fly-tipping"]}
    assert client.get(f"/work/cases/{held['pothole'].reference}").status_code == 404
    assert client.get(f"/work/cases/{held['fly-tipping'].reference}").status_code == 200
    queue = words_of(client, "/work/?team=all")
    assert held["fly-tipping"].reference in queue
    assert held["pothole"].reference not in queue
    assert held["pothole"].reference not in words_of(
        client, f"/work/customers?q={held['pothole'].reference}"
    ).partition("<main")[2].replace(f'value="{held["pothole"].reference}"', "").replace(
        f"We have no case {held['pothole'].reference}", ""
    )

    # The customer agrees, and takes it back.
    version = consents.wordings()["share-services"].version
    consents.give(sam, "share-services", version=version, channel="phone", by=adviser, at=now())
    check("priya", "customer-services", Role.ADVISER, {"fly-tipping": True, "pothole": True})
    check("olu", "street-cleansing", Role.OFFICER, {"fly-tipping": True, "pothole": True})
    assert set(cases_visible_to(by)) == set(held.values())
    consents.withdraw(sam, "share-services", channel="phone", by=adviser, at=now())
    check("priya", "customer-services", Role.ADVISER, {"fly-tipping": True, "pothole": False})


def test_a_family_agrees_once_for_housing_benefits_and_school_and_for_nothing_else() -> None:
    make_council(OUR_PACKS)
    wanted = {"housing-repair": True, "housing-benefit-claim": True, "school-place": True, "parking-permit": False}
    agreed = ["share-family"]
    for team in ("housing", "revenues", "school-admissions"):
        reach = sharing.reach(make_staff(f"of-{team}", team=team, role=Role.OFFICER), agreed=agreed)
        assert {code: reach.opens(code) for code in wanted} == wanted, team
    housing = make_staff("bri", team="housing", role=Role.OFFICER)
    assert not sharing.reach(housing).opens("school-place")
    assert not sharing.reach(make_staff("pip", team="parking", role=Role.OFFICER), agreed=agreed).opens("school-place")


def test_papers_and_messages_of_another_department_are_in_no_part_of_the_page() -> None:
    sam = customer_of(make_account("Sam Okafor"))
    case = reported("pothole", sam)
    adviser = make_staff("ada", team="customer-services", role=Role.ADVISER)
    kept = papers.keep(
        upload("a.pdf", pdf()), title="Doctor’s note", customer_id=sam, case_id=case.pk, by=adviser, at=now()
    )
    message = NewCallBack(phone="01632 960123", about="About my doctor", customer_id=sam, service_code="pothole")
    callbacks.ask(message, by=adviser, at=now())
    seen = {"hari": ("highways", True), "olu": ("street-cleansing", False)}
    for who, (team, is_seen) in seen.items():
        client, by = staff(who, team=team, role=Role.OFFICER)
        page = words_of(client, f"/work/customers/{sam}?reason=check")
        page += words_of(client, f"/work/customers/{sam}/papers/new")
        assert ("Doctor’s note" in page, "About my doctor" in page) == (is_seen, is_seen), who
        assert bool(papers.of_customer(sam, by=by)) is is_seen
    assert papers.of_customer(sam, by=SYSTEM)[0].id == kept.paper.pk
    assert set(Look.objects.filter(page="papers").values_list("customer_id", flat=True)) == {sam}


def test_the_way_by_which_a_message_went_is_said_in_words() -> None:
    sam = customer_of(make_account("Sam Okafor"))
    reported("fly-tipping", sam)
    client, _by = staff("ada", team="customer-services", role=Role.ADVISER)
    for channel, shown in (("screen", "on screen"), ("inbox", "account inbox"), ("text", "text message")):
        Message.objects.filter(customer_id=sam).update(channel=channel)
        page = words_of(client, f"/work/customers/{sam}?reason=check")
        assert f'<span class="th-quiet">{shown}</span>' in page
        assert f'<span class="th-quiet">{channel}</span>' not in page


def test_what_is_held_and_what_was_learnt_of_an_incident_is_no_line_of_the_list() -> None:
    sam = customer_of(make_account("Sam Okafor"))
    for verb in ("retention.held", "recommendation.given", "subject_access.decided", "safety_incident.reported"):
        ledger.record(verb, about=Subject(kind="customer", id=sam), by=SYSTEM, at=now(), customer_id=sam)
    by = make_staff("priya", team="customer-services", role=Role.ADVISER)
    kinds = {str(line.title) for line in timeline.of_customer(sam, by=by, size=100).rows}
    assert not [title for title in kinds if title.startswith(("Retention", "Recommendation", "Subject", "Safety"))], (
        kinds
    )


def test_a_reason_is_asked_for_unless_it_shows_and_the_data_protection_officer_reads_it() -> None:
    sam = customer_of(make_account("Sam Okafor"))
    reported("fly-tipping", sam)
    path = f"/work/customers/{sam}"
    with_a_case, _by = staff("olu", team="street-cleansing", role=Role.OFFICER)
    without, _other = staff("hari", team="highways", role=Role.OFFICER)
    assert "Sam Okafor</h1>" in words_of(with_a_case, path)
    asked = words_of(without, path)
    assert "Why do you need this record?" in asked
    assert "Sam" not in asked
    words_of(without, f"{path}?reason=check&asked=1")
    assert list(Look.objects.order_by("at").values_list("reason", flat=True)) == ["case", "check"]
    officer, _dpo = staff("dee", team="governance", role=Role.DATA_PROTECTION_OFFICER)
    found = words_of(officer, f"/work/audit?kind=looks&subject={sam}")
    assert "To check or correct the record" in found


def seen(sam: UUID, path: str = "account", reason: str = "bill") -> str:
    return f"/work/customers/{sam}/seen/{reason}/{path}"


@pytest.fixture
def account() -> ResidentAccount:
    make_borough()
    return make_account("Sam Okafor")


@pytest.mark.capability("CUST-03")
def test_an_adviser_sees_the_account_as_they_do_and_can_change_nothing(account: ResidentAccount) -> None:
    sam = customer_of(account)
    resident = signed_in(account)
    adviser, _by = staff("priya", team="customer-services", role=Role.ADVISER)
    make_charge(customer_id=sam, at=now())
    case = reported("fly-tipping", sam)
    version = publish_form(make_form(code="stall", title="Ask for a stall"), at=now())
    owner = Actor(kind=ActorKind.CUSTOMER, id=str(sam))
    token = start_draft("stall", by=owner, at=now(), channel="web", version=version, answers={"name": "Sam"})
    give_draft_to(token, customer_id=sam, by=owner, at=now())
    assert "Why do you need to see their account?" in words_of(adviser, f"/work/customers/{sam}/seen")
    assert adviser.get(f"/work/customers/{sam}/seen?reason=bill")["Location"] == seen(sam)

    page = words_of(adviser, seen(sam))
    theirs = words_of(resident, "/account")
    for words in (
        "March instalment" if "March instalment" in theirs else "Council tax",
        case.reference,
        "Ask for a stall",
    ):
        assert words in theirs
        assert words in page
    assert "The account of Sam Okafor, as they see it." in page
    for inside in (
        "account/requests",
        f"account/requests/{case.reference}",
        "account/messages",
        "account/preferences",
        "alerts",
    ):
        shown = adviser.get(seen(sam, inside))
        assert shown.status_code == 200, inside
    assert case.reference in words_of(adviser, seen(sam, "account/requests"))

    # Why it was looked at is theirs to read.
    mine = words_of(resident, "/account/my-data")
    assert "Your account, as you see it" in mine
    assert "A question about a bill" in mine


def test_no_page_of_the_account_seen_by_staff_sends_or_changes_anything(account: ResidentAccount) -> None:
    sam = customer_of(account)
    adviser, _by = staff("priya", team="customer-services", role=Role.ADVISER)
    case = reported("fly-tipping", sam)
    looked = seen_as_whole = 0
    writes = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY)\b", re.IGNORECASE)
    for pattern, entry in patterns():
        access = access_of(entry.callback)
        if access is None or access.door is not Door.RESIDENT:
            continue
        path = re.sub(r"<str:reference>", case.reference, pattern.lstrip("/"))
        path = re.sub(r"<uuid:[a-z_]+>", str(uuid4()), re.sub(r"<(?:str|slug|path):[a-z_]+>", "x", path))
        with CaptureQueriesContext(connection) as posted:
            answer = adviser.post(seen(sam, path), {"email": "other@example.org", "end": "1", "do": "close"})
        assert answer.status_code == 405, path
        assert not [one for one in posted.captured_queries if writes.match(one["sql"])], path
        with CaptureQueriesContext(connection) as got:
            answer = adviser.get(seen(sam, path))
        changed = [
            one["sql"] for one in got.captured_queries if writes.match(one["sql"]) and "ledger_look" not in one["sql"]
        ]
        assert answer.status_code in (200, 404), (path, answer.status_code)
        refused = b"Only for its owner" in answer.content
        assert refused or not changed, (path, changed)
        looked += 1
        if answer.status_code == 200 and not refused:
            seen_as_whole += 1
            html = answer.content.decode()
            assert "<form" not in html.lower(), path
            assert "<script" not in html.lower(), path
            for href in re.findall(r'<a\b[^>]*?\shref="([^"]*)"', html):
                assert href.startswith(("#", f"/work/customers/{sam}", "/work/documents/")), (path, href)
    assert looked > 40
    assert seen_as_whole >= 10
    account.refresh_from_db()
    assert account.closed_at is None


def test_without_everything_being_shared_the_account_is_not_shown(account: ResidentAccount) -> None:
    sam = customer_of(account)
    manager = make_staff("mo", team="management", role=Role.SENIOR_MANAGER)
    sharing.record_basis(
        service="",
        besides=["pothole"],
        readers="front",
        basis="public_task",
        why="Not road claims",
        by=manager,
        at=now(),
    )
    forget_all()
    adviser, _by = staff("priya", team="customer-services", role=Role.ADVISER)
    assert adviser.get(seen(sam))["Location"] == f"/work/customers/{sam}/seen"
    assert "held by services that do not share it" in words_of(adviser, f"/work/customers/{sam}/seen")
    assert adviser.get(seen(customer_of(make_account()), reason="because")).status_code == 404


@pytest.mark.capability("CUST-09")
def test_what_is_going_on_at_an_address_is_one_page_from_the_record_the_look_up_and_the_map() -> None:
    make_borough()
    make_round(days_ago=2)
    home = Address.objects.get(uprn=HOME)
    Area.objects.create(kind=Area.Kind.ZONE, code="K", name="Zone K", rings=Area.objects.get(kind="ward").rings)
    Councillor.objects.create(name="Cllr Bea Marsh", party="Independent", ward_code="W1", updated_at=now())
    for kind, reference in (("planning", "26/0001/FUL"), ("licensing", "26/0002/LAPRE")):
        Proposal.objects.create(
            source="test",
            kind=kind,
            reference=reference,
            description="A café with tables outside",
            is_open=True,
            easting=home.easting + 20,
            northing=home.northing,
            first_seen_at=now(),
            updated_at=now(),
        )
    forget_all()
    sam = customers.create(customers.NewCustomer(name="Sam Okafor", uprn=HOME), by=SYSTEM, at=now())
    here, far = reported("fly-tipping", sam.pk), reported("pothole", sam.pk)
    Case.objects.filter(pk=here.pk).update(uprn=HOME)
    Case.objects.filter(pk=far.pk).update(easting=home.easting + 60, northing=home.northing - 60)
    adviser, _by = staff("priya", team="customer-services", role=Role.ADVISER)
    path = f"/work/property/{HOME}"
    assert path in words_of(adviser, f"/work/customers/{sam.pk}?reason=contact")
    assert path in words_of(adviser, "/work/customers?q=12 Mill Lane")
    assert path in words_of(adviser, f"/work/customers?q={HOME}")
    assert adviser.get("/work/property", {"q": home.line})["Location"] == path
    lat, lng = grid.to_wgs84(home.easting + 5, home.northing) or (0.0, 0.0)
    assert adviser.get("/work/property", {"place_lat": str(lat), "place_lng": str(lng)})["Location"] == path

    with CaptureQueriesContext(connection) as asked:
        page = words_of(adviser, path)

    for words in (home.line, "Harbour", "<dt>Parking zone</dt><dd>K</dd>", "Cllr Bea Marsh", "Sam Okafor"):
        assert words in page, words
    assert "26/0001/FUL" in page
    assert "26/0002/LAPRE" in page
    assert "No collection is known" not in page
    outside = page.index("Open in the street outside")
    assert page.index(here.reference) < outside < page.index(far.reference)
    assert len(asked) <= MOST_QUERIES
    look = Look.objects.get(page="property")  # theirs to read, and the data protection officer's
    assert (look.customer_id, look.reason) == (sam.pk, "property")
    auditor, _auditor = staff("odd", team="audit", role=Role.AUDITOR)
    assert "Sam Okafor" not in words_of(auditor, path)
    assert adviser.get("/work/property/99999").status_code == 404
