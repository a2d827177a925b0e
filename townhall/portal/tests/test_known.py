"""Contacts about what is announced already, and being told of the next time (CASE-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.models import Case, IncidentContact
from townhall.cases.operations.telling import sign_follower
from townhall.cases.tests.makers import make_staff
from townhall.contacts.models import Contact
from townhall.core.time import now
from townhall.neighbourhood import operations
from townhall.neighbourhood.models import Incident, Subscription
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.portal.tests.makers import HOME, MILL_LANE, make_report, make_round, only_case

pytestmark = pytest.mark.usefixtures("borough")
BASE = "/report/fly-tipping"


def announce(service: str = "fly-tipping", *, scope: str = "street", code: str = MILL_LANE) -> Incident:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    return operations.post_incident(
        service_code=service,
        scope=scope,
        scope_code=code,
        title="Heaps after the market",
        message="A lorry clears Mill Lane tomorrow.",
        reason="The lorry broke down",
        by=officer,
        at=now(),
    )


def go_to_nearby(client: Client) -> str:
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})
    return client.get(f"{BASE}/nearby", follow=True).content.decode()


@pytest.mark.capability("CASE-14")
@pytest.mark.parametrize(("scope", "code"), [("street", MILL_LANE), ("address", HOME), ("area", "W1"), ("round", "r1")])
def test_a_report_of_what_is_announced_is_kept_with_the_incident_and_no_case_is_made(
    client: Client, scope: str, code: str
) -> None:
    make_round(days_ago=1)
    incident = announce(scope=scope, code=code)

    words = go_to_nearby(client)
    assert "We know about this already" in words
    assert "A lorry clears Mill Lane tomorrow." in words
    assert "Why: The lorry broke down" in words
    for _twice in range(2):
        answer = client.post(f"{BASE}/known/{incident.pk}", {"email": "ada@example.org"})
    assert answer.status_code == 302

    kept = IncidentContact.objects.get(incident=incident)
    assert Contact.objects.get(pk=kept.contact_id).given_email == "ada@example.org"
    assert not Case.objects.exists()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.end_incident(incident.pk, by=officer, at=now())
    assert Message.objects.get(template="incident/ended").recipient_address == "ada@example.org"


def test_mine_is_something_else_goes_on(client: Client) -> None:
    announce()
    assert f'href="{BASE}/details"' in go_to_nearby(client)
    assert client.get(f"{BASE}/details").status_code == 200


def test_what_is_over_or_elsewhere_or_of_another_service_is_not_shown(client: Client) -> None:
    announce("missed-bin")
    incident = announce()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.end_incident(incident.pk, by=officer, at=now())

    assert "Heaps after the market" not in go_to_nearby(client)
    answer = client.post(f"{BASE}/known/{incident.pk}", {"email": "ada@example.org"})
    assert (answer.status_code, "This is over already" in answer.content.decode()) == (422, True)
    assert not Contact.objects.exists()


def test_an_address_that_cannot_be_written_to_is_said(client: Client) -> None:
    incident = announce()
    go_to_nearby(client)
    answer = client.post(f"{BASE}/known/{incident.pk}", {"email": "ada"})
    assert answer.status_code == 422
    assert f'href="#email-{incident.pk}"' in answer.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.capability("CASE-14")
def test_a_bin_that_the_council_knows_of_can_be_told_of_when_it_is_over(client: Client) -> None:
    make_round(days_ago=0)
    incident = announce("missed-bin")
    base = "/report/missed-bin"
    client.post(f"{base}/where", {"q": "12", "choice": f"address:{HOME}"})
    words = client.post(f"{base}/round", {"stream": "refuse"}).content.decode()
    assert f'action="{base}/known/{incident.pk}"' in words

    client.post(f"{base}/known/{incident.pk}", {"email": "ada@example.org"})

    assert IncidentContact.objects.filter(incident=incident).count() == 1
    assert Subscription.objects.get().scope_code == HOME


def test_a_resident_asks_to_be_told_of_collections_at_their_address(client: Client) -> None:
    make_round(days_ago=1)
    base = "/report/missed-bin"
    client.post(f"{base}/where", {"q": "12", "choice": f"address:{HOME}"})
    assert f'href="{base}/tell-me"' in client.get(f"{base}/round").content.decode()
    assert client.post(f"{base}/tell-me", {"email": "nobody"}).status_code == 422

    answer = client.post(f"{base}/tell-me", {"email": "ada@example.org"}, follow=True)
    assert "We will email you" in answer.content.decode()
    incident = announce("missed-bin")

    message = Message.objects.get(template="incident/posted")
    assert (incident.told, message.recipient_address) == (1, "ada@example.org")
    link = operations.stop_link(Subscription.objects.get().pk)
    assert link in message.body_text
    page = client.get(link[link.index("/subscriptions/") :])
    assert "Stop messages about 12 Mill Lane" in page.content.decode()


def test_the_link_in_a_mail_asks_before_it_stops_and_a_mail_programs_button_does_not(client: Client) -> None:
    subscription = operations.subscribe(
        Recipient(email="ada@example.org"),
        scope="street",
        scope_code=MILL_LANE,
        by=make_staff("olu", team="street-cleansing", role=Role.OFFICER),
        at=now(),
    )
    path = operations.stop_link(subscription.pk)
    path = path[path.index("/subscriptions/") :]

    assert "Stop these messages" in client.get(path).content.decode()
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 1
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
    assert "You are told no more about Mill Lane" in answer.content.decode()
    assert not Subscription.objects.filter(ended_at__isnull=True).exists()
    assert strict.post(path).status_code == 200
    assert client.get(path[:-3] + "abc").status_code == 404


def test_somebody_who_follows_can_ask_about_the_street_too(client: Client) -> None:
    make_report()
    case = only_case()
    Case.objects.filter(pk=case.pk).update(usrn=MILL_LANE)
    token = sign_follower(case.follower_rows.get().pk)

    assert "Tell me about this street" in client.get(f"/r/{case.reference}?me={token}").content.decode()
    assert "Tell me about this street" not in client.get(f"/r/{case.reference}").content.decode()
    assert client.post(f"/r/{case.reference}/street").status_code == 404
    client.post(f"/r/{case.reference}/street", {"me": token})

    made = Subscription.objects.get()
    assert (made.scope, made.scope_code, made.email) == ("street", MILL_LANE, "pat@example.org")


def test_when_the_announced_end_has_come_they_are_told(client: Client) -> None:
    incident = announce()
    go_to_nearby(client)
    client.post(f"{BASE}/known/{incident.pk}", {"email": "ada@example.org"})
    Incident.objects.filter(pk=incident.pk).update(ends_at=now() + timedelta(hours=1))

    assert operations.end_those_over(at=now(), limit=10) == 0
    assert operations.end_those_over(at=now() + timedelta(hours=2), limit=10) == 1
    assert operations.end_those_over(at=now() + timedelta(hours=2), limit=10) == 0
    assert Message.objects.filter(template="incident/ended").count() == 1
