"""The pages of alerts and of the newsletter, with the middlewares that the one-click request has to pass."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.actors import Actor, ActorKind
from townhall.core.time import now
from townhall.customers.accounts import consents
from townhall.engagement import newsletter, subscribing
from townhall.engagement.models import AlertSubscription, Issue, Reader
from townhall.engagement.tests.makers import make_home, subscribed
from townhall.notifications.models import Message
from townhall.payments.tests.makers import make_charge
from townhall.portal.tests.residents import customer_of, make_account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_any_hour(settings: Any) -> None:
    settings.ALERTS_QUIET = ""


def staff_as(role: Role) -> Client:
    client = Client()
    sign_in(client, make_user(roles=(role,)))
    return client


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def test_signed_in_an_alert_is_on_at_once_with_its_record_and_off_at_one_press() -> None:
    account = make_account()
    make_charge(reference="70001234", customer_id=customer_of(account), due_on=now().date(), at=now())
    client = signed_in(account)
    assert "Turn it on" in client.get("/alerts?topic=council-tax").content.decode()
    assert client.post("/alerts", {"topic": "council-tax"})["Location"] == "/alerts?said=on"

    shown = client.get("/alerts").content.decode()
    assert "March instalment" in shown
    assert "Waiting to be sent" in shown
    row = AlertSubscription.objects.get()
    assert signed_in(make_account()).post(f"/alerts/{row.pk}/end").status_code == 404
    assert client.post(f"/alerts/{row.pk}/end").status_code == 302
    assert "None is on." in client.get("/alerts").content.decode()


def test_the_mail_programs_button_needs_no_cookie_and_no_form() -> None:
    make_home()
    row = subscribed(at=now())
    path = path_of(subscribing.stop_link(row.pk))
    asked = Client(enforce_csrf_checks=True)
    assert "Stop this alert?" in asked.get(path).content.decode()
    row.refresh_from_db()
    assert row.ended_at is None, "looking at the link stops nothing"
    assert asked.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row.refresh_from_db()
    assert row.ended_because == "stopped"
    assert asked.post("/alerts/stop/made-up", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert asked.get("/alerts/confirm/made-up").status_code == 404


@pytest.mark.capability("ENGA-03")
def test_an_issue_from_writing_to_its_effect() -> None:
    customer = customer_of(make_account("ann@example.org"))
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
    version = consents.wordings()["newsletter"].version
    consents.give(customer, "newsletter", version=version, channel="web", by=by, at=now())
    writer, senior = staff_as(Role.TEAM_MANAGER), staff_as(Role.SENIOR_MANAGER)
    assert writer.post("/work/engagement/newsletter", {"month": "soon", "subject_line": "x"}).status_code == 422
    given = {"month": "2026-04", "subject_line": "April in town", "season": "Annual bills arrive."}
    page = writer.post("/work/engagement/newsletter", given)["Location"]
    assert "Annual bills arrive." in writer.get(page).content.decode()
    writer.post(f"{page}/test", {"email": "editor@example.org"})
    assert Message.objects.filter(recipient_address="editor@example.org").exists()
    assert writer.post(f"{page}/approval").status_code == 403
    senior.post(f"{page}/approval")
    writer.post(f"{page}/sending")
    newsletter.queue(now())
    assert (Issue.objects.get().state, Issue.objects.get().queued) == ("sent", 1)
    assert "Contacts after it, against before" in writer.get(page).content.decode()
    assert "April in town" in writer.get("/work/engagement/newsletter").content.decode()
    assert senior.get("/work/engagement").status_code == 200


@pytest.mark.capability("ENGA-03")
def test_the_newsletter_stops_at_one_click() -> None:
    customer = customer_of(make_account())
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
    version = consents.wordings()["newsletter"].version
    consents.give(customer, "newsletter", version=version, channel="web", by=by, at=now())
    reader = Reader.objects.create(customer_id=customer)
    client = Client(enforce_csrf_checks=True)
    path = path_of(newsletter.stop_link(reader.token))
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not consents.agreed(customer, "newsletter")
    assert "You get no more newsletters" in client.get(path).content.decode()
    assert "Once a month" in client.get("/newsletter").content.decode()
