"""The doors a report comes in by: how it is sent there, and how the answer says that it was taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from convertbng import cutil

from bench import drafts, steps, wire
from bench.drafts import Ready
from townhall.config.demo.borough import borough
from townhall.core.ids import uuid7

DEMO_KEY = "demo-key"  # of every demo
HOST = "localhost"
MIXED = ("fly-tipping", "pothole")


class Report(Protocol):
    """One report to be sent. `marker` is in its description, so that it can be counted whatever became of it."""

    @property
    def marker(self) -> str: ...

    @property
    def email(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Door:
    name: str
    is_open: Callable[[int], bool]  # (port)
    prepare: Callable[..., list[Any]]  # (how many, connection, port)
    request: Callable[[Any], bytes]
    reference: Callable[[wire.Answer], str]  # the reference of the report that was taken, or nothing
    # Instead of one request, what takes several; called with what is told of each repeated step. Gives the reference.
    steps: Callable[[wire.Client, Any, steps.Repeat], str] | None = None


def _prepare_drafts(
    count: int, connection: psycopg.Connection[Any], port: int, services: Sequence[str] = MIXED
) -> list[Ready]:
    made = drafts.make(count, label=f"form{port}", services=services)
    drafts.store(made, connection, version=drafts.versions(connection))
    return made


def _received(answer: wire.Answer) -> str:
    """The form leads on to /r/<reference>/received."""
    parts = answer.header(b"location").decode().split("?")[0].split("/")
    return parts[2] if answer.status == 302 and len(parts) == 4 and parts[3] == "received" else ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request at the Open311 door, with its Idempotency-Key."""

    key: str
    service: str
    email: str
    marker: str
    lat: float
    lng: float


def _prepare_asked(
    count: int, connection: psycopg.Connection[Any], port: int, services: Sequence[str] = MIXED
) -> list[Asked]:
    addresses = borough().addresses
    made = []
    for number in range(count):
        address = addresses[number * 11 % len(addresses)]
        [lng], [lat] = cutil.convert_lonlat([round(address.easting)], [round(address.northing)])
        made.append(
            Asked(
                key=uuid7().hex,
                service=services[number % len(services)],
                email=f"api{port}{number}@example.org",
                marker=f"api{port}-{number:08d}",
                lat=round(lat, 6),
                lng=round(lng, 6),
            )
        )
    return made


def _open311_request(asked: Asked) -> bytes:
    attributes = {}
    for code, value in drafts.SERVICES[asked.service].items():
        attributes[f"attribute[{code}][]" if isinstance(value, list) else f"attribute[{code}]"] = (
            value[0] if isinstance(value, list) else value
        )
    fields = {
        "api_key": DEMO_KEY,
        "service_code": asked.service,
        "lat": str(asked.lat),
        "long": str(asked.lng),
        "description": f"An old thing lies here and nobody knows whose. Ours: {asked.marker}",
        "email": asked.email,
        "first_name": "Sam",
        "last_name": "Examplewood",
        **attributes,
    }
    return wire.post_form("/open311/v2/requests.json", fields, host=HOST, Idempotency_Key=asked.key)


def _open311_reference(answer: wire.Answer) -> str:
    if answer.status not in (200, 201):
        return ""
    first = json.loads(answer.body)[0]
    return str(first.get("service_request_id", ""))


def _open311_is_open(port: int) -> bool:
    try:
        answer = wire.Client(port).send(wire.get("/open311/v2/services.json", host=HOST))
    except wire.Broken:
        return False
    return answer.status == 200


FORM = Door(
    name="public form",
    is_open=lambda port: True,
    prepare=_prepare_drafts,
    request=lambda draft: drafts.final_post(draft, host=HOST),
    reference=_received,
)
OPEN311 = Door(
    name="Open311",
    is_open=_open311_is_open,
    prepare=_prepare_asked,
    request=_open311_request,
    reference=_open311_reference,
)
DOORS = (FORM, OPEN311)
FILLED_IN = Door(
    name="form, page by page",
    is_open=lambda port: True,
    prepare=steps.prepare_senders,
    request=lambda sender: b"",
    reference=lambda answer: "",
    steps=steps.fill_in,
)
PAID = Door(
    name="payment",
    is_open=lambda port: True,
    prepare=steps.prepare_bills,
    request=lambda sender: b"",
    reference=lambda answer: "",
    steps=steps.pay,
)
STEPPED = (FILLED_IN, PAID)  # what `make crash` sends beside reports
