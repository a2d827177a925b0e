"""The report journey from the first page to the confirmation, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.cases.models import Case, Follower
from townhall.core.time import now
from townhall.forms.models import Draft
from townhall.notifications.models import Message
from townhall.portal.tests.makers import HOME, go_to_check, make_report, only_case

pytestmark = pytest.mark.usefixtures("borough")
BASE = "/report/fly-tipping"


@pytest.mark.capability("REPT-01", "CASE-05")
def test_a_report_gets_a_reference_a_date_an_owner_and_an_acknowledgement(client: Client) -> None:
    go_to_check(client)

    answer = client.post(f"{BASE}/check", follow=True)

    case = only_case()
    words = answer.content.decode()
    assert case.reference in words
    assert "Street Cleansing team" in words
    assert "A street cleaning officer will look at it" in words
    assert (case.address, case.attributes, case.origin_channel) == (
        "12 Mill Lane, Aldermere, ZZ1 1AA",
        {"size": "van"},
        "web",
    )
    assert Message.objects.get(case_id=case.pk).recipient_address == "sam@example.org"


def test_looking_at_the_first_page_keeps_nothing(client: Client) -> None:
    client.get(BASE, follow=True)
    client.get(f"{BASE}/where?q=mill")

    assert not Draft.objects.exists()
    assert "report-fly-tipping" not in client.cookies


def test_pages_cannot_be_jumped(client: Client) -> None:
    assert client.get(f"{BASE}/check").headers["Location"] == f"{BASE}/where"
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})
    assert client.get(f"{BASE}/check").headers["Location"] == f"{BASE}/details"
    assert not Case.objects.exists()


def test_sending_twice_makes_one_report(client: Client) -> None:
    go_to_check(client)

    first, second = client.post(f"{BASE}/check"), client.post(f"{BASE}/check")

    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 1
    assert Message.objects.count() == 1


def test_back_after_sending_shows_the_report(client: Client) -> None:
    go_to_check(client)
    sent = client.post(f"{BASE}/check").headers["Location"]

    for page in ("where", "details", "photos", "contact", "check"):
        assert client.get(f"{BASE}/{page}").headers["Location"] == sent
        assert client.post(f"{BASE}/{page}", {"size": "bag"}).headers["Location"] == sent
    assert only_case().attributes == {"size": "van"}


def test_the_confirmation_can_be_bookmarked(client: Client) -> None:
    go_to_check(client)
    address = client.post(f"{BASE}/check").headers["Location"]

    assert "sam@example.org" in Client().get(address).content.decode()
    without_the_link = Client().get(address.partition("?")[0]).content.decode()
    assert only_case().reference in without_the_link
    assert "sam@example.org" not in without_the_link


def test_changing_an_answer_leads_straight_back(client: Client) -> None:
    go_to_check(client)

    answer = client.post(f"{BASE}/details?change", {"size": "bag", "bags": "2", "asked": ["size", "bags"]})

    assert answer.headers["Location"] == f"{BASE}/check"
    assert "One or two bags" in client.get(f"{BASE}/check").content.decode()


def test_a_question_with_a_condition_is_asked_when_it_holds(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})
    first = client.get(f"{BASE}/details").content.decode()
    assert 'data-question="bags" data-shown-when' in first
    assert first.split('data-question="bags"')[1].split(">")[0].endswith("hidden")

    again = client.post(f"{BASE}/details", {"size": "bag", "seen": "a van", "asked": ["size", "seen"]})

    assert again.status_code == 200
    words = again.content.decode()
    assert "we have one more question" in words
    assert "a van" in words
    assert not words.split('data-question="bags"')[1].split(">")[0].endswith("hidden")
    on = client.post(f"{BASE}/details", {"size": "bag", "bags": "3", "asked": ["size", "seen", "bags"]})
    assert on.status_code == 302


def test_an_error_keeps_everything_that_was_typed(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})

    answer = client.post(f"{BASE}/details", {"seen": "a white van", "kinds": "garden", "asked": ["size", "seen"]})

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in words
    assert words.count("Answer the question “How much is there?”") == 2
    assert "a white van" in words
    assert 'value="garden" checked' in words


@pytest.mark.capability("REPT-03")
def test_a_likely_report_near_by_can_be_followed_in_one_step(client: Client) -> None:
    earlier = make_report()
    on = client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})
    assert on.headers["Location"] == f"{BASE}/nearby"
    page = client.get(f"{BASE}/nearby").content.decode()
    assert earlier.reference in page
    assert "Awaiting decision" in page
    assert "Likely the same" in page
    assert "1 person follows it" in page
    assert "One or two bags" in page  # what the service publishes of the answers
    assert page.count("metres away") + page.count(" m away") <= 1
    assert "An old sofa" not in page
    assert "pat@example.org" not in page

    answer = client.post(f"{BASE}/nearby/{earlier.reference}/followers", {"email": "sam@example.org"}, follow=True)

    assert "You follow this report" in answer.content.decode()
    assert Follower.objects.filter(case_id=earlier.case_id, email="sam@example.org").exists()
    assert Case.objects.count() == 1
    assert client.get(BASE).headers["Location"] == f"{BASE}/where"


def test_following_with_a_wrong_address_says_so_beside_that_report(client: Client) -> None:
    earlier = make_report()
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})

    answer = client.post(f"{BASE}/nearby/{earlier.reference}/followers", {"email": "sam at home"})

    assert answer.status_code == 422
    assert f'href="#email-{earlier.reference}"' in answer.content.decode()
    assert 'value="sam at home"' in answer.content.decode()


def test_nothing_near_by_goes_straight_on(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})

    assert client.get(f"{BASE}/nearby").headers["Location"] == f"{BASE}/details"


def test_without_details_the_report_is_followed_by_its_reference(client: Client) -> None:
    go_to_check(client)
    client.post(f"{BASE}/contact", {"anonymous": "1", "contact-name": "Sam"})

    answer = client.post(f"{BASE}/check", follow=True)

    assert "Keep the reference" in answer.content.decode()
    assert Follower.objects.get().name == ""


def test_a_report_left_unsent_is_offered_again(client: Client) -> None:
    client.post(f"{BASE}/where", {"q": "mill", "choice": f"address:{HOME}"})

    page = client.get(BASE).content.decode()

    assert "You have a report that was not sent" in page
    assert f'href="{BASE}/details"' in page
    client.post(BASE)
    assert client.get(BASE).headers["Location"] == f"{BASE}/where"


def test_a_draft_whose_time_is_over_says_so(client: Client) -> None:
    go_to_check(client)
    Draft.objects.update(expires_at=now() - timedelta(seconds=1))

    answer = client.post(f"{BASE}/check")

    assert answer.status_code == 410
    assert "no longer saved" in answer.content.decode()
    assert client.get(f"{BASE}/where").status_code == 200


def test_only_the_needed_cookies_are_set(client: Client) -> None:
    go_to_check(client)
    client.post(f"{BASE}/check", follow=True)

    assert set(client.cookies) <= {"report-fly-tipping", "csrftoken"}
    kept = client.cookies["report-fly-tipping"]
    assert kept["httponly"]
    assert kept["path"] == BASE


def test_a_service_that_is_not_offered_is_not_found(client: Client) -> None:
    assert client.get("/report/teleporting").status_code == 404
    assert client.post("/report/teleporting/check").status_code == 404
