"""A repair from the form to the booked visit, as a resident without an account does it, and as an adviser does it for a caller."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_staff
from townhall.connectors import records
from townhall.connectors.standins import Standin
from townhall.housing import queries
from townhall.housing.models import Repair, Visit
from townhall.housing.states import VisitState
from townhall.housing.tests.makers import housing, make_repair  # noqa: F401 - a fixture
from townhall.ledger.models import Look
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
TELL = {"access": "Mind the step", "phone": "07700 900982", "by_text": "yes"}


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def first_slot(shown: str, number: int = 0) -> str:
    found: list[str] = re.findall(r'name="slot" id="[^"]+" value="([^"]+)"', shown)
    return found[number]


def path_of(repair: Repair) -> str:
    return f"/repairs/{queries.token_for(repair.pk)}"


def choose(client: Client, path: str, number: int = 0) -> Any:
    """As far as the page where the time is booked; its address."""
    answer = client.post(f"{path}/times", {"slot": first_slot(page(client, f"{path}/times"), number)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_a_tenant_books_changes_and_cancels_by_the_link(housing: Standin) -> None:  # noqa: F811
    repair, client = make_repair(), Client()
    path = path_of(repair)
    check = choose(client, path)
    assert "The time is kept until" in page(client, check)
    refused = client.post(check, {**TELL, "phone": "no"})
    assert refused.status_code == 422
    assert "Mind the step" in refused.content.decode()
    booked = client.post(check, TELL, follow=True)
    assert "Your visit is booked." in booked.content.decode()
    first = Visit.objects.get(state=VisitState.BOOKED)

    client.post(choose(client, path, 3), TELL)
    second = Visit.objects.get(state=VisitState.BOOKED)
    assert (second.replaces_id, housing.office.diary.bookings[first.booking].status) == (first.pk, "released")
    assert "Mind the step" in page(client, path)

    assert client.post(f"{path}/cancel", {}).status_code == 422
    assert "The visit is cancelled." in client.post(f"{path}/cancel", {"needed": "yes"}, follow=True).content.decode()
    assert not Visit.objects.filter(state=VisitState.BOOKED).exists()
    assert "Choose a time" in page(client, path)


def test_a_time_that_somebody_took_a_moment_ago_is_said_and_another_can_be_chosen(housing: Standin) -> None:  # noqa: F811
    housing.office.diary.room = 1
    mine, theirs, client = make_repair(), make_repair(), Client()
    slot = first_slot(page(client, f"{path_of(mine)}/times"))
    choose(client, path_of(theirs))

    answer = client.post(f"{path_of(mine)}/times", {"slot": slot})

    shown = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "Somebody else took that time a moment ago." in shown
    assert slot not in shown
    assert choose(client, path_of(mine))


def test_the_page_says_that_the_housing_system_is_away_and_books_when_it_is_back(housing: Standin) -> None:  # noqa: F811
    repair, client = make_repair(), Client()
    path = path_of(repair)
    check = choose(client, path)
    housing.book.change_mood({"outage": True})
    waiting = " ".join(client.post(check, TELL, follow=True).content.decode().split())
    assert "The housing system has not answered yet." in waiting
    assert "Change the time" not in waiting
    other = make_repair()
    assert "does not answer just now" in page(client, f"{path_of(other)}/times")
    housing.book.change_mood({"outage": False})
    records.forget()
    assert choose(client, path_of(other))


def test_nobody_opens_a_visit_without_its_link(housing: Standin) -> None:  # noqa: F811
    mine, other = make_repair(), make_repair()
    client = Client()
    check = choose(client, path_of(other))
    visit = check.rpartition("/")[2]
    for path in (f"{path_of(mine)}/times/{visit}", f"/repairs/{mine.pk}", f"{path_of(mine)}x", "/repairs/x:y:z/times"):
        assert client.get(path).status_code == 404, path
        assert client.post(f"{path}", TELL).status_code in (404, 405), path


def test_an_adviser_does_the_same_for_a_caller_and_every_look_is_kept(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    by = make_staff("ada", team="customer-services", role=Role.ADVISER)
    client = Client()
    sign_in(client, User.objects.get(pk=UUID(by.id)))
    assert repair.reference in page(client, "/work/repairs")
    path = f"/work/repairs/{repair.pk}"

    client.post(choose(client, path), TELL)
    client.post(choose(client, path, 2), {**TELL, "access": "Ring"})

    assert "Ring" in page(client, path)
    assert Visit.objects.get(state=VisitState.BOOKED).repair_id == repair.pk
    templates = set(Message.objects.filter(case_id=repair.case_id).values_list("template", flat=True))
    assert {"repair/booked", "repair/changed"} <= templates
    stranger = Client()
    priya = make_staff("priya", team="street-cleansing", role=Role.OFFICER)
    sign_in(stranger, User.objects.get(pk=UUID(priya.id)))
    for theirs in ("/work/repairs", path, f"{path}/times", f"{path}/cancel"):
        assert stranger.get(theirs).status_code == 403, theirs
    assert Look.objects.filter(page="repair", case_id=repair.case_id, actor_id=by.id).count() >= 4
    assert client.post(f"{path}/cancel", {"needed": "no"}).status_code == 302
    assert Case.objects.get(pk=repair.case_id).state == "withdrawn"
