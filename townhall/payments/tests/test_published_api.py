"""What our client sends, and what the pretend provider answers, held against the API that GOV.UK Pay publishes."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from townhall.connectors.calling import Answer, call
from townhall.core.money import Pence
from townhall.payments import govuk, operations, protocol, sweeps
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import FINANCE, NOON, make_charge, make_payment, press

ROOT = Path(__file__).resolve().parents[3]
FILE = Path(os.environ.get("GOVUK_PAY_OPENAPI") or ROOT.parent / "shared/data/govuk-pay/publicapi_spec.json")


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not FILE.exists():
        pytest.skip("GOV.UK Pay's OpenAPI file is not here: name it in GOVUK_PAY_OPENAPI")
    found = json.loads(FILE.read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture
def exchanged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, bytes, Answer]]:
    """Every request of the client with its answer."""
    kept: list[tuple[str, str, bytes, Answer]] = []
    real = call

    def watched(method: str, url: str, **given: Any) -> Answer:
        answer = real(method, url, **given)
        kept.append((method, url, given.get("body", b""), answer))
        return answer

    monkeypatch.setattr(govuk, "call", watched)
    return kept


def _schema(published: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` is a type there."""
    as_json = json.dumps({**part, "components": published["components"]})
    schema = json.loads(as_json)

    def nulls(node: Any) -> None:
        if isinstance(node, dict):
            if node.pop("nullable", False) and "type" in node:
                node["type"] = [node["type"], "null"]
            for inner in node.values():
                nulls(inner)
        elif isinstance(node, list):
            for inner in node:
                nulls(inner)

    nulls(schema)
    assert isinstance(schema, dict)
    return schema


def _template(published: dict[str, Any], path: str) -> str:
    parts = path.split("/")
    for template in published["paths"]:
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(wanted, parts, strict=True)):
            return str(template)
    raise AssertionError(f"{path} is not in the published API")


def check(published: dict[str, Any], method: str, url: str, body: bytes, answer: Answer) -> None:
    parts = urlsplit(url)
    template = _template(published, "/v1" + parts.path.partition("/v1")[2])
    endpoint = published["paths"][template][method.lower()]
    asked = {one["name"] for one in endpoint.get("parameters", []) if one["in"] == "query"}
    assert {pair.partition("=")[0] for pair in parts.query.split("&") if pair} <= asked
    if body:
        schema = endpoint["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(json.loads(body), _schema(published, schema))
        known = published["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        assert set(json.loads(body)) <= set(known)
    described = endpoint["responses"][str(answer.status)]
    if "content" in described and answer.body:
        jsonschema.validate(
            json.loads(answer.body), _schema(published, described["content"]["application/json"]["schema"])
        )


@pytest.mark.capability("PAY-04")
def test_every_request_and_answer_is_as_published(
    published: dict[str, Any], provider: PretendProvider, exchanged: list[tuple[str, str, bytes, Answer]]
) -> None:
    payment = make_payment(email="sam@example.org")
    press(payment.next_url, "success:none")
    operations.look_now(payment.pk, at=NOON)
    operations.request_refund(payment.pk, amount_pence=Pence(100), reason="Test", by=FINANCE, at=NOON)
    for minutes in (1, 5):
        sweeps.refund(NOON + timedelta(minutes=minutes))
    declined = make_payment()
    press(declined.next_url, "decline:none")
    operations.look_now(declined.pk, at=NOON)
    operations.abandon(make_payment().pk, by=FINANCE, at=NOON)
    list(protocol.provider("pay").listed(since=NOON - timedelta(days=1), until=NOON + timedelta(days=9_000)))
    with pytest.raises(protocol.UnknownThere):
        protocol.provider("pay").status("nobody")
    provider.book.behaviour.busy = 1
    make_payment(charge=make_charge())

    for one in exchanged:
        check(published, *one)
    met = {
        (method, _template(published, "/v1" + urlsplit(url).path.partition("/v1")[2])) for method, url, *_ in exchanged
    }
    assert len(met) == 6
    assert {answer.status for *_, answer in exchanged} >= {200, 201, 202, 204, 404, 429}


def test_a_wrong_request_would_be_seen(published: dict[str, Any]) -> None:
    wrong = json.dumps({"amount": "12.00", "reference": "x", "description": "x", "return_url": "https://x"}).encode()
    with pytest.raises(jsonschema.ValidationError):
        check(published, "POST", "http://h/pay/v1/payments", wrong, Answer(201, b"", ""))


def test_examples_of_the_published_api_are_understood(
    published: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers made of the specification's own examples, not of our pretend provider's."""
    made = _example(published, {"$ref": "#/components/schemas/PaymentWithAllLinks"})
    made["state"] = {"status": "success", "finished": True}
    monkeypatch.setattr(govuk, "call", lambda *_, **__: Answer(200, json.dumps(made).encode(), ""))

    found = govuk.GovukPay(base_url="http://h", api_key="k").status("x")

    assert found.state == "success"
    assert found.amount_pence == made["amount"]
    assert found.reference == made["reference"]
    assert found.refundable_pence == made["refund_summary"]["amount_available"]


def _example(published: dict[str, Any], schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(published, published["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "properties" in schema:
        return {name: _example(published, part) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [_example(published, schema["items"])]
    return schema.get("example", {"integer": 1, "boolean": True, "object": {}}.get(schema.get("type", ""), ""))
