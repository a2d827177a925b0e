"""The pages of deals, events, alerts and texts, as traders, residents and staff walk them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.time import council_date, now, start_of
from townhall.engagement import alerting
from townhall.engagement.deals import operations as deals
from townhall.engagement.deals import queries as deal_queries
from townhall.engagement.models import Alert, AlertSubscription
from townhall.engagement.replying import answer
from townhall.neighbourhood.models import Event
from townhall.notifications import texts
from townhall.notifications.models import Message
from townhall.portal.tests.residents import make_account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_any_hour(settings: Any) -> None:
    settings.ALERTS_QUIET = ""


def staff_as(role: Role) -> Client:
    client = Client()
    sign_in(client, make_user(roles=(role,)))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answered = client.get(path)
    assert answered.status_code == status, path
    return answered.content.decode()


@pytest.mark.capability("ENGA-04")
def test_a_trader_offers_staff_approve_a_holder_prints_the_voucher_and_it_is_used_once() -> None:
    trader = signed_in(make_account("Bo Baker", kind="business", organisation="Quay Bakery (fictional)"))
    typed = {"title": "A loaf for £1", "offer": "Any small loaf", "most": "1", "month": f"{council_date(now()):%Y-%m}"}
    assert "Enter what customers get" in trader.post("/deals/yours/new", {**typed, "offer": ""}).content.decode()
    assert trader.post("/deals/yours/new", typed)["Location"] == "/deals/yours?said=offered"
    assert "A loaf for £1" not in page(Client(), "/deals")
    assert 'href="/deals/yours"' in page(trader, "/account")

    manager = staff_as(Role.TEAM_MANAGER)
    waiting = page(manager, "/work/engagement/deals")
    assert "Quay Bakery (fictional)" in waiting
    found = re.search(r"/work/engagement/deals/([0-9a-f-]{36})/answer", waiting)
    assert found is not None
    assert "Enter why" in manager.post(found[0], {"answer": "no"}).content.decode()
    holder = make_account()
    client = signed_in(holder)
    home = page(client, "/account")
    assert 'href="/deals"' in home
    assert 'href="/deals/yours"' not in home
    for way_in in (home, page(client, "/account/preferences")):
        assert 'href="/alerts"' in way_in
    assert client.post("/alerts", {"topic": "deals"}).status_code == 302
    assert manager.post(found[0], {"answer": "yes"}).status_code == 302
    alerting.tell_of_items(now())
    assert Alert.objects.get().words == "A loaf for £1, Quay Bakery (fictional)"

    deal = f"/deals/{found[1]}"
    assert "Sign in to get your voucher" in page(Client(), deal)
    assert Client().post(f"{deal}/voucher")["Location"].startswith("/account/sign-in")
    taken = client.post(f"{deal}/voucher")["Location"]
    shown = page(client, taken)
    code = re.search(r"DV-[0-9A-Z]{4}-[0-9A-Z]{4}", shown)
    assert code is not None
    assert "<svg" in shown
    assert code[0] in page(client, f"{taken}.svg")
    listed = re.search(r"/account/documents/[0-9a-f-]{36}", page(client, "/account/documents"))
    assert listed is not None, "it is kept in My documents"
    assert code[0] in page(client, listed[0])
    assert page(signed_in(make_account()), taken, status=404)
    late = signed_in(make_account()).post(f"{deal}/voucher")
    assert (late.status_code, "All vouchers of this deal are taken." in late.content.decode()) == (409, True)

    assert code[0] in page(trader, f"/deals/yours?code={code[0]}"), "as the picture leads there"
    assert (
        "is good, and is used now"
        in trader.post("/deals/yours", {"code": code[0].lower()}, follow=True).content.decode()
    )
    again = trader.post("/deals/yours", {"code": code[0]})
    assert again.status_code == 422
    assert "This voucher was used on" in again.content.decode()
    assert "Vouchers taken: 1. Used: 1." in page(trader, "/deals/yours")

    this, following = deals.months(now())
    deals.ask_to_renew(start_of(following - timedelta(days=2)))
    [asked] = Message.objects.filter(template="deal/renew")
    renewal = re.search(r"/deals/yours/[0-9a-f-]{36}/renewal", asked.body_text)
    assert renewal is not None
    assert "Any small loaf" in page(trader, renewal[0]), "with the words of this month"
    assert trader.post(renewal[0], {**typed, "month": f"{following:%Y-%m}"}).status_code == 302
    deals.close_those_over(start_of(following))
    states = [(one.month, one.state) for one in (*deal_queries.decided().rows, *deal_queries.waiting().rows)]
    assert sorted(states) == [(this, "closed"), (following, "offered")]
    assert "This is for traders" in page(client, "/deals/yours", status=403)


def test_an_event_has_its_page_and_calendars() -> None:
    at = now()
    event = Event.objects.create(
        source="test",
        external_id="1",
        title="Harvest fair; with tea, cake",
        location="Square",
        starts_at=at + timedelta(days=3),
        easting=530_000,
        northing=180_000,
        updated_at=at,
    )
    assert "Harvest fair" in page(Client(), f"/events/{event.pk}")
    written = page(Client(), f"/events/{event.pk}.ics")
    assert "SUMMARY:Harvest fair\\; with tea\\, cake\r\n" in written
    assert f"DTSTART:{event.starts_at:%Y%m%dT%H%M%SZ}" in written
    assert page(Client(), f"/events/{uuid4()}", status=404)
    assert page(Client(), "/near-me/events.ics?uprn=1", status=404)


def test_a_text_alert_is_turned_on_for_ones_own_phone_and_stop_shows_at_work(settings: Any) -> None:
    settings.TEXT_PROVIDER = "demo"
    assert "Sign in to turn it on" in page(Client(), "/alerts?topic=requests")
    client = signed_in(make_account())
    assert client.post("/alerts", {"topic": "requests"})["Location"] == "/alerts?said=on"
    row = AlertSubscription.objects.get()
    AlertSubscription.objects.filter(pk=row.pk).update(by_text=True, phone="07700 900123", number="+447700900123")
    texts.receive(provider_id="1", number="447700900123", body="STOP", sent_at=now(), at=now())
    answer(now())
    assert "None is on." in page(client, "/alerts")
    staff = staff_as(Role.ADVISER)
    assert "No more alerts to this number" in page(staff, "/work/engagement/texts")
    assert Message.objects.filter(template="texts/stopped").exists()
