"""Safety as staff meet it: help at one press, a report in one page, a marker seen before anything else by those who need it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import PostHolder, Role, Team, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import make_case
from townhall.cases.tests.makers import make_council as make_cases_council
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import Actor, ActorKind
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.documents.models import Document
from townhall.documents.queries import documents_of
from townhall.housing.models import Repair
from townhall.ledger.models import Entry, Look
from townhall.notifications.models import Message
from townhall.notifications.queries import inbox_of
from townhall.notifications.recipients import Recipient
from townhall.outreach import sessions
from townhall.outreach.tests.makers import make_session
from townhall.safety import calling, prompting
from townhall.safety import queries as markers
from townhall.safety.models import Alarm, Appeal, CallWarning, Incident, Marker, Recommendation
from townhall.safety.tests.makers import FACTS, Council, in_team, make_council, make_marker, make_sam
from townhall.workforce.tests.makers import make_module, make_pass
from townhall.workspace.views import safety_incidents

pytestmark = pytest.mark.django_db


def at_work(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=UUID(by.id)))
    return client


def page(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def send(client: Client, path: str, data: dict[str, Any], *, status: int = 302) -> Any:
    answer = client.post(path, data)
    assert answer.status_code == status, (path, answer.status_code, answer.content.decode()[:3000])
    return answer


def council_now() -> Council:
    seed_contacts()
    return make_council(now())


def conversation(adviser: Client, customer: Any) -> Contact:
    send(adviser, "/work/desk/contacts/new", {"customer": str(customer.pk), "channel": "counter"})
    return Contact.objects.latest("started_at")


@pytest.mark.capability("SAFE-02")
@pytest.mark.capability("SAFE-03")
def test_a_marker_from_the_report_to_the_flag_at_the_desk_and_to_the_appeal(settings: Any) -> None:
    council = council_now()
    sam = make_sam(now(), phone="01632 960200")
    adviser, manager, senior, second = (
        at_work(one) for one in (council.adviser, council.manager, council.senior, council.second)
    )
    contact = conversation(adviser, sam)
    form = page(adviser, f"/work/safety/incidents/new?customer={sam.pk}")
    hidden = dict(re.findall(r'type="hidden" name="(key|opened|customer)" value="([^"]*)"', form))
    told = {"kind": "threat", "harm": "shaken", "what": FACTS, "site": council.site, "victims": [council.adviser.id]}
    reported = {**hidden, **told, "on": f"{now():%Y-%m-%d}", "time": "00:01"}
    send(adviser, "/work/safety/incidents/new", reported)
    incident = Incident.objects.get()
    proposal = {
        "kind": "warning",
        "category": "threat",
        "severity": "2",
        "facts": "He is mentally ill and threatened me",
        "evidence": "Seen by two officers",
        "precautions": ["two_officers", "secure_room"],
        "incident": str(incident.pk),
    }
    propose = f"/work/safety/customers/{sam.pk}/markers/new"
    assert "what was done and said" in send(manager, propose, proposal, status=422).content.decode()
    made = send(manager, propose, proposal | {"facts": FACTS})["Location"]
    marker = Marker.objects.get()
    send(manager, f"{made}/approval", {"decision": "So be it", "months": "12"}, status=422)
    assert "Two officers" not in page(adviser, f"/work/desk/contacts/{contact.pk}")

    send(senior, f"{made}/approval", {"decision": "A threat of harm, seen by two", "months": "12"})
    letter = Message.objects.get(template="safety/marker_letter")
    assert FACTS in letter.body_text
    shown = page(adviser, f"/work/desk/contacts/{contact.pk}")
    assert shown.index("Two officers") < shown.index("Abusive or threatening?")
    record = page(adviser, f"/work/customers/{sam.pk}?reason=contact")
    assert record.index("Two officers") < record.index("Addresses")
    assert "chair" not in shown + record
    assert "Secure room" in page(adviser, f"/work/customers?q=Sam+Resident&contact={contact.pk}&part=1")
    assert "Secure room" not in page(adviser, "/work/customers?q=Sam+Resident&part=1")  # a list, and nobody is here
    assert Look.objects.filter(customer_id=sam.pk, page="marker.flag", actor_id=council.adviser.id).count() >= 3

    page(adviser, made, status=403)
    assert FACTS.split("“")[0].strip() in page(manager, made)
    assert "Sam" not in page(manager, "/work/safety/markers")
    assert Look.objects.filter(customer_id=sam.pk, page="marker.detail", actor_id=council.manager.id).exists()

    send(adviser, f"{made}/appeals", {"said": "I lifted the chair to sit down."})
    appeal = Appeal.objects.get()
    send(senior, f"/work/safety/appeals/{appeal.pk}", {"outcome": "upheld", "reasons": "No"}, status=422)
    send(second, f"/work/safety/appeals/{appeal.pk}", {"outcome": "removed", "reasons": "The film shows it."})
    assert "Two officers" not in page(adviser, f"/work/desk/contacts/{contact.pk}")
    assert "The film shows it." in Message.objects.get(template="safety/marker_appeal").body_text
    assert "chair" not in str(list(Entry.objects.values_list("data", flat=True)))
    marker.refresh_from_db()
    assert marker.state == "removed"


@pytest.mark.capability("SAFE-03")
def test_a_marker_shows_on_the_case_the_visit_and_the_list_of_a_session_and_to_a_contractor_once_that_is_recorded() -> (
    None
):
    make_cases_council()
    council, sam = council_now(), make_sam(now())
    make_marker(council, sam, at=now())
    officer = at_work(in_team("customer-services", Role.SENIOR_MANAGER, now()))
    case = make_case(reporter=Recipient(name="Sam Resident", email="sam@example.org", customer_id=sam.pk))
    assert case.customer_id == sam.pk
    assert "Secure room" in page(officer, f"/work/cases/{case.reference}")
    repair = Repair.objects.create(
        case_id=case.pk,
        reference=case.reference,
        customer_id=sam.pk,
        problem="leak",
        trade="plumbing",
        urgency="routine",
        made_at=now(),
    )
    customers.agree_need(sam.pk, need="wheelchair", by=council.adviser, at=now())
    adviser = at_work(council.adviser)
    visit = page(adviser, f"/work/repairs/{repair.pk}")
    assert "Secure room" in visit
    assert "Wheelchair access" in visit
    session = make_session(by=council.manager)
    sessions.book(session.pk, sam.pk, by=council.manager, at=now())
    listed = page(adviser, f"/work/outreach/sessions/{session.pk}")
    assert "Secure room" in listed
    assert "Wheelchair access" in listed

    assert markers.shared_outside(sam.pk, at=now()) == []
    where = f"/work/safety/markers/{Marker.objects.get().pk}/sharing"
    manager = at_work(council.manager)
    send(manager, where, {"with_whom": "", "share_reason": "x"}, status=422)
    send(manager, where, {"with_whom": "The repairs contractor", "share_reason": "They go to the door"})
    assert markers.shared_outside(sam.pk, at=now()) == ["Two officers", "Secure room"]


def test_a_marker_is_on_none_of_the_residents_own_screens_and_its_words_are_read_by_few() -> None:
    from townhall.portal.account.held import who_looked

    council, sam = council_now(), make_sam(now())
    make_marker(council, sam, at=now())
    adviser = at_work(council.adviser)
    page(adviser, f"/work/customers/{sam.pk}?reason=contact")
    looks, _more = who_looked(sam.pk, at=now())
    assert looks
    assert not [one for one in looks if "marker" in one.page]
    letter = Document.objects.get(customer_id=sam.pk)
    themselves = Actor(kind=ActorKind.CUSTOMER, id=str(sam.pk))
    assert not documents_of(sam.pk, by=themselves).rows
    assert not inbox_of(sam.pk).rows
    assert Message.objects.filter(customer_id=sam.pk, channel="letter").count() == 1

    shown = page(adviser, f"/work/customers/{sam.pk}?reason=contact")
    assert "note on your record" not in shown
    assert "arker" not in shown.partition("Everything so far")[2]
    assert "Safety incident" not in shown
    page(adviser, f"/work/documents/{letter.pk}", status=404)
    assert FACTS.split("“")[0].strip() in page(at_work(council.manager), f"/work/documents/{letter.pk}")


@pytest.mark.capability("SAFE-04")
def test_help_at_one_press_is_seen_nearby_and_an_abusive_call_ends_in_one(settings: Any) -> None:
    settings.TEXT_PROVIDER = "demo"
    council, sam = council_now(), make_sam(now())
    adviser, manager, guard = at_work(council.adviser), at_work(council.manager), at_work(council.security)
    elsewhere = at_work(in_team("corporate", Role.OFFICER, now()))
    send(adviser, "/work/safety/station", {"site": council.site, "place": "Window 3"})
    send(elsewhere, "/work/safety/station", {"site": council.site, "place": "Back office"})
    contact = conversation(adviser, sam)
    shown = page(adviser, f"/work/desk/contacts/{contact.pk}")
    assert "Call for help" in shown
    assert "Fetch help when" in shown
    button = re.findall(r'name="customer" value="([^"]+)"', shown.partition("ws-help")[2].partition("</form>")[0])
    assert button == [str(sam.pk)]
    assert page(guard, "/work/help/now") == ""

    where = send(adviser, "/work/help", {"customer": button[0], "contact": str(contact.pk)})["Location"]
    send(adviser, "/work/help", {"customer": button[0]})
    alarm = Alarm.objects.get()  # pressed twice, one alarm
    calling._going_on.forget()
    for one in (manager, guard, elsewhere):
        heard = page(one, "/work/help/now")
        assert "Town Hall, Window 3" in heard
        assert "Sam Resident" in heard
    stranger = at_work(in_team("corporate", Role.OFFICER, now()))
    assert page(stranger, "/work/help/now") == ""
    page(stranger, where, status=404)  # nor by its address
    send(stranger, f"{where}/end", {})
    assert Alarm.objects.get().state == "raised"
    for one in (manager, guard, elsewhere):
        assert "Sam Resident" in page(one, where)
    told = Message.objects.filter(template="staff/help_called")
    assert told.filter(channel="email").count() == 2
    assert told.filter(channel="text", recipient_address="01632960100").count() == 1
    send(guard, f"{where}/acknowledgement", {})
    calling._going_on.forget()
    assert "is coming" in page(adviser, "/work/help/now")
    send(adviser, f"{where}/end", {})
    calling._going_on.forget()
    over = page(adviser, where)
    names = [User.objects.get(pk=UUID(one.id)).name for one in (council.adviser, council.security)]
    assert f"Over: {names[0]}, " in over  # by whoever ended it, and who was coming is kept
    assert f"Said that they are coming</dt><dd>{names[1]}, " in over
    assert page(manager, "/work/help/now") == ""

    send(adviser, f"/work/desk/contacts/{contact.pk}/warning", {})
    after = send(adviser, f"/work/desk/contacts/{contact.pk}/abuse", {})["Location"]
    contact.refresh_from_db()
    warning = CallWarning.objects.get()
    assert contact.ended_at is not None
    assert (warning.contact_id, warning.customer_id, bool(warning.ended_at)) == (contact.pk, sam.pk, True)
    assert [entry.verb for entry in Entry.objects.filter(verb__startswith="call.").order_by("at", "id")] == [
        "call.warned",
        "call.ended_for_abuse",
    ]
    assert "Report an incident" in page(adviser, after)
    assert alarm.report_due_at is not None

    make_module("personal-safety")
    forget_all()
    refused = send(adviser, "/work/desk/contacts/new", {"customer": str(sam.pk), "channel": "phone"}, status=422)
    assert "Personal Safety” in date before you work with the public" in refused.content.decode()
    make_pass(council.adviser, "personal-safety", on=council_date(now()), at=now())
    conversation(adviser, sam)


def test_a_report_opened_from_safety_names_the_customer() -> None:
    council = council_now()
    adviser, sam, other = at_work(council.adviser), make_sam(now()), make_sam(now())
    told = {
        "kind": "abuse",
        "harm": "none",
        "what": "He shouted.",
        "place": "Hall",
        "on": "2026-01-05",
        "time": "09:00",
    }
    assert 'name="who"' in page(adviser, "/work/safety/incidents/new")

    several = send(adviser, "/work/safety/incidents/new", {**told, "who": "Sam Resident"}, status=422).content.decode()
    assert str(sam.pk) in several
    assert str(other.pk) in several
    nobody = send(adviser, "/work/safety/incidents/new", {**told, "who": "Zzyzx Qwertz"}, status=422).content.decode()
    assert "Nobody is found" in nobody
    send(adviser, "/work/safety/incidents/new", {**told, "who": "Sam Resident", "customer": str(sam.pk)})
    assert Incident.objects.get().customer_id == sam.pk


@pytest.mark.capability("SAFE-01")
def test_a_report_is_one_page_managers_hear_at_once_and_one_that_is_missing_is_asked_for(settings: Any) -> None:
    council = council_now()
    adviser, manager = at_work(council.adviser), at_work(council.manager)
    where = send(adviser, "/work/help", {})["Location"]
    alarm = Alarm.objects.get()
    later = now() + timedelta(minutes=settings.SAFETY_REPORT_MINUTES, seconds=1)
    assert prompting.prompt_due(now()) == 0
    assert (prompting.prompt_due(later), prompting.prompt_due(later)) == (1, 0)
    assert Message.objects.filter(template="staff/report_missing").count() == 1

    form = page(adviser, f"/work/safety/incidents/new?alarm={where.rsplit('/', 1)[1]}")
    hidden = dict(re.findall(r'type="hidden" name="(key|opened|alarm)" value="([^"]*)"', form))
    day = re.search(r'value="(\d{4}-\d\d-\d\d)"', form)
    assert day is not None
    empty = send(
        adviser, "/work/safety/incidents/new", hidden | {"on": day[1], "time": "00:01"}, status=422
    ).content.decode()
    for words in ("Select what happened", "Write what happened", "Select whether anybody was hurt", "Select a site"):
        assert words in empty
    told = {
        "kind": "assault",
        "harm": "minor",
        "what": "He pushed me.",
        "place": "Front hall",
        "witnesses": "The porter",
    }
    given = {**hidden, **told, "on": day[1], "time": "00:01", "victims": [council.adviser.id]}
    send(adviser, "/work/safety/incidents/new", given)
    send(adviser, "/work/safety/incidents/new", given)
    incident = Incident.objects.get()
    assert incident.seconds_taken is not None
    assert incident.seconds_taken < 120
    assert incident.alarm_id == alarm.pk
    mail = Message.objects.get(template="staff/incident_reported")
    assert mail.recipient_address == User.objects.get(pk=council.manager.id).email
    assert "pushed" not in mail.body_text
    alarm.refresh_from_db()
    assert alarm.report_due_at is None
    contact = conversation(adviser, make_sam(now()))
    report = send(adviser, f"/work/desk/contacts/{contact.pk}/abuse", {})["Location"]
    assert (prompting.prompt_due(now()), prompting.prompt_due(later + timedelta(minutes=5))) == (0, 1)
    form = page(adviser, report)
    hidden = dict(re.findall(r'type="hidden" name="(key|opened|warning|customer)" value="([^"]*)"', form))
    send(adviser, "/work/safety/incidents/new", {**given, **hidden, "alarm": "", "kind": "abuse", "harm": "none"})
    assert CallWarning.objects.get().report_due_at is None
    assert [one.customer_id for one in Incident.objects.filter(kind="abuse")] == [contact.customer_id]
    assert "He pushed me." in page(manager, f"/work/safety/incidents/{incident.pk}")
    page(adviser, f"/work/safety/incidents/{incident.pk}", status=403)
    assert page(manager, "/work/safety/incidents")


@pytest.mark.capability("SAFE-05")
def test_what_an_investigation_finds_is_put_in_place_shown_shared_and_rises_when_overdue() -> None:
    from townhall.clocks.sweeps import ring_due
    from townhall.safety.tests.makers import make_incident

    council = council_now()
    incident = make_incident(council, at=now())
    manager, senior = at_work(council.manager), at_work(council.senior)
    from townhall.accounts.directory import post_by_id

    post = post_by_id(next(iter(council.manager.posts))).code
    path = f"/work/safety/incidents/{incident.pk}"
    send(manager, f"{path}/investigation", {"investigator": post})
    due = f"{now() + timedelta(days=14):%Y-%m-%d}"
    wrong = send(
        manager, f"{path}/recommendations", {"text": "", "post": "", "due_on": due}, status=422
    ).content.decode()
    assert "Select a line manager" in wrong
    given = {"text": "A second way out of the interview room", "post": post, "due_on": due, "share_with": ["corporate"]}
    send(manager, f"{path}/recommendations", given)
    send(manager, f"{path}/findings", {"findings": "The only door was behind him."})
    row = Recommendation.objects.get()
    assert Message.objects.filter(template="staff/recommendation_given").count() == 1
    assert Message.objects.filter(template="staff/lesson_shared").exists()
    ring_due(now() + timedelta(days=14, hours=24))
    ring_due(now() + timedelta(days=30))
    row.refresh_from_db()
    assert row.risen_at is not None
    seniors = {User.objects.get(pk=one.id).email for one in (council.senior, council.second)}
    risen = Message.objects.filter(template="staff/recommendation_due", subject_line__startswith="Overdue")
    assert seniors <= set(risen.values_list("recipient_address", flat=True))
    assert "A second way out" in page(at_work(council.adviser), "/work/safety/lessons")
    where = f"/work/safety/recommendations/{row.pk}"
    assert "Write what shows" in send(manager, where, {"evidence": ""}, status=422).content.decode()
    send(manager, where, {"evidence": "Door fitted, photo in the premises file"})
    row.refresh_from_db()
    assert (row.state, incident.recommendations.count()) == ("done", 1)
    assert page(senior, path)


@pytest.mark.capability("SAFE-06")
def test_roles_by_site_stand_beside_the_incidents_there() -> None:
    from townhall.registers import operations as registers
    from townhall.registers.definition import read_folder
    from townhall.registers.models import Row
    from townhall.safety.tests.makers import make_incident

    council = council_now()
    make_incident(council, at=now(), harm="minor")
    registers.load(read_folder(), at=now())
    manager = at_work(council.manager)
    role = {
        "title": "Concierge, front hall",
        "site": "Town Hall",
        "kind": "welcome",
        "duties": "Welcome, direct, hand out leaflets",
        "answers": "Where and when; nothing about a case",
        "risk": "Alone at the door after 5pm: a second person on Thursdays",
        "assessed_on": f"{now():%Y-%m-%d}",
        "trained_on": f"{now():%Y-%m-%d}",
    }
    fields = {f"field-{name}": value for name, value in role.items() if name != "title"}
    send(manager, "/work/registers/front-of-house-roles/new", {"title": role["title"], **fields})
    row = Row.objects.get(register_id="front-of-house-roles")
    assert {one.due for one in row.actions.all()} == {"assess", "needed"}
    shown = page(manager, "/work/safety/sites")
    assert re.search(r"Town Hall</th>\s*<td[^>]*>1</td>\s*<td[^>]*>1</td>\s*<td[^>]*>1</td>", shown)
    assert "/work/registers/front-of-house-roles" in shown


def test_the_list_of_incidents_pages_through_those_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    from townhall.safety.tests.makers import make_incident

    council, at = council_now(), now()
    made = {str(make_incident(council, at=at).pk) for _one in range(3)}
    manager = at_work(council.manager)
    monkeypatch.setattr(safety_incidents, "SIZE", 1)
    shown, where = [], "/work/safety/incidents"
    for _page in made:
        listed = page(manager, where)
        shown += re.findall(r'/work/safety/incidents/([0-9a-f-]{36})"', listed)
        where = f"/work/safety/incidents?after={shown[-1]}"
    assert len(shown) == len(made)
    assert set(shown) == made


def test_a_report_offers_the_colleagues_of_today_those_with_planned_leave_too() -> None:
    council, today = council_now(), council_date(now())
    team = Team.objects.get(pk__in=council.adviser.teams)
    offered = {}
    for name, from_on, until_on in (("leave", -9, 7), ("gone", -9, -1), ("coming", 5, None), ("stays", -9, None)):
        user = User.objects.get(pk=in_team(team.code, Role.ADVISER, now()).id)
        held = PostHolder.objects.filter(user=user)
        held.update(
            from_on=today + timedelta(days=from_on),
            until_on=None if until_on is None else today + timedelta(days=until_on),
        )
        offered[name] = str(user.pk)
    form = page(at_work(council.adviser), "/work/safety/incidents/new")
    assert {name for name, user in offered.items() if f'value="{user}"' in form} == {"leave", "stays"}
