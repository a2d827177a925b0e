"""The pages of nudges, campaigns, taking part and sessions, as somebody uses them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.contacts.models import Contact
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now
from townhall.notifications.models import Message
from townhall.outreach import campaigns, counting, nudging
from townhall.outreach.models import Activity, Assisted, Booking, Campaign, CodeContact, Nudge, Session, Shown
from townhall.outreach.tests.makers import make_customer, make_nudge, make_reader, make_session, ready, staff
from townhall.portal.tests.makers import go_to_check, make_borough, only_case
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.registers import operations as registers
from townhall.registers import sources
from townhall.registers.models import Row
from townhall.registers.seeds import seed_reference_data as seed_registers

pytestmark = pytest.mark.django_db


def client_as(role: Role) -> Client:
    client = Client()
    sign_in(client, make_user(roles=(role,)))
    return client


@pytest.mark.capability("ENGA-05")
def test_a_nudge_is_written_used_seen_by_who_reports_and_its_link_leads_to_an_account() -> None:
    make_borough()
    manager = client_as(Role.TEAM_MANAGER)
    assert manager.get("/work/outreach/nudges").status_code == 200
    bad = manager.post("/work/outreach/nudges", {"code": "quicker", "words": "", "leads_to": "/", "share": "x"})
    assert bad.status_code == 422
    given = {
        "code": "quicker",
        "words": "Next time it is quicker with an account:",
        "leads_to": "/account/register",
        "places": ["acknowledgement", "confirmation", "hold"],
        "audience": "without_account",
        "share": "100",
        "within_days": "28",
    }
    page = manager.post("/work/outreach/nudges", given)["Location"]
    manager.post(f"{page}/state", {"do": "begin"})
    nudging.forget()
    assert "quicker\tNext time" in manager.get("/work/outreach/nudges/hold.txt").content.decode()

    resident = Client()
    go_to_check(resident, email="sam@example.org")
    received = resident.post("/report/fly-tipping/check")["Location"]
    shown = resident.get(received).content.decode()
    resident.get(received)
    assert "Next time it is quicker with an account:" in shown
    case = only_case()
    mail = Message.objects.get(case_id=case.pk, template="case/received")
    found = re.search(r"/n/quicker/[\w-]+", mail.body_text)
    assert found is not None
    assert resident.get(found[0])["Location"] == "/account/register"
    counting.count_shown(now() + timedelta(minutes=2))
    assert set(Shown.objects.values_list("place", flat=True)) == {"acknowledgement", "confirmation"}
    seen = manager.get(page).content.decode()
    assert "In acknowledgements" in seen
    assert "Fly-tipping" in seen
    assert resident.get("/n/no-such/abc").status_code == 404
    manager.post(f"{page}/state", {"do": "end"})
    assert Nudge.objects.get().state == "ended"
    assert client_as(Role.OFFICER).get("/work/outreach/nudges").status_code == 200


@pytest.mark.capability("ENGA-05")
def test_every_standard_message_stands_in_the_review_register_and_a_check_says_what_changed() -> None:
    seed_clocks()
    seed_registers()
    sources.fill_all(now())
    names = set(Row.objects.filter(register_id="standard-messages").values_list("values__name", flat=True))
    assert {"case/received", "payment/receipt", "newsletter/issue"} <= names
    assert not any("staff/" in one for one in names)
    row = Row.objects.get(values__name="case/received")
    client = Client()
    sign_in(client, make_user(name="Moira Reader", roles=(Role.ADMINISTRATOR,)))
    client.post(
        f"/work/registers/actions/{row.actions.get().pk}",
        {"end": "done", "words": "Now ends with the way to an account."},
    )
    page = client.get(f"/work/registers/rows/{row.pk}").content.decode()
    assert "Now ends with the way to an account." in page
    assert "Moira Reader" in page
    assert row.actions.get(state="open").due_on == council_date(now()) + timedelta(days=365)


@pytest.mark.capability("ENGA-06")
def test_a_campaign_is_planned_from_the_calendar_approved_and_called_off(settings: Any) -> None:
    settings.ALERTS_QUIET = ""
    seed_clocks()
    seed_registers()
    registers.open_row("forward-calendar", title="Canvass forms", given={"falls_on": "08-01"}, by=SYSTEM, at=now())
    make_reader()
    manager, senior = client_as(Role.TEAM_MANAGER), client_as(Role.SENIOR_MANAGER)
    calendar = manager.get("/work/outreach/calendar").content.decode()
    link = re.search(r"/work/outreach/campaigns/new\?trigger=[^\"]+", calendar)
    assert link is not None
    assert "Canvass forms" in calendar
    form = manager.get(link[0]).content.decode()
    trigger = link[0].partition("trigger=")[2]
    assert f'value="{trigger}" selected' in form
    given = {
        "name": "Canvass",
        "trigger": trigger,
        "goes_on": council_date(now()).isoformat(),
        "subject_line": "Check who can vote at your address",
        "body": "It takes two minutes online.",
        "leads_to": "/services",
        "expected": "Fewer calls",
        "expected_percent": "-10%",
        "months": "12",
    }
    assert manager.post("/work/outreach/campaigns/new", given | {"goes_on": "soon"}).status_code == 422
    page = manager.post("/work/outreach/campaigns/new", given)["Location"]
    assert "1 person now" in manager.get(page).content.decode()
    assert manager.post(f"{page}/approval").status_code == 403
    senior.post(f"{page}/approval")
    campaigns.queue(now())
    row = Campaign.objects.get()
    assert (row.state, row.queued, row.expected_percent) == ("sent", 1, -10)
    assert Client().get(f"/c/{row.code.lower()}")["Location"] == "/services"
    manager.post(f"{page}/result", {"result": "A tenth fewer"})
    shown = manager.get(page).content.decode()
    assert "1 visit" in shown
    assert "A tenth fewer" in shown
    assert "Canvass" in manager.get("/work/outreach/calendar").content.decode()
    assert "Canvass" in manager.get("/work/outreach/campaigns").content.decode()
    again = manager.post("/work/outreach/campaigns/new", given)["Location"]
    manager.post(f"{again}/change", given | {"name": "Canvass 2"})
    manager.post(f"{again}/end")
    assert Campaign.objects.get(name="Canvass 2").state == "called_off"
    assert Client().get("/c/NOTHING").status_code == 404


@pytest.mark.capability("ENGA-07")
def test_an_account_holder_volunteers_from_the_home_page_and_withdraws() -> None:
    seed_clocks()
    seed_registers()
    manager = client_as(Role.TEAM_MANAGER)
    last = council_date(now()) + timedelta(days=20)
    given = {
        "kind": "focus_group",
        "title": "The new website",
        "about": "Try it with us.",
        "closes_on": last.isoformat(),
    }
    assert manager.post("/work/outreach/taking-part", given | {"title": ""}).status_code == 422
    assert manager.get("/work/outreach/taking-part").status_code == 200
    page = manager.post("/work/outreach/taking-part", given)["Location"]
    row = Activity.objects.get()
    public = f"/taking-part/{row.pk}"
    assert Client().get(public).status_code == 404
    manager.post(f"{page}/state", {"do": "open"})
    assert "The new website" in Client().get("/taking-part").content.decode()
    account = make_account(name="Vera Voice")
    client = signed_in(account)
    assert "The new website" in client.get("/account").content.decode()
    assert client.post(f"{public}/volunteers")["Location"] == f"{public}?said=in"
    assert "You take part." in client.get(public).content.decode()
    assert "Vera Voice" in manager.get(page).content.decode()
    client.post(f"{public}/volunteers", {"withdraw": "1"})
    assert not row.volunteers.filter(ended_at=None, customer_id=customer_of(account)).exists()
    manager.post(page, given | {"title": "Our new website"})
    manager.post(f"{page}/state", {"do": "close"})
    manager.post(f"{page}/findings", {"findings": "The search was *hard* to find."})
    manager.post(f"{page}/improvements", {"improvement": "Search on every page", "by_on": last.isoformat()})
    shown = client.get(public).content.decode()
    assert "<em>hard</em>" in shown
    assert "Search on every page" in shown
    assert "Our new website" in shown
    assert client.post(f"{public}/volunteers").status_code == 409


@pytest.mark.capability("INCL-06")
def test_an_adviser_notes_a_barrier_books_a_masterclass_and_finds_who_needs_one() -> None:
    ready()
    adviser = make_user(roles=(Role.ADVISER,))
    client = Client()
    sign_in(client, adviser)
    make_nudge(by=staff(Role.TEAM_MANAGER), words="You can do this online, day and night.")
    kim, pat = make_customer("Kim Unsure"), make_customer("Pat Offline", email="pat@example.org")
    session = make_session(by=staff(Role.ADVISER), places=1)
    contact = client.post(reverse("workspace:new_contact"), {"channel": "counter", "customer": str(pat)})["Location"]
    assert "You can do this online" in client.get(contact).content.decode()
    wrap_up = f"{contact}/wrap-up"
    assert "What keeps them from doing it online?" in client.get(wrap_up).content.decode()
    given = {"reason_code": "request", "outcome": "resolved", "avoidable": "no", "anything_else": "no"}
    more = {"assisted": "yes", "barrier": "not_sure_how", "wants_help": "yes", "said": "quicker"}
    wrong = client.post(wrap_up, given | more | {"campaign_code": "NOPE1"})
    assert "There is no such code" in wrong.content.decode()
    assert not Assisted.objects.exists()
    booking = client.post(wrap_up, given | more)["Location"]
    assert Contact.objects.get().ended_at is not None
    assert Shown.objects.get().place == "script"
    assert "1 place left" in client.get(booking).content.decode()
    assert "Pat Offline" in client.get("/work/outreach/needing-help?barrier=not_sure_how").content.decode()
    client.post(booking, {"session": str(session.pk)})
    full = client.post(f"/work/outreach/customers/{kim}/places", {"session": str(session.pk)})
    assert full.status_code == 422
    assert "Every place is taken" in full.content.decode()
    assert "Pat Offline" in client.get(f"/work/outreach/sessions/{session.pk}").content.decode()
    assert "step by step" in client.get(f"/work/customers/{pat}?reason=check").content.decode()
    client.post(f"/work/outreach/bookings/{Booking.objects.get().pk}", {"state": "cancelled"})
    client.post(f"/work/outreach/sessions/{session.pk}/end")
    day = (council_date(now()) + timedelta(days=7)).isoformat()
    plan = {
        "kind": "course",
        "title": "First steps",
        "where": "Library",
        "on": day,
        "from": "10:00",
        "until": "9:00",
        "places": "8",
    }
    assert client.get("/work/outreach/sessions").status_code == 200
    assert client.post("/work/outreach/sessions", plan).status_code == 422
    client.post("/work/outreach/sessions", plan | {"until": "12:00"})
    assert set(Session.objects.values_list("state", flat=True)) == {"cancelled", "planned"}
    hub = client.get("/work/outreach").content.decode()
    assert "100.0%" in hub
    assert "Not sure how" in hub


@pytest.mark.capability("ENGA-08")
def test_a_leaflets_code_is_visited_named_to_an_adviser_and_stands_in_its_register() -> None:
    seed_clocks()
    seed_registers()
    ready()
    given = {
        "audience": "older",
        "outlet": "surgery",
        "message": "Home visits",
        "material": "Poster",
        "material_version": "1",
        "leads_to": "/contact",
        "begins_on": "2026-11-01",
        "ends_on": "2027-01-31",
    }
    row = registers.open_row("awareness-campaigns", title="Home visits", given=given, by=SYSTEM, at=now())
    assert Client().get(f"/c/{row.code}")["Location"] == "/contact"
    adviser = make_user(roles=(Role.ADVISER,))
    client = Client()
    sign_in(client, adviser)
    contact = client.post(reverse("workspace:new_contact"), {"channel": "phone", "name": "Ola"})["Location"]
    wrapped = {"reason_code": "information", "outcome": "resolved", "avoidable": "no", "anything_else": "no"}
    client.post(f"{contact}/wrap-up", wrapped | {"campaign_code": row.code.lower()})
    assert CodeContact.objects.get().code == row.code
    page = client.get(f"/work/registers/rows/{row.pk}").content.decode()
    assert "Contacts that followed" in page
    cells = re.findall(
        r'data-label="(?:Visits|Contacts that followed)">(\d+)<',
        client.get("/work/registers/awareness-campaigns").content.decode(),
    )
    assert cells == ["1", "1"]
