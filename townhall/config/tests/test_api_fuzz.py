"""Both APIs are sent what their own documents allow, and what they do not: nothing ends in a 500, and answers are as described."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from townhall.accounts.key_operations import create_key
from townhall.cases.tests.makers import MONDAY, make_case, make_council
from townhall.config.api.document import ENDPOINTS
from townhall.config.wsgi import application
from townhall.core.actors import SYSTEM

pytestmark = [pytest.mark.proof, pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
KEY = "fuzz-key"
DOCUMENTS = {"rest": "/api/v1/openapi.json", "open311": "/open311/v2/openapi.json"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPEN311 = ["discovery", "services", "service", "requests", "make_request", "request", "token", "updates", "make_update"]
OPERATIONS = [("rest", one.run.__name__) for one in ENDPOINTS] + [("open311", name) for name in OPEN311]


@pytest.fixture(autouse=True)
def council(monkeypatch: pytest.MonkeyPatch) -> None:
    make_council()
    scopes = ["open311.write", *{one.scope for one in ENDPOINTS if one.scope}]
    create_key(name="Fuzz", scopes=scopes, by=SYSTEM, at=MONDAY, key=KEY, rate_per_minute=1_000_000)
    make_case()
    # The test's transaction is on this connection: it must outlive each request.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@cache
def schema(name: str) -> Any:
    return schemathesis.openapi.from_wsgi(DOCUMENTS[name], application)


def operation(document: str, name: str) -> Any:
    found = (result.ok() for result in schema(document).get_all_operations())
    return next(one for one in found if one.definition.raw["operationId"] == name)


def knock(document: str, name: str, *, mode: GenerationMode, examples: int) -> None:
    tried = 0

    @given(case=operation(document, name).as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def once(case: Any) -> None:
        nonlocal tried
        tried += 1
        if isinstance(case.body, dict) and "api_key" in case.body:
            case.body["api_key"] = KEY
        response = case.call(headers={"Authorization": f"Bearer {KEY}"})
        case.validate_response(response, checks=CHECKS)

    _run(once)
    assert tried


def _run(once: Callable[[], None]) -> None:
    try:
        once()
    except schemathesis.errors.InvalidSchema as error:
        pytest.fail(str(error))


@pytest.mark.parametrize(("document", "name"), OPERATIONS)
def test_what_the_document_allows_is_answered_as_it_says(document: str, name: str) -> None:
    knock(document, name, mode=GenerationMode.POSITIVE, examples=4)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("document", "name"), OPERATIONS)
def test_long_knocking(document: str, name: str, mode: GenerationMode) -> None:
    try:
        knock(document, name, mode=mode, examples=40)
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # whatever is sent there is allowed
    except schemathesis.errors.SchemathesisError as error:
        if "negative" not in str(error).lower():
            raise
