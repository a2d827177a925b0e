"""The account's home, requests by any channel, and how the session follows across the public site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.models import Role
from townhall.accounts.residents.models import ResidentAccount
from townhall.cases import operations as cases
from townhall.cases.models import Case, Note
from townhall.cases.tests.makers import make_staff
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core import prepared
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.time import council_date, now
from townhall.customers.accounts import feeds
from townhall.customers.models import CustomerAddress
from townhall.ledger.models import Entry
from townhall.neighbourhood.models import RoundChange
from townhall.notifications.recipients import Recipient
from townhall.portal.tests.makers import HOME, go_to_check, make_report, make_round, only_case
from townhall.portal.tests.residents import customer_of, make_account, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("borough")]


def at_home(account: ResidentAccount) -> Client:
    """Signed in, living at HOME."""
    client = signed_in(account)
    answer = client.post(reverse("portal:address"), {"choice": HOME})
    assert answer.status_code == 302
    return client


def ask(client: Client) -> Case:
    go_to_check(client, email="sam@example.org")
    client.post("/report/fly-tipping/check")
    return only_case()


@pytest.mark.capability("ACCT-04")
def test_home_is_built_from_the_address() -> None:
    last = make_round(days_ago=3)
    page = at_home(make_account()).get(reverse("portal:account")).content.decode()

    assert "12 Mill Lane" in page
    assert "Your next collections" in page
    assert f"{(last + timedelta(days=7)).day} " in page
    assert "Planning and licensing within half a mile" in page
    assert "Your councillors" in page


@pytest.mark.capability("ACCT-07")
def test_my_requests_lists_cases_and_contacts_by_any_channel() -> None:
    account = make_account()
    client = at_home(account)
    case = ask(client)
    by_phone = make_report(
        key="phone", reporter=Recipient(name="Sam", phone="01632 960001", customer_id=customer_of(account))
    )
    Case.objects.filter(pk=by_phone.case_id).update(origin_channel="phone")
    contacts.log(
        channel="counter",
        service_code="fly-tipping",
        reason_code="report",
        given=Given(name="Sam"),
        by=PUBLIC,
        at=now(),
        customer_id=customer_of(account),
    )

    page = client.get(reverse("portal:requests")).content.decode()

    assert case.reference in page
    assert by_phone.reference in page
    assert page.count('class="th-card"') == 3


@pytest.mark.capability("ACCT-05")
def test_a_report_made_while_signed_in_is_prefilled_and_linked(client: Client) -> None:
    account = make_account("Sam Resident", email="sam@example.org")
    client = at_home(account)
    base = "/report/fly-tipping"
    client.post(f"{base}/where", {"q": "mill", "choice": f"address:{HOME}"})
    client.post(f"{base}/details", {"size": "van", "asked": ["size"]})
    page = client.get(f"{base}/contact").content.decode()
    assert 'value="Sam Resident"' in page
    assert 'value="sam@example.org"' in page

    case = ask(client)

    assert case.customer_id == customer_of(account)
    opened = Entry.objects.get(verb="case.opened")
    assert (opened.actor_kind, opened.actor_id) == ("customer", str(customer_of(account)))


def test_whoever_leaves_their_details_out_is_not_linked_all_the_same() -> None:
    client = at_home(make_account())
    base = "/report/fly-tipping"
    client.post(f"{base}/where", {"q": "mill", "choice": f"address:{HOME}"})
    client.post(f"{base}/details", {"size": "van", "asked": ["size"]})
    client.post(f"{base}/photos", {})
    client.post(f"{base}/contact", {"anonymous": "1"})
    client.post(f"{base}/check")

    assert only_case().customer_id is None


@pytest.mark.capability("ACCT-05")
def test_the_bin_page_shows_their_own_days_and_nobody_elses(client: Client) -> None:
    make_round(days_ago=3)
    own = at_home(make_account()).get("/services/missed-bin")

    assert "Your next collections" in own.content.decode()
    assert "no-store" in own["Cache-Control"]
    assert "Your next collections" not in client.get("/services/missed-bin").content.decode()


def test_their_own_address_is_chosen_first_for_a_missed_bin() -> None:
    make_round(days_ago=3)
    page = at_home(make_account()).get("/report/missed-bin/where").content.decode()

    assert f'value="address:{HOME}" checked' in page


@pytest.mark.capability("ACCT-07")
def test_a_request_shows_its_progress_and_takes_words_answers_and_a_cancellation() -> None:
    client = at_home(make_account(email="sam@example.org"))
    case = ask(client)
    path = reverse("portal:request", args=[case.reference])
    page = client.get(path).content.decode()
    assert "Progress" in page
    assert "Messages we sent you" in page

    client.post(reverse("portal:request_more", args=[case.reference]), {"more": "It has grown"})
    officer = make_staff("olga", team="street-cleansing", role=Role.OFFICER)
    team = Case.objects.get(pk=case.pk).doer_team
    officer = make_staff("olga", team=team.code, role=Role.OFFICER)
    cases.ask_customer(case.pk, question="Which side?", by=officer, at=now())
    assert "Which side?" in client.get(path).content.decode()
    client.post(reverse("portal:request_reply", args=[case.reference]), {"reply": "The left"})
    said = list(Note.objects.filter(case=case).order_by("at").values_list("kind", "text"))
    assert ("reply", "It has grown") in said
    assert ("reply", "The left") in said

    done = client.post(reverse("portal:request_cancel", args=[case.reference]))

    assert done.status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_another_customer_finds_nothing_of_it() -> None:
    case = ask(at_home(make_account()))
    other = signed_in(make_account("Kim"))
    for name in ("request", "request_more", "request_reply", "request_cancel"):
        path = reverse(f"portal:{name}", args=[case.reference])
        answer = other.get(path) if name == "request" else other.post(path, {"more": "x", "reply": "x"})
        assert answer.status_code == 404, name
    case.refresh_from_db()
    assert case.state == "awaiting_decision"
    assert not Note.objects.exists()


def queries_of(client: Client, path: str) -> list[str]:
    """Every statement that a page sends, prepared ones too."""
    sent: list[str] = []
    execute, run = psycopg.Cursor.execute, prepared.run

    def noted(cursor: Any, query: Any, *args: Any, **more: Any) -> Any:
        sent.append(query.decode() if isinstance(query, bytes) else str(query))
        return execute(cursor, query, *args, **more)

    def noted_prepared(connection: Any, statement: bytes, *args: Any, **more: Any) -> Any:
        sent.append(statement.decode())
        return run(connection, statement, *args, **more)

    client.get(path)  # what a process remembers is read
    with mock.patch.object(psycopg.Cursor, "execute", noted), mock.patch.object(prepared, "run", noted_prepared):
        assert client.get(path).status_code == 200
    return sent


def test_home_and_requests_cost_the_same_however_much_there_is() -> None:
    make_round(days_ago=3)
    account = make_account()
    client = at_home(account)
    pages = (reverse("portal:account"), reverse("portal:requests"), "/services/missed-bin")
    sam = Recipient(name="Sam", email="sam@example.org", customer_id=customer_of(account))
    make_report(key="first", reporter=sam)
    before = {path: len(queries_of(client, path)) for path in pages}
    for number in range(12):
        make_report(key=str(number), reporter=sam)

    assert {path: len(queries_of(client, path)) for path in pages} == before
    assert (before[pages[0]], before[pages[1]]) == (8, 3)


def test_public_pages_ask_nothing_more_of_somebody_without_an_account(client: Client) -> None:
    make_round(days_ago=3)
    made = make_report()
    for path in ("/", "/services/missed-bin", f"/r/{made.reference}", "/report/fly-tipping/where"):
        asked = " ".join(queries_of(client, path))
        assert "accounts_resident" not in asked, path
        assert "customers_" not in asked, path


@pytest.mark.capability("ACCT-04")
def test_the_calendar_is_whole_moves_with_the_round_and_names_no_place(client: Client) -> None:
    last = make_round(days_ago=3)
    usual = last + timedelta(days=7)
    RoundChange.objects.create(round_id="r1", from_on=usual, to_on=usual + timedelta(days=1), reason="Bank holiday")
    RoundChange.objects.create(round_id="r1", from_on=usual + timedelta(days=7), to_on=None, reason="Christmas")
    own = at_home(make_account())
    own.post(reverse("portal:calendar_made"))
    page = own.get(reverse("portal:calendar")).content.decode()
    path = page.partition('href="http://localhost:8000')[2].partition('"')[0]
    assert path.endswith(".ics")
    assert HOME not in path

    answer = client.get(path)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    events = text.split("BEGIN:VEVENT")[1:]
    moved = next(one for one in events if f"-refuse-{usual:%Y%m%d}@" in one)
    assert f"DTSTART;VALUE=DATE:{usual + timedelta(days=1):%Y%m%d}" in moved
    assert f"DTEND;VALUE=DATE:{usual + timedelta(days=2):%Y%m%d}" in moved
    assert "SEQUENCE:1" in moved
    assert "DESCRIPTION:Bank holiday" in moved
    cancelled = next(one for one in events if f"-refuse-{usual + timedelta(days=7):%Y%m%d}@" in one)
    assert "STATUS:CANCELLED" in cancelled
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(uids) == len(set(uids))
    assert "Mill Lane" not in text
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    own.post(reverse("portal:calendar_made"), {"end": "1"})
    assert client.get(path).status_code == 404
    assert client.get(path[:-5] + "x.ics").status_code == 404


def test_moving_brings_another_address_and_ends_the_old_one() -> None:
    account = make_account()
    client = at_home(account)
    client.post(reverse("portal:address"), {"choice": "100002"})

    rows = CustomerAddress.objects.filter(customer_id=customer_of(account)).order_by("id")
    assert [(row.uprn, row.until_on) for row in rows] == [(HOME, council_date(now())), ("100002", None)]


def test_a_helper_or_stranger_cannot_be_acted_for_by_its_id(client: Client) -> None:
    sam, kim = make_account(), make_account("Kim")
    kims = kim.links.get()

    assert signed_in(sam).post(reverse("portal:acting"), {"link": str(kims.pk)}).status_code == 404


def test_a_feed_is_of_its_customer(settings: Any) -> None:
    account = make_account()
    at_home(account)
    feed = feeds.feed_for(customer_of(account), HOME, by=SYSTEM, at=now())
    assert feeds.feed_in(feeds.token_of(feed)) == feed
    assert feeds.feed_in(feeds.token_of(feed)[:-1] + "!") is None


def test_a_report_from_before_the_account_is_added_by_its_reference_and_proved_email() -> None:
    account = make_account(email="pat@example.org")
    made, other = make_report(), make_report(key="k2", reporter=Recipient(name="Kim", email="kim@example.org"))
    client = signed_in(account)
    path = reverse("portal:requests")

    assert client.post(path, {"reference": other.reference}).status_code == 422
    assert client.post(path, {"reference": "nonsense"}).status_code == 422
    client.post(path, {"reference": made.reference.lower()})

    assert Case.objects.get(pk=made.case_id).customer_id == customer_of(account)
    assert Case.objects.get(pk=other.case_id).customer_id is None
    page = client.get(path).content.decode()
    assert made.reference in page
    assert Entry.objects.filter(verb="case.claimed", customer_id=customer_of(account)).count() == 1
