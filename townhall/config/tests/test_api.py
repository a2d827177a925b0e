"""The REST API: what it does, who may, and that it is described as it is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver
from jsonschema import Draft202012Validator

from townhall.accounts import keys
from townhall.accounts.key_operations import create_key
from townhall.accounts.models import Role, Team
from townhall.cases import operations as cases
from townhall.cases.models import Case, ContractorJob, Note
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.config.api.document import BASE, ENDPOINTS, openapi
from townhall.connectors.models import WebhookSubscription
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture, upload
from townhall.ledger.models import Look

pytestmark = pytest.mark.django_db
KEY, WEAK_KEY, TEAM_KEY = "council-key", "weak-key", "contractor-key"
SCOPES = sorted({endpoint.scope for endpoint in ENDPOINTS if endpoint.scope})
REPORT = {
    "service": "fly-tipping",
    "place": {"lat": 51.5, "lng": -0.13},
    "answers": {"size": "bag"},
    "description": "Old sofa",
    "reporter": {"name": "Sam Resident", "email": "sam@example.org"},
}


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()
    create_key(name="Council", scopes=SCOPES, by=SYSTEM, at=MONDAY, key=KEY)
    create_key(name="Weak", scopes=["cases.see"], by=SYSTEM, at=MONDAY, key=WEAK_KEY)


@pytest.fixture
def officer() -> Actor:
    return make_staff("olive", team="street-cleansing", role=Role.OFFICER)


def ask(method: str, path: str, body: Any = None, *, key: str = KEY, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {key}", **headers} if key else headers
    content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(Client(), method.lower())(f"/{BASE}{path}", headers=sent, **content)


def test_every_address_of_the_api_is_in_the_document_and_the_document_is_valid() -> None:
    document = openapi()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])

    served = {
        str(one.pattern).removeprefix(BASE)
        for one in get_resolver("townhall.config.api.urls").url_patterns
        if str(one.pattern).startswith(BASE)
    } - {"openapi.json", "<anything:rest>"}
    described = {
        "/".join(
            f"<{'uuid' if part.endswith('_id}') else 'str'}:{part[1:-1]}>" if part.startswith("{") else part
            for part in path.strip("/").split("/")
        )
        for path in document["paths"]
    }
    assert served == described
    operations = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations)) == len(ENDPOINTS)


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.scope], ids=lambda one: one.run.__name__)
def test_no_endpoint_opens_without_its_scope(endpoint: Any) -> None:
    path = endpoint.path.strip("/").replace("{reference}", "TH-1111-1111")
    for part in ("{job_id}", "{customer_id}", "{webhook_id}", "{payment_id}"):
        path = path.replace(part, str(UUID(int=1)))
    create_key(name="None", scopes=["nothing"], by=SYSTEM, at=MONDAY, key="no-scope")
    keys.forget()

    body: dict[str, str] | None = {} if endpoint.method == "POST" else None
    without, wrong, weak = (ask(endpoint.method, path, body, key=key) for key in ("", "wrong", "no-scope"))

    assert (without.status_code, wrong.status_code, weak.status_code) == (401, 401, 403)
    assert weak["Content-Type"] == "application/problem+json"
    assert weak.json()["code"] == "scope_missing"


@pytest.mark.capability("INTG-01")
def test_services_are_read_without_a_key_and_not_sent_twice() -> None:
    first = ask("GET", "services/fly-tipping", key="")
    again = ask("GET", "services/fly-tipping", key="", **{"If-None-Match": first["ETag"]})

    assert first.json()["questions"][0]["choices"][0] == {"key": "bag", "name": "One or two bags"}
    assert [one["code"] for one in ask("GET", "services", key="").json()] == ["fly-tipping", "pothole"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.capability("INTG-01")
@pytest.mark.capability("CASE-01")
def test_a_report_is_made_read_and_listed() -> None:
    made = ask("POST", "reports", REPORT)
    assert made.status_code == 201, made.content
    reference = made.json()["reference"]

    row = ask("GET", f"reports/{reference}").json()
    listed = ask("GET", "reports?service=fly-tipping&state=awaiting_decision&team=street-cleansing").json()

    assert (row["state"], row["answers"], row["description"]) == ("awaiting_decision", {"size": "bag"}, "Old sofa")
    assert [one["reference"] for one in listed["reports"]] == [reference]
    assert "sam@example.org" not in json.dumps([row, listed])
    assert ask("GET", "nearby?service=fly-tipping&lat=51.5&lng=-0.13", key="").json()[0]["reference"] == reference


def test_a_repeat_makes_no_second_report() -> None:
    by_key = [ask("POST", "reports", REPORT, **{"Idempotency-Key": "a"}).json() for _ in range(2)]
    numbered = [
        ask("POST", "reports", {**REPORT, "external_ref": "7", "description": words}).json() for words in ("a", "b")
    ]
    other = ask("POST", "reports", {**REPORT, "description": "Another"}, **{"Idempotency-Key": "a"})

    assert by_key[0] == by_key[1]
    assert numbered[0] == numbered[1]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "unreadable"),
        (b"[]", 400, "unreadable"),
        (json.dumps({**REPORT, "service": "nothing"}).encode(), 404, "not_found"),
        (json.dumps({**REPORT, "answers": {}}).encode(), 422, "answers.size"),
        (json.dumps({**REPORT, "place": {}}).encode(), 422, "Say where it is"),
        (json.dumps({**REPORT, "place": {"lat": 0, "lng": 0}}).encode(), 422, "off the map"),
        (json.dumps({**REPORT, "reporter": {"email": "x"}}).encode(), 422, "reporter.email"),
        (json.dumps({**REPORT, "description": "a\x00b"}).encode(), 400, "NUL"),
        (json.dumps({**REPORT, "description": "\ud800"}).encode(), 400, "unreadable"),
        (json.dumps({**REPORT, "description": "x" * 4001}).encode(), 400, "description"),
    ],
)
def test_bad_reports_are_refused_with_a_sentence(body: bytes, status: int, says: str) -> None:
    answer = Client().post(
        f"/{BASE}reports", body, content_type="application/json", headers={"Authorization": f"Bearer {KEY}"}
    )

    assert (answer.status_code, says in answer.content.decode()) == (status, True), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists()


def test_a_body_that_is_not_json_is_refused() -> None:
    answer = Client().post(f"/{BASE}reports", {"a": "b"}, headers={"Authorization": f"Bearer {KEY}"})

    assert answer.status_code == 415


@pytest.mark.capability("CASE-01")
def test_a_report_is_moved_to_its_end() -> None:
    case = make_case()
    at = f"reports/{case.reference}"
    on = (now() + timedelta(days=3)).date().isoformat()
    steps = [
        ("accept", {}, "accepted"),
        ("schedule", {"on": on}, "accepted"),
        ("updates", {"text": "The van is on its way"}, "accepted"),
        ("complete", {"outcome": "cleared", "text": "Two bags"}, "done"),
        ("tell", {}, "closed"),
    ]

    for move, body, state in steps:
        answers = [ask("POST", f"{at}/{move}", body, **{"Idempotency-Key": move}) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 200], answers[0].content
        assert [one.json()["state"] for one in answers] == [state, state]
    assert case.notes.count() == 1

    late = ask("POST", f"{at}/accept", {})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


def test_a_report_is_declined_with_a_reason_of_the_service() -> None:
    at = f"reports/{make_case().reference}/decline"

    assert ask("POST", at, {"reason": "bored"}).status_code == 422
    assert ask("POST", at, {"reason": "private-land"}).json()["state"] == "declined"


def test_a_report_is_offered_and_taken_over() -> None:
    case = make_case()
    make_team("highways")
    at = f"reports/{case.reference}/offer"

    assert ask("POST", at, {"team": "nobody"}).status_code == 422
    assert ask("POST", at, {"team": "highways"}).json()["offer"]["to_team"] == "highways"
    assert ask("POST", f"{at}/return", {"reason": "Not a road"}).json()["offer"] is None
    ask("POST", at, {"team": "highways"})
    assert ask("POST", f"{at}/accept").json()["team"] == "highways"
    assert ask("POST", f"{at}/accept").status_code == 404


def test_pages_of_reports_lose_and_repeat_nothing() -> None:
    expected = [make_case(at=MONDAY + timedelta(minutes=minute)).reference for minute in (0, 1, 1, 1, 2)]

    found: list[str] = []
    after = ""
    for _page in range(4):
        page = ask("GET", f"reports?limit=2&after={after}").json()
        found += [one["reference"] for one in page["reports"]]
        after = page["after"]
        if not after:
            break

    assert sorted(found) == sorted(expected)
    assert found[0] == expected[0]
    assert found[-1] == expected[-1]


@pytest.fixture
def job(officer: Actor) -> ContractorJob:
    team = make_team("clean-streets", kind=Team.Kind.CONTRACTOR)
    create_key(
        name="Clean Streets",
        scopes=["contractor.work", "cases.see"],
        by=SYSTEM,
        at=MONDAY,
        key=TEAM_KEY,
        team_id=team.pk,
    )
    keys.forget()
    return cases.send_to_contractor(
        make_case().pk, team_id=team.pk, contract_ref="C-1", obligations="Clear it", days=5, by=officer, at=now()
    )


@pytest.mark.capability("CASE-12")
def test_a_contractor_does_a_job_by_api(job: ContractorJob) -> None:
    reference = job.case.reference
    (row,) = ask("GET", "jobs", key=TEAM_KEY).json()
    assert (row["id"], row["contract"], row["obligations"], row["reference"]) == (
        str(job.pk),
        "C-1",
        "Clear it",
        reference,
    )

    for _twice in range(2):
        progress = ask("POST", f"jobs/{job.pk}/progress", {"text": "Started"}, key=TEAM_KEY, **{"Idempotency-Key": "p"})
        assert progress.json()["state"] == "in_progress"
    for _twice in range(2):
        photo = Client().post(
            f"/{BASE}jobs/{job.pk}/photos",
            {"file": upload("after.jpg", picture())},
            headers={"Authorization": f"Bearer {TEAM_KEY}", "Idempotency-Key": "photo"},
        )
    finished = ask("POST", f"jobs/{job.pk}/finish", {"result": "Taken away"}, key=TEAM_KEY)

    assert photo.status_code == 201, photo.content
    assert StoredFile.objects.get(case_id=job.case_id).purpose == "after"
    assert finished.json()["state"] == "done"
    assert Note.objects.filter(case=job.case, kind="update").count() == 1
    assert "Started" in Client().get(f"/r/{reference}").content.decode()


def test_a_contractor_sees_its_own_work_alone(job: ContractorJob) -> None:
    other = make_case()

    assert ask("GET", f"reports/{other.reference}", key=TEAM_KEY).status_code == 404
    assert ask("GET", f"reports/{job.case.reference}", key=TEAM_KEY).json()["job"]["id"] == str(job.pk)
    assert len(ask("GET", "reports", key=TEAM_KEY).json()["reports"]) == 1


def test_what_a_contract_says_is_not_shown_to_who_refused_the_job(job: ContractorJob) -> None:
    refused = ask("POST", f"jobs/{job.pk}/refuse", {"reason": "Not in our area"}, key=TEAM_KEY).json()
    again = ask("GET", f"jobs/{job.pk}", key=TEAM_KEY).json()

    for shown in (refused, again):
        assert (shown["state"], shown["contract"], shown["obligations"]) == ("refused", "", "")
    assert ask("GET", f"reports/{job.case.reference}", key=TEAM_KEY).status_code == 404
    assert ask("GET", f"jobs/{job.pk}").json()["contract"] == "C-1"  # the council's own key


def test_reports_read_by_a_key_are_written_down_as_looked_at() -> None:
    case = make_case()

    ask("GET", f"reports/{case.reference}")
    ask("GET", "reports")
    ask("GET", "reports/TH-1111-1111")

    looks = Look.objects.order_by("at").values_list("page", "case_id", "actor_kind")
    assert list(looks) == [("api.report", case.pk, "connector"), ("api.reports", None, "connector")]


def test_customers_are_looked_up_and_the_look_is_written_down(officer: Actor) -> None:
    customer_id = customers.create(customers.NewCustomer(name="Samira Resident"), by=officer, at=now()).pk

    found = ask("GET", "customers?q=Samira Resident").json()
    one = ask("GET", f"customers/{customer_id}").json()

    assert [row["name"] for row in found["customers"]] == ["Samira Resident"]
    assert one["name"] == "Samira Resident"
    assert Look.objects.filter(customer_id=customer_id, page="api.customer").exists()
    assert ask("GET", f"customers/{UUID(int=1)}").status_code == 404
    assert ask("GET", "customers").status_code == 400


@pytest.mark.capability("INTG-01")
def test_webhooks_are_added_listed_and_stopped(settings: Any) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    body = {"name": "Dashboard", "url": "http://127.0.0.1:9/hook", "verbs": ["case.*"]}
    made = [ask("POST", "webhooks", body, **{"Idempotency-Key": "w"}).json() for _ in range(2)]

    assert made[0] == made[1]
    assert made[0]["secret"].startswith("whsec_")
    assert WebhookSubscription.objects.count() == 1
    assert "secret" not in ask("GET", "webhooks").json()[0]
    assert ask("GET", f"webhooks/{made[0]['id']}/dead-letters").json() == []
    assert ask("DELETE", f"webhooks/{made[0]['id']}").status_code == 204
    assert ask("GET", "webhooks").json()[0]["is_enabled"] is False


def test_webhooks_may_not_call_machines_inside(settings: Any) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False

    answer = ask("POST", "webhooks", {"name": "x", "url": "https://127.0.0.1/"})

    assert answer.status_code == 422


def test_a_key_used_too_often_is_told_when_to_come_back() -> None:
    create_key(name="Slow", scopes=["cases.see"], by=SYSTEM, at=MONDAY, key="slow", rate_per_minute=1)
    keys.forget()

    first, second = (ask("GET", "reports", key="slow") for _ in range(2))

    assert (first.status_code, second.status_code, second["Retry-After"]) == (200, 429, "1")


def test_the_page_for_people_names_every_endpoint() -> None:
    page = Client().get("/api/").content.decode()

    for endpoint in ENDPOINTS:
        assert endpoint.path in page


def test_every_post_has_an_answer_to_a_repeat() -> None:
    without = [one.path for one in ENDPOINTS if one.method == "POST" and one.again is None]

    # Each keeps its own keys: as every door that makes reports does, and by the network's own id of a post.
    assert without == ["/reports", "/post/social"]


def test_other_addresses_and_methods_are_problems_too() -> None:
    assert ask("GET", "nothing/here").json()["code"] == "not_found"
    answer = ask("DELETE", "services", key="")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_whatever_is_asked_below_the_apis_path_is_answered_in_its_own_format() -> None:
    for path in ("jobs/a%0Ab", "nothing/here", "%0A"):
        answer = Client().get(f"/{BASE}{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert Client().get("/open311/v2/requests/a%0Ab").content.startswith(b"<?xml")
