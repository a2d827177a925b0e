"""GeoReport v2: making requests and reading them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case
from townhall.catalogue import queries as catalogue
from townhall.catalogue.models import Service
from townhall.core.actors import Actor
from townhall.core.time import now
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture, upload
from townhall.notifications.models import Message
from townhall.open311.tests.asking import BASE, KEY, get, made, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("council")]


@pytest.mark.capability("INTG-01")
@pytest.mark.capability("REPT-01")
def test_a_request_becomes_a_case_that_can_be_asked_for() -> None:
    answer = post()

    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    (row,) = answer.json()
    case = Case.objects.get(reference=row["service_request_id"])
    assert (case.service_code, case.origin_channel, case.attributes) == ("fly-tipping", "api", {"size": "bag"})
    assert row["service_notice"].startswith("A street cleaning officer")
    assert Message.objects.get(case_id=case.pk).recipient_address == "sam@example.org"
    (found,) = get(f"requests/{case.reference}.json").json()
    assert (found["status"], found["address_id"]) == ("open", "")
    assert found["lat"] == pytest.approx(51.5)


def test_nothing_about_the_reporter_is_given_away() -> None:
    reference = made(phone="01632 960001").reference

    for path in (f"requests/{reference}.json", "requests.json", f"requests/{reference}.xml"):
        text = get(path, extensions="true").content.decode()
        assert reference in text
        assert not [word for word in ("Sam", "Resident", "example.org", "960001", "sofa") if word in text]


def test_the_same_idempotency_key_gives_the_same_answer() -> None:
    first, second = (post(headers={"Idempotency-Key": "abc"}) for _ in range(2))

    assert first.json() == second.json()
    assert Case.objects.count() == 1
    assert post(headers={"Idempotency-Key": "abc"}, description="Other").status_code == 400


def test_the_same_number_of_the_sender_makes_no_second_case_whatever_else_changed() -> None:
    number = {"attribute[fixmystreet_id]": "4711"}
    first = made(also=number)
    again = made(also=number, description="Two old sofas", lat="51.6")
    with_keys = [post(also=number, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")]

    assert first.reference == again.reference
    assert {answer.json()[0]["service_request_id"] for answer in with_keys} == {first.reference}
    assert Case.objects.get().external_ref == "4711"


def test_one_idempotency_key_cannot_name_two_numbers_of_the_sender() -> None:
    for number, status in (("1", 200), ("2", 400)):
        answer = post(also={"attribute[fixmystreet_id]": number}, headers={"Idempotency-Key": "abc"})
        assert answer.status_code == status
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"api_key": None}, 403, "needs an API key"),
        ({"api_key": "wrong"}, 403, "not known"),
        ({"service_code": None}, 400, "service_code is missing"),
        ({"service_code": "nothing"}, 404, "service_code was not found"),
        ({"jurisdiction_id": "elsewhere.example.org"}, 404, "jurisdiction_id was not found"),
        ({"also": {"attribute[size]": None}}, 400, "attribute[size]"),
        ({"also": {"attribute[size]": "house"}}, 400, "attribute[size]"),
        ({"lat": None, "long": None}, 400, "A place is missing"),
        ({"long": None}, 400, "lat and long"),
        ({"lat": "nan"}, 400, "lat and long"),
        ({"lat": "40.7", "long": "-74"}, 400, "outside Great Britain"),
        ({"lat": None, "long": None, "address_id": "123"}, 400, "address_id was not found"),
        ({"description": "x" * 4001}, 400, "4,000"),
        ({"email": "not an address"}, 400, "email must be"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url must be"),
    ],
)
def test_what_is_wrong_is_told_under_the_right_number(fields: dict[str, Any], status: int, says: str) -> None:
    for extension in ("json", "xml"):
        answer = post(extension, **fields)
        assert (answer.status_code, says in answer.content.decode()) == (status, True), answer.content
    assert post(**fields).json()[0]["code"] == status
    assert not Case.objects.exists()


def test_every_problem_is_told_at_once() -> None:
    answer = post(email="x", description="x" * 5000, lat="north")

    assert len(answer.json()) == 3


def test_jurisdiction_may_be_empty_or_ours() -> None:
    assert post(jurisdiction_id="").status_code == 200
    assert post(jurisdiction_id="aldermere.example.org").status_code == 200


def test_words_alone_are_a_place() -> None:
    case = made(lat=None, long=None, address_string="By the bus shelter")

    assert (case.place_words, case.lat) == ("By the bus shelter", None)


def test_grid_metres_are_a_place_when_degrees_are_not_sent() -> None:
    case = made(
        lat=None,
        long=None,
        address_id="#NOTPINPOINTED#",
        also={"attribute[easting]": "530000", "attribute[northing]": "180000"},
    )

    assert (case.easting, case.northing) == (530_000, 180_000)


def test_photos_come_as_links_or_as_files() -> None:
    linked = made(media_url=["https://example.org/1.jpg", "https://example.org/2.jpg"])
    sent = made(also={"photo1": upload("one.jpg", picture()), "photo2": upload("two.png", picture("PNG"))})
    refused = post(also={"photo1": upload("page.jpg", b"<html>")})

    assert linked.attributes["media_url"] == ["https://example.org/1.jpg", "https://example.org/2.jpg"]
    assert StoredFile.objects.filter(case_id=sent.pk).count() == 2
    assert refused.status_code == 400


def test_reports_that_are_not_public_are_seen_by_the_key_that_made_them_alone() -> None:
    hidden = made()
    Case.objects.filter(pk=hidden.pk).update(is_public=False)

    assert get(f"requests/{hidden.reference}.json").status_code == 404
    assert get("requests.json").json() == []
    assert get(f"requests/{hidden.reference}.json", api_key=KEY).status_code == 200
    assert get("requests.json", api_key="wrong").status_code == 403


def test_requests_are_narrowed_by_service_status_and_time() -> None:
    at = now()
    old = make_case(at=at - timedelta(days=120))
    recent = make_case(at=at - timedelta(days=80))
    pothole = make_case("pothole", at=at - timedelta(days=3))
    Case.objects.filter(pk=recent.pk).update(state="withdrawn", closed_at=at)

    def found(**parameters: str) -> list[str]:
        return [row["service_request_id"] for row in get("requests.json", **parameters).json()]

    day = (at - timedelta(days=121)).isoformat()
    assert found() == [pothole.reference, recent.reference]
    assert found(service_code="pothole") == [pothole.reference]
    assert found(service_code="pothole,fly-tipping", status="closed") == [recent.reference]
    assert found(status="open,closed") == [pothole.reference, recent.reference]
    assert found(start_date=day) == [recent.reference, old.reference]
    assert found(end_date=(at - timedelta(days=100)).isoformat()) == [old.reference]
    assert found(service_request_id=f"{old.reference},{pothole.reference}", status="closed") == [
        pothole.reference,
        old.reference,
    ]
    assert found(page="2", page_size="1") == [recent.reference]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 400),
        ({"start_date": "9999-12-31T23:00:00-10:00"}, 400),
        ({"end_date": "0001-01-01T00:00:00Z"}, 400),
        ({"status": "lost"}, 400),
        ({"service_code": "nothing"}, 404),
        ({"page": "0"}, 400),
        ({"page_size": "ten"}, 400),
        ({"jurisdiction_id": "elsewhere"}, 404),
    ],
)
def test_questions_that_cannot_be_answered(parameters: dict[str, str], status: int) -> None:
    answer = get("requests.json", **parameters)

    assert (answer.status_code, answer.json()[0]["code"]) == (status, status)


def test_a_plus_that_arrived_as_a_space_is_understood() -> None:
    reference = made().reference
    start = (now() - timedelta(hours=1)).isoformat(timespec="seconds")

    answer = Client().get(f"{BASE}/requests.json?start_date={start}")

    assert "+" in start
    assert [row["service_request_id"] for row in answer.json()] == [reference]


def test_a_closed_request_says_when_and_what_was_done(officer: Actor) -> None:
    case = made()
    at = now()
    cases.complete(case.pk, outcome_code="cleared", outcome_text="Two bags taken away", by=officer, at=at)
    cases.tell(case.pk, by=officer, at=at)

    (row,) = get(f"requests/{case.reference}.json", extensions="true").json()

    assert (row["status"], row["status_notes"]) == ("closed", "Cleared. Two bags taken away")
    assert row["extended_attributes"]["detailed_status"] == "fixed"
    assert row["expected_datetime"] is None


def test_a_token_is_the_number() -> None:
    reference = made().reference

    assert get(f"tokens/{reference}.json").json() == [{"service_request_id": reference, "token": reference}]
    assert get("tokens/nothing.xml").status_code == 404


def test_a_service_that_is_no_longer_offered_is_not_found() -> None:
    Service.objects.filter(code="pothole").update(is_live=False)
    catalogue.forget()

    assert get("services/pothole.json").status_code == 404
    assert [row["service_code"] for row in get("services.json").json()] == ["fly-tipping"]


@pytest.mark.parametrize("path", ["nothing.json", "requests.csv", "requests", "services/pothole.pdf", ""])
def test_other_addresses_below_this_door(path: str) -> None:
    answer = get(path)

    assert answer.status_code == 404


def test_other_methods_are_refused_in_the_format_asked_for() -> None:
    answer = Client().delete(f"{BASE}/requests.json")

    assert (answer.status_code, answer["Allow"], answer.json()[0]["code"]) == (405, "GET, HEAD, POST", 405)


def test_a_body_that_is_not_a_form_is_told_apart_from_a_missing_key() -> None:
    answer = Client().post(
        f"{BASE}/requests.json", b'{"a": 1}', content_type="application/json", headers={"X-Api-Key": KEY}
    )
    broken = Client().post(
        f"{BASE}/requests.json", b"--x", content_type="multipart/form-data", headers={"X-Api-Key": KEY}
    )

    assert (answer.status_code, broken.status_code) == (400, 400)
