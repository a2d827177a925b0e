"""Incidents: told to those affected before they ask (CASE-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.accounts.permissions import CAPABILITIES
from townhall.core.actors import PUBLIC
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.neighbourhood import operations
from townhall.neighbourhood.intake import CrewReport, crew_reported
from townhall.neighbourhood.models import Incident, Subscription
from townhall.neighbourhood.queries import Kind, incidents_at, missed_bin_answer
from townhall.neighbourhood.tests.makers import (
    ELSEWHERE,
    HARBOUR_ROW,
    HOME,
    MONDAY,
    NEIGHBOUR,
    OFFICER,
    ROUND,
    TUESDAY,
    at,
    make_place,
)
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
ADDRESS, STREET, ROUNDS, AREA = Incident.Scope


@pytest.fixture(autouse=True)
def place() -> None:
    make_place()


def subscriber(name: str, *, scope: str = "address", code: str = HOME, service: str = "") -> Subscription:
    return operations.subscribe(
        Recipient(name=name, email=f"{name}@example.org"),
        scope=scope,
        scope_code=code,
        service_code=service,
        by=PUBLIC,
        at=at(MONDAY),
    )


def post(scope: str, code: str, **changes: object) -> Incident:
    given: dict[str, object] = {
        "service_code": "missed-bin",
        "title": "Bins not collected",
        "message": "The lorry broke down. We come back on Wednesday.",
        "reason": "Breakdown",
    }
    return operations.post_incident(
        scope=scope,
        scope_code=code,
        by=OFFICER,
        at=at(MONDAY, 16),
        **(given | changes),  # type: ignore[arg-type]
    )


def told() -> set[str]:
    return set(Message.objects.filter(template="incident/posted").values_list("recipient_name", flat=True))


@pytest.mark.capability("CASE-14")
@pytest.mark.parametrize(
    ("scope", "code", "expected"),
    [
        (ADDRESS, HOME, {"ada"}),
        (STREET, HARBOUR_ROW, {"ada", "bo", "street"}),
        (ROUNDS, ROUND, {"ada", "bo", "round"}),
        (AREA, "W1", {"ada", "bo", "cy", "ward"}),
    ],
)
def test_everybody_affected_is_told_before_they_ask_and_nobody_else(scope: str, code: str, expected: set[str]) -> None:
    subscriber("ada", code=HOME)
    subscriber("bo", code=NEIGHBOUR)
    subscriber("cy", code=ELSEWHERE)
    subscriber("street", scope="street", code=HARBOUR_ROW)
    subscriber("round", scope="round", code=ROUND)
    subscriber("ward", scope="area", code="W1")
    subscriber("parking", code=HOME, service="abandoned-vehicle")
    operations.unsubscribe(subscriber("gone", code=HOME).pk, by=PUBLIC, at=at(MONDAY))

    incident = post(scope, code)

    assert told() == expected
    assert incident.told == len(expected)
    message = Message.objects.filter(template="incident/posted").first()
    assert message is not None
    assert "The lorry broke down" in message.body_text
    assert "Breakdown" in message.body_text


def test_somebody_who_subscribed_twice_over_is_told_once() -> None:
    subscriber("ada", code=HOME)
    subscriber("ada", scope="street", code=HARBOUR_ROW)
    assert post(STREET, HARBOUR_ROW).told == 1


def test_subscribing_twice_is_once_and_again_after_stopping() -> None:
    first = subscriber("ada")
    assert subscriber("ada").pk == first.pk
    operations.unsubscribe(first.pk, by=PUBLIC, at=at(MONDAY))
    assert subscriber("ada").pk != first.pk


def test_a_stop_link_names_its_subscription_and_a_forged_one_none() -> None:
    one = subscriber("ada")
    token = operations.stop_link(one.pk).rpartition("/")[2]
    assert operations.subscription_in(token) == one.pk
    assert operations.subscription_in(token[:-2] + "xx") is None


@pytest.mark.capability("CASE-14")
def test_what_a_crew_reports_is_an_incident_with_its_reason_and_whoever_asks_is_told() -> None:
    subscriber("bo", code=NEIGHBOUR)
    report = CrewReport(event_id="e1", round_code=ROUND, on=MONDAY, kind="breakdown", detail="Hydraulics failed")
    crew_reported(report, by=OFFICER, at=at(MONDAY, 15))

    [incident] = Incident.objects.all()
    assert (incident.scope, incident.scope_code, incident.reason) == ("round", ROUND, "Hydraulics failed")
    assert told() == {"bo"}
    assert missed_bin_answer(HOME, stream="refuse", at=at(TUESDAY)).kind is Kind.CREW_REASON


def test_an_announced_incident_answers_a_missed_bin() -> None:
    incident = post(STREET, HARBOUR_ROW)
    answer = missed_bin_answer(HOME, stream="refuse", at=at(TUESDAY))
    assert (answer.kind, answer.incident_id) == (Kind.KNOWN, incident.pk)
    operations.end_incident(incident.pk, by=OFFICER, at=at(TUESDAY, 11))
    assert missed_bin_answer(HOME, stream="refuse", at=at(TUESDAY, 12)).kind is Kind.MISSED


def test_an_incident_is_in_force_until_it_ends() -> None:
    incident = post(STREET, HARBOUR_ROW, ends_at=at(TUESDAY, 12))
    assert list(incidents_at(HOME, at=at(TUESDAY, 11))) == [incident]
    assert list(incidents_at(ELSEWHERE, at=at(TUESDAY, 11))) == []
    assert list(incidents_at(HOME, at=at(TUESDAY, 13))) == []
    assert list(incidents_at(HOME, at=at(TUESDAY, 11), service_code="graffiti")) == []


def test_the_end_of_an_incident_is_told_when_there_is_something_to_say() -> None:
    subscriber("ada")
    incident = post(ADDRESS, HOME)
    operations.end_incident(incident.pk, by=OFFICER, at=at(TUESDAY), message="All bins are empty now.")
    assert "All bins are empty now." in Message.objects.get(template="incident/ended").body_text
    with pytest.raises(WrongState):
        operations.end_incident(incident.pk, by=OFFICER, at=at(TUESDAY) + timedelta(hours=1))


@pytest.mark.parametrize(
    "changes",
    [{"title": " "}, {"message": ""}, {"ends_at": at(MONDAY, 1)}, {"code": "404404"}, {"scope": "planet"}],
)
def test_an_incident_needs_words_and_a_place(changes: dict[str, object]) -> None:
    given: dict[str, object] = {"scope": "street", "code": HARBOUR_ROW} | changes
    with pytest.raises(BadInput):
        post(**given)  # type: ignore[arg-type]
    assert not Incident.objects.exists()


def test_only_staff_who_may_announce() -> None:
    assert "incidents.declare" in CAPABILITIES
    with pytest.raises(NotAllowed):
        operations.post_incident(
            service_code="", scope="street", scope_code=HARBOUR_ROW, title="T", message="M", by=PUBLIC, at=at(MONDAY)
        )
