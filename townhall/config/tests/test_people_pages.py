"""People at work on screen: training that opens panels and brings work, inductions, champions, guidelines, one's own tasks."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.models import PostHolder, Role, Team, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.calling.models import BackOfficeCall
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.catalogue import queries as catalogue
from townhall.clocks.sweeps import ring_due
from townhall.connectors import signing
from townhall.connectors.models import Connector
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.payments.models import Charge, ChargeKind
from townhall.workforce import gates, guidelines, inductions, queries, training
from townhall.workforce.models import (
    Acceptance,
    Champion,
    Induction,
    LeftFor,
    Loan,
    LoanItem,
    Meeting,
    Module,
    Pass,
    Presence,
    Session,
    Taken,
)
from townhall.workforce.states import ItemState, PassState

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _council(db: None) -> None:
    make_council()
    seed_reference_data()


def person(name: str, *, team: str = "desk", role: Role = Role.ADVISER) -> tuple[Client, Actor]:
    by = make_staff(name, team=team, role=role)
    forget_all()
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client, by


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"workspace:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(answer.content.decode().split())


def send(client: Client, view: str, /, *args: object, **given: Any) -> str:
    answer = client.post(reverse(f"workspace:{view}", args=args), given, follow=True)
    assert answer.status_code in (200, 422), answer.status_code
    return " ".join(answer.content.decode().split())


def ring(days: int) -> None:
    while ring_due(now() + days * DAY):
        pass


def told_by_phones(what: dict[str, Any], *, name: str, secret: bytes = b"") -> int:
    """What a phone system sends, signed; the status it gets."""
    body = json.dumps(what).encode()
    key = secret or signing.secret_of("phones")
    headers = signing.headers(key, message_id=name, at=now(), body=body)
    answer = Client().post("/connectors/phones/events", body, content_type="application/json", headers=headers)
    return answer.status_code


@pytest.mark.capability("PEOP-02")
def test_the_skills_matrix_shows_and_records_who_may_do_what_for_officers_and_members() -> None:
    manager, _mo = person("mo", role=Role.TEAM_MANAGER)
    admin, _ada = person("ada", role=Role.ADMINISTRATOR, team="it")
    adviser, amy = person("amy")
    _member, bo = person("bo", role=Role.PORTFOLIO_HOLDER)

    assert "Handling complaints" in send(admin, "training_usual")
    send(admin, "training_modules", name="Tree law", months="18", opens="Tree cases", roles=["adviser"])
    send(admin, "training_gates", gate="work.mails", module="email")
    assert "Needed" in page(manager, "training")
    long_ago = council_date(now()) - 500 * DAY
    both = [amy.id, bo.id]
    send(manager, "training_record", module="email", passed_on=long_ago.isoformat(), people=both)
    send(manager, "training_record", module="complaints", passed_on=long_ago.isoformat(), people=both)
    send(manager, "training_record", module="admissions", passed_on=council_date(now()).isoformat(), people=[bo.id])

    shown = page(manager, "training")
    assert "Lapsed" in shown  # complaints, after a year
    assert "In date" in shown  # emails, for two
    assert "cross-trained" in shown  # a Member knows school admissions, which no post of theirs asks for
    assert "May own complaints" in shown
    assert not queries.may_own_complaints(amy.id, council_date(now()))
    table = b"".join(manager.get(reverse("workspace:training_csv"), {"team": "members"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert "Bo,Desk" in table
    assert "Amy" not in table

    own = page(adviser, "my_training")
    assert "lapsed on" in own
    assert "Tree law" in own  # still needed
    row = Pass.objects.get(user_id=amy.id, module="email")
    assert "Withdrawn" in send(manager, "training_withdraw", row.pk, why="The wrong Amy")
    assert adviser.get(reverse("workspace:training")).status_code == 403
    assert "Somebody else has to record" in send(
        manager, "training_record", module="email", passed_on=long_ago.isoformat(), people=[_mo.id]
    )


@pytest.mark.capability("CUST-05")
def test_a_panel_opens_with_role_and_training_closes_when_the_pass_lapses_and_the_team_leader_is_told_once() -> None:
    _manager, mo = person("mo", role=Role.TEAM_MANAGER)
    admin, _ada = person("ada", role=Role.ADMINISTRATOR, team="it")
    adviser, amy = person("amy")
    who = customers.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=now())
    ChargeKind.objects.get_or_create(code="garden", defaults={"name": "Garden waste"})
    Charge.objects.create(
        kind_id="garden",
        reference="GW1",
        description="A brown bin",
        amount_pence=4_000,
        customer_id=who.pk,
        created_at=now(),
    )
    record = {"reason": "check"}

    assert "A brown bin" in page(adviser, "customer", who.pk, **record)  # nothing is asked for yet
    send(admin, "training_usual")
    closed = page(adviser, "customer", who.pk, **record)
    assert "A brown bin" not in closed
    assert "closed: training Taking payments and card rules is not passed yet" in closed
    training.record_passes("payments", [UUID(amy.id)], passed_on=council_date(now()), by=mo, at=now())
    assert "A brown bin" in page(adviser, "customer", who.pk, **record)

    row = Pass.objects.get(user_id=amy.id)
    Pass.objects.filter(pk=row.pk).update(passed_on=date(2024, 1, 1), expires_on=council_date(now()) - DAY)
    lapsed = page(adviser, "customer", who.pk, **record)
    assert "A brown bin" not in lapsed
    assert "closed: training Taking payments and card rules lapsed on" in lapsed
    Pass.objects.filter(pk=row.pk).update(passed_on=row.passed_on, expires_on=row.expires_on)

    ring(400)
    ring(500)
    row.refresh_from_db()
    assert row.state == PassState.LAPSED
    told = Message.objects.filter(template="staff/training_ends_manager", subject_line__contains="has lapsed")
    assert [one.recipient_address for one in told] == ["mo@example.org"]

    send(admin, "training_gates", gate="panel.payments", module="")  # the council asks for none
    assert "A brown bin" in page(adviser, "customer", who.pk, **record)
    standing = page(adviser, "customer_standing", who.pk)
    assert "Council tax</strong>: closed: training Council tax and benefits enquiries is not passed yet" in standing
    assert adviser.post(reverse("workspace:customer_standing_pay", args=[who.pk, "council-tax"])).status_code == 403


@pytest.mark.capability("CHAN-03")
def test_the_next_piece_of_work_is_offered_by_skill_and_nobody_gets_what_another_took() -> None:
    _head, mo = person("mo", team="street-cleansing", role=Role.TEAM_MANAGER)
    first, olu = person("olu", team="street-cleansing", role=Role.OFFICER)
    second, _pia = person("pia", team="street-cleansing", role=Role.OFFICER)
    cases = [make_case(at=now() - days * DAY) for days in (9, 3, 1)]
    make_team_of = {one.reference: one for one in cases}

    listed = page(first, "waiting")
    assert all(reference in listed for reference in make_team_of)
    opened = [client.post(reverse("workspace:take_next"))["Location"] for client in (first, second)]
    assert opened == [f"/work/cases/{cases[0].reference}", f"/work/cases/{cases[1].reference}"]
    assert "quicker" in send(second, "take_one", "cases", cases[0].pk)
    assert cases[0].reference in page(first, "tasks")
    assert cases[0].reference not in page(second, "tasks")

    Module.objects.create(code="tips", name="Fly-tipping evidence", months=12)
    gates.choose("service.fly-tipping", "tips", by=SYSTEM, at=now())
    forget_all()
    withheld = page(first, "waiting")
    assert cases[2].reference not in withheld
    assert "Fly-tipping evidence: 1 waits" in withheld
    assert "Nothing waits" in send(first, "take_next")
    training.record_passes("tips", [UUID(olu.id)], passed_on=council_date(now()), by=mo, at=now())
    assert cases[2].reference in page(first, "waiting")  # trained in more, offered more
    assert cases[2].reference not in page(second, "waiting")
    assert first.post(reverse("workspace:take_next"))["Location"].endswith(cases[2].reference)
    assert list(Taken.objects.order_by("at").values_list("module", flat=True)) == ["", "", "tips"]


@pytest.mark.capability("MAIL-09")
def test_all_that_is_left_for_a_person_is_on_one_list_and_counts_the_same_wherever_they_are() -> None:
    manager, _mo = person("mo", role=Role.TEAM_MANAGER, team="street-cleansing")
    officer, olu = person("olu", team="street-cleansing", role=Role.OFFICER)
    _other, pia = person("pia", team="street-cleansing", role=Role.OFFICER)
    Connector.objects.create(code="phones", name="Phones", kind="phone", base_url="", created_at=now())
    kinds = [one.value for one in LeftFor.Kind]
    for number, kind in enumerate(kinds):
        message = {
            "kind": kind,
            "to": "olu@example.org",
            "sender": f"Caller {kind}",
            "words": "Please ring, my card is 4242 4242 4242 4242",
            "number": "01632 960123",
            "left_at": (now() - timedelta(hours=30)).isoformat(),
        }
        for _twice in range(2):
            assert told_by_phones({"kind": "message.left", "message": message}, name=f"e{number}") in (200, 202)
    assert told_by_phones({"kind": "message.left", "message": {}}, name="e9", secret=b"not ours") in (401, 403)
    assert told_by_phones({"kind": "message.left", "message": {}}, name="e9") == 400
    assert {one.words for one in LeftFor.objects.all()} == {"Please ring, my card is [a card number was here]"}
    case = make_case(at=now())

    assert "You said: at home" in send(officer, "presence_set", where="home")
    assert officer.post(reverse("workspace:take_next"))["Location"] == f"/work/cases/{case.reference}"
    tasks = page(officer, "tasks")
    assert all(tasks.count(f"Caller {kind}") == 1 for kind in kinds)
    assert f"7, {len(kinds)} late" in tasks
    assert case.reference in tasks
    for label in ("Voicemail", "Missed call", "Fax", "Text message", "Web message", "Email"):
        assert label in tasks

    rows = {row.kind: row for row in LeftFor.objects.all()}
    assert "Please ring" in page(officer, "left", rows["fax"].pk)
    assert "Enter what you did" in send(officer, "left", rows["fax"].pk, act="done", outcome="")
    assert "Caller fax" not in send(officer, "left", rows["fax"].pk, act="done", outcome="Sent the form")
    assert "Caller web" not in send(officer, "left", rows["web"].pk, act="pass_on", to=pia.id)
    assert LeftFor.objects.get(pk=rows["web"].pk).user_id == UUID(pia.id)
    assert manager.get(reverse("workspace:left", args=[rows["text"].pk])).status_code == 404

    assert "Enter until when" in send(
        officer, "presence_set", where="away", until_on=council_date(now() - DAY).isoformat()
    )
    assert Presence.objects.get(user_id=olu.id).where == "home"
    seen = page(manager, "presence")
    assert "At home" in seen
    assert Taken.objects.get().where == "home"


@pytest.mark.capability("PEOP-01")
def test_a_starter_accepts_standards_and_duties_visits_and_what_is_late_goes_to_the_line_manager() -> None:
    manager, _mo = person("mo", role=Role.TEAM_MANAGER)
    admin, _ada = person("ada", role=Role.ADMINISTRATOR, team="it")
    starter, new = person("new")
    send(admin, "induction_items", lines="standard: We answer within five rings\nduty: My part in it")
    wrong = admin.post(f"{reverse('workspace:induction_items')}?role=adviser", {"lines": "tea: biscuits"})
    assert wrong.status_code == 422
    lines = "visit: The contact centre\nvisit: A customer centre"
    admin.post(f"{reverse('workspace:induction_items')}?role=adviser", {"lines": lines})
    assert inductions.welcome_starters(now()) == 0  # everybody has been here for years
    PostHolder.objects.filter(user_id=new.id).update(from_on=council_date(now()) - 2 * DAY)

    assert (inductions.welcome_starters(now()), inductions.welcome_starters(now())) == (1, 0)
    row = Induction.objects.get(user_id=new.id)
    standard, duty, centre, _shop = row.steps.order_by("order")
    assert "Your induction" in page(starter, "tasks")
    assert "Only the starter" in send(manager, "induction_step", standard.pk)
    for one in (standard, duty):
        send(starter, "induction_step", one.pk)
    assert "Book the visit first" in send(manager, "induction_step", centre.pk)
    when = council_date(now()) + 3 * DAY
    booked = send(
        manager,
        "induction_step",
        centre.pk,
        act="book",
        visit_on=when.isoformat(),
        visit_time="10:00",
        where="Station Road",
    )
    assert "Station Road" in booked
    assert "0 of" not in page(manager, "inductions")

    ring(45)
    told, *_again = Message.objects.filter(template="staff/induction_late").order_by("created_at")
    assert told.recipient_address == "mo@example.org"
    assert "A customer centre" in told.body_text
    assert "five rings" not in told.body_text
    row.refresh_from_db()
    assert row.raised_at is not None

    for step in row.steps.filter(done_at=None):
        inductions.book_visit(
            step.pk,
            visit_at=now() + DAY,
            where="Here",
            by=make_staff("mo", team="desk", role=Role.TEAM_MANAGER),
            at=now(),
        )
        inductions.complete_step(step.pk, by=new, at=now() + 2 * DAY)
    assert Induction.objects.get().state == "complete"
    verbs = set(Entry.objects.filter(subject_kind="induction").values_list("verb", flat=True))
    assert {"induction.begun", "induction.step_done", "induction.raised", "induction.complete"} <= verbs


@pytest.mark.capability("PEOP-03")
def test_the_plan_holds_joint_sessions_with_places_who_came_and_why_one_is_not_joint() -> None:
    manager, mo = person("mo", role=Role.TEAM_MANAGER)
    adviser, amy = person("amy")
    Module.objects.create(code="tax", name="Council tax", months=12)
    plan = {
        "title": "Second homes premium",
        "module": "tax",
        "because": "law",
        "because_of": "Levelling-up Act, second homes",
        "joint_with": "service",
        "partner": "Revenues",
        "on": (council_date(now()) + DAY).isoformat(),
        "time": "10:00",
        "where": "Civic centre",
        "places": "2",
    }
    assert "Enter why it cannot be held jointly" in send(
        manager, "training_plan", **plan | {"joint_with": "", "partner": ""}
    )
    send(manager, "training_plan", **plan)
    neighbour = {
        "joint_with": "council",
        "partner": "Neighbourton",
        "because": "new_service",
        "because_of": "Food waste",
    }
    send(manager, "training_plan", **plan | neighbour)
    alone = {"joint_with": "", "partner": "", "why_alone": "Revenues close that week"}
    send(manager, "training_plan", **plan | alone)
    shown = page(manager, "training_plan")
    assert "2 of 3 sessions are joint (67%)" in shown
    assert "Not joint: Revenues close that week" in shown
    assert "Neighbourton" in shown

    session = Session.objects.get(partner="Revenues")
    send(adviser, "training_book", session.pk, person="me")
    send(manager, "training_book", session.pk, guest="Ida, Revenues")
    assert "All places are taken" in send(manager, "training_book", session.pk, person=mo.id)
    assert "once it has begun" in send(manager, "training_hold", session.pk)
    Session.objects.filter(pk=session.pk).update(starts_at=now() - timedelta(hours=3))
    came = [str(one.pk) for one in session.attendances.filter(user_id=amy.id)]
    held = send(manager, "training_hold", session.pk, came=came, passed="yes")
    assert "came" in held
    assert "did not come" in held
    assert queries.in_date(amy.id, "tax", council_date(now()))
    assert Pass.objects.get().session_id == session.pk
    assert adviser.get(reverse("workspace:training_plan")).status_code == 403


@pytest.mark.capability("PEOP-04")
def test_champions_are_named_meet_each_quarter_and_what_they_did_is_reported_by_service() -> None:
    manager, _mo = person("mo", role=Role.TEAM_MANAGER)
    expert, priya = person("priya", team="street-cleansing", role=Role.OFFICER)
    other, _amy = person("amy")
    person("sade", team="street-cleansing", role=Role.TEAM_MANAGER)
    today = council_date(now())
    named = {"service": "fly-tipping", "terms": "Answers what the script does not", "from_on": today.isoformat()}
    send(manager, "champion_name", person=priya.id, kind="service", in_job_description="yes", **named)
    shown = send(manager, "champion_name", person=priya.id, kind="care", **named)
    assert "Not yet in their job description" in shown
    assert [one.name for one in queries.champions_of("fly-tipping", on=today)] == ["Priya", "Priya"]
    assert other.get(reverse("workspace:champions")).status_code == 403

    row = Champion.objects.get(kind="care")
    did = {"champion": str(row.pk), "on": today.isoformat(), "words": "Tone of letters"}
    send(expert, "champion_did", kind="training", people="6", **did)
    send(expert, "champion_did", kind="check", people="20", to_put_right="3", **did)
    ring(85)
    assert Message.objects.get(template="staff/champions_meet").recipient_address == "priya@example.org"
    ring(95)
    late = Message.objects.filter(template="staff/champions_meet", subject_line__contains="late")
    assert late.count() == 1

    meeting = Meeting.objects.get()
    send(manager, "champions_meet", meeting.pk, held_on=today.isoformat(), attended=[priya.id], notes="Shorter letters")
    assert Meeting.objects.get(held_on=None).due_on == today + 91 * DAY
    table = b"".join(expert.get(reverse("workspace:champions_csv")).streaming_content).decode()  # type: ignore[attr-defined]
    name = catalogue.service("fly-tipping").name
    assert f'{name},"Priya, Priya",1,6,1,3,1' in table
    send(manager, "champion_stand_down", row.pk)
    assert len(queries.champions_of("fly-tipping")) == 1


@pytest.mark.capability("MAIL-07")
def test_guidelines_are_read_and_accepted_by_officers_and_members_with_reminders_and_rates_by_team() -> None:
    manager, _mo = person("mo", role=Role.TEAM_MANAGER)
    adviser, amy = person("amy")
    member, bo = person("bo", team="chamber", role=Role.PORTFOLIO_HOLDER)
    Module.objects.create(code="email", name="Writing emails", months=24)
    body = "## Answer in two days\n\n- No card numbers\n- <script>alert(1)</script>"
    shown = send(manager, "guideline_publish", title="Email guidelines", body=body, module="email")
    assert "Answer in two days" in shown
    assert "<script>alert" not in shown
    version = guidelines.current("email-guidelines")
    assert {"amy@example.org", "bo@example.org", "mo@example.org"} <= set(
        Message.objects.filter(template="staff/guideline").values_list("recipient_address", flat=True)
    )

    assert "Email guidelines" in page(member, "tasks")
    assert "You read and accepted" in send(member, "guideline_accept", version.pk)
    send(member, "guideline_accept", version.pk)
    assert Acceptance.objects.count() == 1
    ring(40)
    reminded = Message.objects.filter(template="staff/guideline", subject_line__startswith="Reminder")
    assert "bo@example.org" not in set(reminded.values_list("recipient_address", flat=True))
    assert "amy@example.org" in set(reminded.values_list("recipient_address", flat=True))
    assert (
        "Amy"
        in Message.objects.filter(template="staff/guideline_late", recipient_address="mo@example.org")[0].body_text
    )
    rates = page(manager, "guideline_rates", "email-guidelines")
    assert "Members" in rates
    assert "1 of" in rates
    assert "Trained in Writing emails" in rates
    assert {one.team: one.percent for one in guidelines.rates(version, at=now())}["Desk"] == 0

    again = manager.post(
        f"{reverse('workspace:guideline_publish')}?code=email-guidelines",
        {"title": "Email guidelines", "body": "## Answer in one day", "changed": "One day", "module": "email"},
        follow=True,
    )
    assert "What is new: One day" in again.content.decode()
    assert "newer version" in send(adviser, "guideline_accept", version.pk)
    assert [one.number for one in guidelines.to_accept(bo.id)] == [2]
    assert amy.id


@pytest.mark.capability("CASE-15")
def test_spare_adviser_time_clears_a_lent_backlog_and_contacts_avoided_are_counted() -> None:
    lender, _una = person("una", team="revenues", role=Role.TEAM_MANAGER)
    adviser, amy = person("amy")
    other, _bea = person("bea")
    _manager, mo = person("mo", role=Role.TEAM_MANAGER)
    Module.objects.create(code="revenues", name="Council tax changes", months=12)
    training.record_passes("revenues", [UUID(amy.id)], passed_on=council_date(now()), by=mo, at=now())
    teams = {one.code: str(one.pk) for one in Team.objects.all()}
    loan = {
        "title": "Council tax changes before annual bills",
        "service": "council-tax",
        "from_team": teams["revenues"],
        "to_team": teams["desk"],
        "module": "revenues",
        "from_on": council_date(now()).isoformat(),
        "until_on": (council_date(now()) + 14 * DAY).isoformat(),
        "how": "Open the account, change the name, close the task.",
        "avoids": "0.4",
        "avoids_why": "Four in ten rang last March",
    }
    assert "Enter where that figure comes from" in send(lender, "loans", **loan | {"avoids_why": ""})
    send(lender, "loans", **loan)
    row = Loan.objects.get()
    send(lender, "loan", row.pk, items="reference,words\nCT1,Moved in\nCT2,Moved out\nCT3,Name\nCT1,again")
    assert LoanItem.objects.count() == 3

    assert "Council tax changes: 3 wait" in page(other, "waiting")  # not trained
    for outcome, note in (("done", ""), ("done", ""), ("returned", "It is in court")):
        where = adviser.post(reverse("workspace:take_next"), {"kind": "lent"})["Location"]
        assert "change the name" in " ".join(adviser.get(where).content.decode().split())
        assert other.post(where, {"outcome": "done"}).status_code == 404  # not trained, nor theirs
        adviser.post(where, {"outcome": outcome, "note": note})
    figures = page(lender, "loans")
    assert "2, 0 still wait" in figures
    assert ">0.8<" in figures  # contacts avoided
    stranger, _sid = person("sid", team="planning", role=Role.TEAM_MANAGER)
    assert reverse("workspace:loan", args=[row.pk]) not in page(stranger, "loans")
    assert stranger.get(reverse("workspace:loan", args=[row.pk])).status_code == 404
    assert sorted(LoanItem.objects.values_list("state", flat=True)) == [
        ItemState.DONE,
        ItemState.DONE,
        ItemState.RETURNED,
    ]
    assert "Nothing waits" in send(adviser, "take_next", kind="lent")
    send(lender, "loan_close", row.pk)
    assert Loan.objects.get().state == "closed"


@pytest.mark.capability("CASE-11")
def test_an_adviser_asks_rings_and_sends_a_difficult_case_up_with_every_step_on_the_case() -> None:
    case = make_case()
    adviser, _amy = person("amy")
    manager, _mo = person("mo", role=Role.TEAM_MANAGER)
    make_staff("olive", team=case.doer_team.code, role=Role.TEAM_MANAGER)
    forget_all()
    manager.post(
        f"{reverse('workspace:call_rules')}?service=fly-tipping",
        {"needs": "all", "agreed": "Only for needles", "number": "01632 960110", "minutes": "5"},
    )

    asked = send(adviser, "case_calls", case.reference, act="ask", reason="Needles by the school", process="inside")
    assert "Waiting for a team manager" in asked
    assert "01632 960110" not in asked
    alert = page(manager, "tasks")
    assert "Calls to authorise (1)" in alert
    waiting = page(manager, "calls")
    assert "Needles by the school" in waiting
    call = case.back_office_calls.get()
    send(manager, "call_answer", call.pk, answer="yes", reason="A school")
    assert "Go on" in page(adviser, "call_state", call.pk)
    go_on = page(adviser, "case_calls", case.reference)
    assert "01632 960110" in go_on
    assert "A school" in go_on
    wrong = send(adviser, "case_calls", case.reference, act="made", call=str(call.pk), spoke_with="", outcome="")
    assert "Enter who you spoke with" in wrong
    logged = send(
        adviser, "case_calls", case.reference, act="made", call=str(call.pk), spoke_with="Col", outcome="At three"
    )
    assert "Spoke with Col: At three" in logged

    steps = (("team_manager:", "Not theirs"), ("client_service:", "Still not"), ("senior_manager:", "Third week"))
    for to, why in steps:
        send(adviser, "case_calls", case.reference, act="climb", to=to, why=why)
    shown = page(manager, "case", case.reference)
    way_up = shown[shown.index('id="way-up"') :]
    places = [way_up.index(words) for words in ("Adviser", "Team manager", "Client service", "Senior manager")]
    assert places == sorted(places)
    assert "Amy" in way_up
    assert "has it now" in way_up
    assert "Sent a step up, as difficult" in shown

    started = adviser.post(
        reverse("workspace:new_contact"), {"channel": "phone", "name": "Sam", "phone": "01632 960123"}
    )
    contact_id = UUID(started["Location"].rsplit("/", 1)[1])
    assert reverse("workspace:contact_calls", args=[contact_id]) in page(adviser, "contact", contact_id)
    wrong = send(adviser, "contact_calls", contact_id, act="ask", service="", reason="Is it theirs?", process="outside")
    assert "Select the service" in wrong
    send(adviser, "contact_calls", contact_id, act="ask", service="pothole", reason="Is it theirs?", process="outside")
    assert "1 call waits for your authority" in page(manager, "calls_alert")
    assert "Is it theirs?" in page(manager, "calls")
    call = BackOfficeCall.objects.get(contact_id=contact_id)
    assert "They are told no" in send(manager, "call_answer", call.pk, answer="no", reason="It is in the script")
    assert "It is in the script" in page(adviser, "contact_calls", contact_id)
    assert manager.get(reverse("workspace:contact_calls", args=[contact_id])).status_code == 404
    assert "waits" not in page(manager, "calls_alert")
