"""Asking this door as another system does."""

from __future__ import annotations

from typing import Any

from django.test import Client

from townhall.cases.models import Case

BASE = "/open311/v2"
KEY = "a-key-for-tests"
FLY_TIP = {
    "service_code": "fly-tipping",
    "lat": "51.5",
    "long": "-0.13",
    "attribute[size]": "bag",
    "description": "Old sofa",
    "email": "sam@example.org",
    "first_name": "Sam",
    "last_name": "Resident",
}


def post(extension: str = "json", *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    """POST of a fly-tip; a field given as None is left out. Dashes of field names that Python cannot spell: use `also`."""
    given = {"api_key": KEY, **FLY_TIP, **fields.pop("also", {}), **fields}
    sent = {name: value for name, value in given.items() if value is not None}
    return Client().post(f"{BASE}/requests.{extension}", sent, headers=headers)


def made(**fields: Any) -> Case:
    answer = post(**fields)
    assert answer.status_code == 200, answer.content
    return Case.objects.get(reference=answer.json()[0]["service_request_id"])


def get(path: str, **parameters: Any) -> Any:
    return Client().get(f"{BASE}/{path}", parameters)


def update(reference: str, **fields: Any) -> Any:
    given = {
        "api_key": KEY,
        "service_request_id": reference,
        "update_id": "1",
        "status": "OPEN",
        "updated_datetime": "2036-03-02T10:00:00+00:00",
        "description": "It is still there",
        "first_name": "Sam",
        "last_name": "-",
        **fields,
    }
    sent = {name: value for name, value in given.items() if value is not None}
    return Client().post(f"{BASE}/servicerequestupdates.json", sent)
