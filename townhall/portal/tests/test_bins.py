"""A missed bin is looked up on its round first (REPT-07)."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.core.time import now
from townhall.neighbourhood.models import CrewEvent
from townhall.portal.tests.makers import HOME, make_round

pytestmark = pytest.mark.usefixtures("borough")
BASE = "/report/missed-bin"


def _ask(client: Client) -> str:
    on = client.post(f"{BASE}/where", {"q": "12", "choice": f"address:{HOME}"})
    assert on.headers["Location"] == f"{BASE}/round"
    return client.post(f"{BASE}/round", {"stream": "refuse"}, follow=True).content.decode()


@pytest.mark.capability("REPT-07")
def test_what_the_crew_said_is_told_and_no_case_is_made(client: Client) -> None:
    on = make_round(days_ago=1)
    CrewEvent.objects.create(
        round_id="r1", on=on, at=now(), kind="contaminated", uprn=HOME, detail="Nappies in the recycling"
    )

    words = _ask(client)

    assert "the crew could not empty your bin" in words
    assert "the bin had the wrong things in it" in words
    assert "Nappies in the recycling" in words
    assert "You do not need to report anything" in words
    assert client.get(f"{BASE}/check").headers["Location"] == f"{BASE}/round"
    assert not Case.objects.exists()


def test_long_after_the_collection_the_next_one_is_told(client: Client) -> None:
    make_round(days_ago=6)

    words = _ask(client)

    assert "not due yet" in words
    assert "Your next collection is on" in words


def test_a_true_miss_becomes_a_report_with_its_collection(client: Client) -> None:
    make_round(days_ago=0)

    assert "Tell us about it" in _ask(client)
    client.post(f"{BASE}/details", {"asked": ["description"]})
    client.post(f"{BASE}/contact", {"contact-name": "Sam", "contact-email": "sam@example.org"})
    assert "Rubbish" in client.get(f"{BASE}/check").content.decode()
    client.post(f"{BASE}/check")

    assert Case.objects.get().attributes == {"stream": "refuse"}


def test_a_miss_that_was_collected_since_is_not_reported(client: Client) -> None:
    on = make_round(days_ago=0)
    _ask(client)
    client.post(f"{BASE}/details", {"asked": ["description"]})
    client.post(f"{BASE}/contact", {"contact-name": "Sam", "contact-email": "sam@example.org"})
    CrewEvent.objects.create(round_id="r1", on=on, at=now(), kind="blocked", uprn=HOME)

    assert client.post(f"{BASE}/check").headers["Location"] == f"{BASE}/round"
    assert not Case.objects.exists()


def test_another_address_is_asked_about_again(client: Client) -> None:
    make_round(days_ago=0)
    _ask(client)

    client.post(f"{BASE}/where", {"q": "12", "choice": f"address:{HOME}"})

    assert client.get(f"{BASE}/check").headers["Location"] == f"{BASE}/round"


def test_an_address_without_rounds_is_told_whom_to_call(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "12", "choice": f"address:{HOME}"})

    assert "no bin collections at this address" in client.get(f"{BASE}/round").content.decode()
    assert client.post(f"{BASE}/round", {"stream": "refuse"}).status_code == 422


def test_the_next_collection_is_said_first_and_the_report_can_be_sent_all_the_same(client: Client) -> None:
    on = make_round(days_ago=1)
    CrewEvent.objects.create(round_id="r1", on=on, at=now(), kind="contaminated", uprn=HOME)

    words = _ask(client)
    assert words.index("Your next collection is on") < words.index("the bin had the wrong things in it")
    assert "Send it all the same" in words

    client.post(f"{BASE}/round", {"stream": "refuse", "anyway": "yes"})
    client.post(f"{BASE}/details", {"asked": ["description"]})
    client.post(f"{BASE}/contact", {"contact-name": "Sam", "contact-email": "sam@example.org"})
    client.post(f"{BASE}/check")

    assert Case.objects.get().attributes == {"stream": "refuse"}
