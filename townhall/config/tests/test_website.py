"""The website looked back on: the page register, key tasks and messages, savings, devices and availability, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from msgspec.structs import replace

from townhall.accounts import directory
from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import make_staff
from townhall.catalogue import queries as catalogue
from townhall.catalogue.operations import keep_packs
from townhall.catalogue.pack import Photos
from townhall.clocks.sweeps import ring_due
from townhall.core.actors import SYSTEM
from townhall.core.errors import NotAllowed
from townhall.core.time import council_date, now
from townhall.forms import operations as forms
from townhall.forms.models import Figure
from townhall.forms.questions import Choice, Radios
from townhall.forms.tests.makers import ASKED, make_form, make_page
from townhall.insight import queries, register, savings, tasks, tested
from townhall.insight.counting import counts
from townhall.insight.errors import TaskLonger
from townhall.insight.models import BrowserView, KeyMessage, Page, PageMix, PageView, Probe, TaskChange, UnitCost
from townhall.insight.savings import Amounts
from townhall.notifications.models import Message
from townhall.portal.tests.makers import make_borough
from townhall.portal.tests.residents import make_account, signed_in
from townhall.portal.views import entry

PHONE = {"user-agent": "Mozilla/5.0 (iPhone) Version/18.1 Mobile Safari/604.1"}
SEARCHED = {**PHONE, "referer": "https://www.bing.com/search?q=council"}


@pytest.fixture(autouse=True)
def _borough(db: None) -> Iterator[None]:
    make_borough()
    counts.forget()
    yield
    counts.forget()


def staff_as(name: str, role: Role, *, team: str = "web") -> Client:
    by = make_staff(name, team=team, role=role)
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def words_of(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"workspace:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.capability("KNOW-10")
def test_every_public_page_is_in_the_register_with_kind_owner_visits_and_a_review_that_is_asked_for() -> None:
    manager, at = staff_as("mo", Role.TEAM_MANAGER), now()
    web = directory.post("web-team_manager")
    Client().get("/services/fly-tipping", headers=SEARCHED)
    Client().get("/services/fly-tipping", headers={**PHONE, "referer": "http://testserver/"})
    counts.flush()

    assert register.refresh(at) == Page.objects.count() > 60
    assert register.refresh(at) == 0
    kinds = dict(Page.objects.values_list("name", "kind"))
    assert kinds["portal:service/fly-tipping"] == "information"
    assert kinds["portal:start/fly-tipping"] == kinds["portal:pay"] == "transaction"
    assert kinds["portal:newsletter"] == "news"
    assert sum(PageMix.objects.values_list("pages", flat=True)) == len(kinds)
    line = next(
        one for one in queries.register(since=council_date(at), today=council_date(at)) if "/fly" in one.page.name
    )
    assert (line.views, line.entries) == (2, 1)

    row = Page.objects.get(name="portal:service/fly-tipping")
    due = council_date(at) + timedelta(days=7)
    address = reverse("workspace:website_page", args=[row.pk])
    wrong = manager.post(address, {"kind": "news", "owner": str(web.id), "review_on": "soon"})
    assert wrong.status_code == 422
    manager.post(address, {"kind": "news", "owner": str(web.id), "review_on": due.isoformat(), "reviewed": "yes"})
    row.refresh_from_db()
    assert (row.kind, row.owner_post_id, row.review_on) == ("news", web.id, due)
    assert row.reviewed_by

    while ring_due(at + timedelta(days=9)):
        pass
    mail = Message.objects.get(template="staff/page_review")
    assert (mail.recipient_address, row.title in mail.body_text) == ("mo@example.org", True)
    Page.objects.filter(pk=row.pk).update(review_on=council_date(at) - timedelta(days=1))
    shown = words_of(manager, "website_pages", mine="", overdue="")
    assert row.title in shown
    assert "1 page of yours is past its review" in shown
    assert "Statement" not in shown  # others' pages are not on it


def _asking(*more: str) -> Any:
    """A form that asks these with a choice each."""
    return make_form(
        *(make_page(one, Radios(code=one, label=one, choices=(Choice(key="a", name="A"),), **ASKED)) for one in more),
        code="skip",
        service="needles",
    )


@pytest.mark.capability("KNOW-10")
def test_a_key_task_is_measured_and_what_lengthens_it_is_flagged_before_it_is_published() -> None:
    manager = staff_as("mo", Role.TEAM_MANAGER)
    forms.publish_form(_asking("one", "two"), at=now())
    needles = catalogue.service("needles")
    keep_packs([replace(needles, form="skip")], by=SYSTEM, at=now())
    kept = manager.post(
        reverse("workspace:website_tasks"),
        {"service_code": "needles", "most_pages": "3", "most_clicks": "7", "is_linked": "yes"},
    )
    assert kept.status_code == 302
    (standing,) = tasks.standings(today=council_date(now()))
    assert (standing.pages, standing.clicks, standing.is_over) == (
        3,
        7,
        False,
    )  # 2 pages with a choice each, the check; 2 before

    forms.save_form(_asking("one", "two", "three"), by=SYSTEM, at=now())
    flagged = words_of(manager, "form-draft", "skip")
    assert "from 3 to 4 pages and from 7 to 9 clicks" in flagged
    assert "Over its ceiling of 3 pages." in flagged
    revision = {"revision": "1"}
    refused = manager.post(reverse("workspace:form-publish", args=["skip"]), revision)
    assert refused.status_code == 422
    assert not TaskChange.objects.exists()
    published = manager.post(
        reverse("workspace:form-publish", args=["skip"]), {**revision, "reason": "A new law asks for it"}
    )
    assert published.status_code == 302
    change = TaskChange.objects.get()
    assert (change.pages_before, change.pages_after, change.reason) == (3, 4, "A new law asks for it")
    shown = words_of(manager, "website_tasks")
    assert "A new law asks for it" in shown
    assert "Over its ceiling" in shown


def test_a_service_pack_that_lengthens_a_report_needs_a_reason_too() -> None:
    manager = make_staff("mo", team="web", role=Role.TEAM_MANAGER)
    pack = catalogue.service("fly-tipping")
    shorter = replace(pack, photos=Photos(allowed=False))
    keep_packs([shorter], by=SYSTEM, at=now())
    tasks.keep(
        tasks.Ceiling(service_code=pack.code, most_pages=5, most_clicks=20, position=1, is_linked=True),
        by=manager,
        at=now(),
    )

    with pytest.raises(TaskLonger):
        keep_packs([pack], by=SYSTEM, at=now())
    keep_packs([pack], by=SYSTEM, at=now(), reason="Photos save a visit")

    assert TaskChange.objects.get().reason == "Photos save a visit"
    keep_packs([shorter], by=SYSTEM, at=now())  # shorter again: nobody has to say why


@pytest.mark.capability("KNOW-11")
def test_whoever_comes_from_a_search_engine_sees_the_key_messages_and_main_tasks_on_any_page() -> None:
    at, manager, senior = now(), staff_as("mo", Role.TEAM_MANAGER), staff_as("sia", Role.SENIOR_MANAGER)
    today = council_date(at)
    tasks.keep(
        tasks.Ceiling(service_code="needles", most_pages=9, most_clicks=30, position=1, is_linked=True),
        by=make_staff("mo", team="web", role=Role.TEAM_MANAGER),
        at=at,
    )
    written = {"words": "Roads are gritted tonight.", "from_on": today.isoformat(), "until_on": today.isoformat()}
    assert manager.post(reverse("workspace:website_messages"), {**written, "words": ""}).status_code == 422
    manager.post(reverse("workspace:website_messages"), written)
    message = KeyMessage.objects.get()
    resident = Client()
    assert "gritted" not in resident.get("/services/fly-tipping").content.decode()  # nobody approved it
    approval = reverse("workspace:website_message_approve", args=[message.pk])
    assert manager.post(approval).status_code == 403
    senior.post(approval)

    for path in ("/services/fly-tipping", "/contact", "/services", "/", "/cookies"):
        page = resident.get(path, headers=SEARCHED).content.decode()
        assert "Roads are gritted tonight." in page, path
    assert "/services/needles" in resident.get("/contact", headers=SEARCHED).content.decode()
    inside = resident.get("/report/fly-tipping/where", headers=SEARCHED).content.decode()
    assert "gritted" not in inside
    assert "What people come here for" not in inside
    own = signed_in(make_account()).get("/account/documents").content.decode()
    assert "My documents" in own
    assert "gritted" not in own
    assert "What people come here for" not in own
    for path in ("/permits/token", "/repairs/token/times", "/deals/yours"):
        opened = RequestFactory().get(path)
        opened.resolver_match = resolve(path)
        assert entry.context(opened)["entry_messages"]() == "", path

    resident.get("/", headers=PHONE)
    counts.flush()
    began_at_home, by_search, every = queries.entries_by_month(since=today, home="portal:home")[today.replace(day=1)]
    assert (began_at_home, by_search, every) == (2, 6, 8)  # who names no browser counts as a robot
    shown = words_of(manager, "website")
    assert "Search and home page compared" in shown
    manager.post(reverse("workspace:website_message_end", args=[message.pk]))
    assert "gritted" not in resident.get("/contact").content.decode()


@pytest.mark.capability("FORM-12")
def test_each_form_says_how_it_goes_and_what_it_saved() -> None:
    manager = staff_as("mo", Role.TEAM_MANAGER)
    form, today = _asking("one", "two"), council_date(now())
    forms.publish_form(form, at=now())
    before, after = today - timedelta(days=40), today - timedelta(days=2)
    for on in (before, after):
        Figure.objects.create(form_code="skip", on=on, page="", reached=30, left=10, passes=40, seconds=1800)
        Figure.objects.create(form_code="skip", on=on, page="one", reached=30, left=7, passes=23, faults=4, seconds=900)
        Figure.objects.create(form_code="skip", on=on, page="two", reached=23, left=3, passes=20, seconds=900)
    costs = reverse("workspace:website_costs")
    saving = {"printed_forms": "1", "letters": "2", "minutes_before": "15", "minutes_now": "3"}
    manager.post(costs, {"do": "saving", "from_on": (today - timedelta(days=90)).isoformat(), **saving})
    assert "Not set for some of these days" in words_of(manager, "website_savings")
    for what, pence, from_on in (
        ("form", "10", before),
        ("letter", "80", before),
        ("minute", "50", before),
        ("letter", "100", after),
    ):
        manager.post(
            costs,
            {"do": "cost", "what": what, "pence": pence, "from_on": from_on.isoformat(), "source": "The contract"},
        )
    refused = manager.post(costs, {"do": "cost", "what": "form", "pence": "much", "from_on": ""})
    assert refused.status_code == 422

    found = savings.report(since=today - timedelta(days=60))

    # 20 sent on each day: 1 form at 10p and 2 letters at 80p, then at £1; 12 minutes at 50p
    assert found.by_form["skip"].print_and_post == 20 * 10 + 40 * 80 + 20 * 10 + 40 * 100
    assert found.total.pence == 7_600 + 2 * 20 * 12 * 50
    assert not found.unknown
    assert sum(one.sent for one in found.by_month.values()) == 40
    whole = words_of(manager, "website_savings")
    assert "£316.00" in whole
    own = words_of(manager, "form_figures", "skip")
    for said in ("£316.00", "Given up after which page", "Printed forms and letters avoided", "8 hours"):
        assert said in own


def test_costs_are_set_by_who_may_and_nothing_is_saved_without_them() -> None:
    auditor = staff_as("ann", Role.AUDITOR)
    assert auditor.get(reverse("workspace:website_costs")).status_code == 403
    assert "No form was sent and counted yet" in words_of(auditor, "website_savings")
    assert savings.report(since=date(2026, 1, 1)).total.pence == 0
    assert UnitCost.objects.count() == 0
    amounts = Amounts(printed_forms=Decimal(1), letters=None, minutes_before=None, minutes_now=None)
    by = make_staff("ann", team="web", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        savings.set_saving("", from_on=date(2026, 1, 1), amounts=amounts, by=by, at=now())


@pytest.mark.capability("ACCT-06")
def test_the_set_to_test_with_is_drawn_from_visits_and_keeps_the_unusual() -> None:
    today = council_date(now())
    for device, family, width, views in (
        ("phone", "Safari", "w360", 60),
        ("desk", "Chrome", "w1280", 36),
        ("console", "Safari", "w1280", 3),
        ("tv", "Chrome", "w1024", 1),
    ):
        BrowserView.objects.create(on=today, device=device, family=family, width=width, views=views)
    BrowserView.objects.create(on=today, device="desk", family="Firefox", width="no-script", views=50)

    made = tested.tested_set(since=today)

    usual = [(one.device, one.width) for one in made if one.share]
    assert usual == [("phone", 390), ("desk", 1280)]
    assert sum(one.share for one in made) >= 0.95
    assert any(not one.has_script and one.device == "tv" for one in made)
    assert min(one.width for one in made) == 320
    written = json.loads(tested.as_file(made, since=today, until=today))
    assert written["covers"] == 0.96
    assert "96% of visits" in words_of(staff_as("mo", Role.TEAM_MANAGER), "website_devices")


def test_the_journeys_have_a_set_to_walk_with() -> None:
    read = json.loads((Path(__file__).resolve().parents[3] / "journeys" / "tested_set.json").read_text())
    assert read["covers"] >= 0.95
    assert {one["has_script"] for one in read["browsers"]} == {True, False}


@pytest.mark.capability("ACCT-01")
def test_the_accounts_availability_is_measured_and_shown_by_month() -> None:
    manager, at = staff_as("mo", Role.TEAM_MANAGER), now().replace(second=0, microsecond=0)
    assert "Nothing is measured yet" in words_of(manager, "website_availability")
    Probe.objects.bulk_create(
        Probe(minute=at - timedelta(minutes=back), is_up=True, ms=30) for back in range(60) if not 20 <= back < 27
    )
    shown = words_of(manager, "website_availability")
    assert "7 minutes" in shown
    tomorrow = (at + timedelta(days=1)).date().isoformat()
    announced = {"on": tomorrow, "from_at": "02:00", "until_at": "03:00", "why": "A new version"}
    assert manager.post(reverse("workspace:website_availability"), {**announced, "why": ""}).status_code == 422
    manager.post(reverse("workspace:website_availability"), announced)
    assert "A new version" in words_of(manager, "website_availability")


def test_pages_without_figures_say_so() -> None:
    auditor = staff_as("ann", Role.AUDITOR)
    assert PageView.objects.count() == 0
    assert "Nobody has opened a page yet" in words_of(auditor, "website")
    assert "Nobody has opened a page yet" in words_of(auditor, "website_devices")
    assert "No key task was named yet" in words_of(auditor, "website_tasks")
    assert "No message was written yet" in words_of(auditor, "website_messages")
    assert "No page is like that" in words_of(auditor, "website_pages")
