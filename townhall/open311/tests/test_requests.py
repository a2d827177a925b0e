"""GeoReport v2: making requests and reading them, in both formats."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.key_operations import create_key
from townhall.cases.models import Case
from townhall.cases.tests.makers import MONDAY, make_council
from townhall.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
BASE = "/open311/v2"
KEY = "a-key-for-tests"


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()
    create_key(name="FixMyStreet", scopes=["open311.write"], by=SYSTEM, at=MONDAY, key=KEY)


def post(**fields: Any) -> Any:
    given = {
        "api_key": KEY,
        "service_code": "fly-tipping",
        "lat": "51.5",
        "long": "-0.13",
        "attribute[size]": "bag",
        "description": "Old sofa",
        "email": "sam@example.org",
        "first_name": "Sam",
        "last_name": "Resident",
        **fields,
    }
    return Client().post(f"{BASE}/requests.json", {name: value for name, value in given.items() if value is not None})


@pytest.mark.capability("INTG-01")
def test_a_request_becomes_a_case_that_can_be_asked_for() -> None:
    answer = post()

    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    (made,) = json.loads(answer.content)
    case = Case.objects.get(reference=made["service_request_id"])
    assert (case.service_code, case.origin_channel, case.attributes) == ("fly-tipping", "api", {"size": "bag"})
    (row,) = Client().get(f"{BASE}/requests/{case.reference}.json").json()
    assert row["status"] == "open"
    assert row["lat"] == pytest.approx(51.5)
    assert "Sam" not in json.dumps(row)
    assert "sam@example.org" not in json.dumps(row)
