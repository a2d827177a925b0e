from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from townhall.connectors import delivering, inbound, signing
from townhall.connectors.events import StatusEventReceived
from townhall.connectors.models import Delivery, InboundEvent
from townhall.connectors.standins import Standin
from townhall.connectors.states import State
from townhall.connectors.tests.makers import NOON, SECRET, make_delivery, state_of
from townhall.core import events
from townhall.core.time import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard() -> Iterator[list[StatusEventReceived]]:
    """What higher apps hear."""
    got: list[StatusEventReceived] = []
    events.subscribe(StatusEventReceived, got.append)
    yield got
    events._handlers[StatusEventReceived].remove(got.append)


def sent_delivery(waste: Standin) -> Delivery:
    one = make_delivery()
    delivering.sweep(NOON)
    return Delivery.objects.get(pk=one)


def body_about(delivery: Delivery, **other: Any) -> bytes:
    says = {"job_id": delivery.external_id, "status": "completed", "at": "2026-03-02T14:00:00Z", **other}
    return json.dumps(says).encode()


def post(
    body: bytes,
    *,
    event_id: str = "event-1",
    at: datetime | None = None,
    secret: bytes = SECRET,
    to: str = "waste",
    **other: str,
) -> tuple[int, Any]:
    signed = signing.headers(secret, message_id=event_id, at=at or now(), body=body) | other
    answer = Client(enforce_csrf_checks=True).post(
        f"/connectors/{to}/events", body, content_type="application/json", headers=signed
    )
    return answer.status_code, answer.json()


@pytest.mark.capability("CASE-07", "INTG-01")
def test_a_signed_event_is_kept_acknowledges_the_delivery_and_is_announced_once(
    waste: Standin, heard: list[StatusEventReceived]
) -> None:
    delivery = sent_delivery(waste)
    body = body_about(delivery, reason="cleared", note="Two bags")

    first = post(body)
    again = post(body)

    assert first == again
    assert first[0] == 200
    assert state_of(delivery.pk) == State.ACKNOWLEDGED
    (event,) = heard
    assert (event.case_id, event.delivery_id, event.status, event.reason) == (
        delivery.case_id,
        delivery.pk,
        "completed",
        "cleared",
    )
    assert event.happened_at == datetime.fromisoformat("2026-03-02T14:00:00+00:00")
    assert InboundEvent.objects.get().state == "handled"


@pytest.mark.capability("INTG-01")
@pytest.mark.parametrize(
    "how",
    [
        {"secret": b"guessed"},
        {"at": timedelta(minutes=-6)},
        {"at": timedelta(minutes=6)},
        {"to": "unknown"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,é"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-id": "another"},
        {"event_id": ""},
        {"event_id": "x" * 300},
    ],
)
def test_forged_old_and_altered_events_are_refused_and_nothing_is_kept(
    waste: Standin, heard: list[StatusEventReceived], how: dict[str, Any]
) -> None:
    body = body_about(sent_delivery(waste))
    options = {**how, "at": now() + how["at"]} if "at" in how else how
    status, answer = post(body, **options)
    assert (status, set(answer)) == (401, {"error"})
    assert (InboundEvent.objects.count(), heard) == (0, [])


@pytest.mark.capability("INTG-01")
def test_an_event_recorded_and_replayed_later_is_refused(waste: Standin) -> None:
    body = body_about(sent_delivery(waste))
    signed = signing.headers(SECRET, message_id="event-1", at=now() - timedelta(minutes=5, seconds=2), body=body)
    answer = Client().post("/connectors/waste/events", body, content_type="application/json", headers=signed)
    assert answer.status_code == 401


def test_a_body_changed_on_the_way_is_refused(waste: Standin) -> None:
    body = body_about(sent_delivery(waste))
    signed = signing.headers(SECRET, message_id="event-1", at=now(), body=body)
    altered = body.replace(b"completed", b"scheduled")
    answer = Client().post("/connectors/waste/events", altered, content_type="application/json", headers=signed)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"job_id": 5, "status": "completed", "at": "2026-03-02T14:00:00Z"}',
        b'{"job_id": "a", "status": "completed", "at": "2026-03-02T14:00:00"}',
        b'{"job_id": "a", "status": "completed", "at": "yesterday"}',
        b'{"job_id": "a\\u0000", "status": "completed", "at": "2026-03-02T14:00:00Z"}',
        b"[" * 100_000,
    ],
)
def test_what_makes_no_sense_is_refused(waste: Standin, body: bytes) -> None:
    assert post(body)[0] == 400
    assert InboundEvent.objects.count() == 0


def test_an_event_id_that_comes_again_with_something_else_is_refused(waste: Standin) -> None:
    delivery = sent_delivery(waste)
    assert post(body_about(delivery))[0] == 200
    assert post(body_about(delivery, status="refused"))[0] == 409


def test_reading_is_not_offered(waste: Standin) -> None:
    assert Client().get("/connectors/waste/events").status_code == 405


def test_an_event_that_a_handler_could_not_take_is_kept_and_tried_again(waste: Standin) -> None:
    broken = True
    taken: list[StatusEventReceived] = []

    def handler(event: StatusEventReceived) -> None:
        if broken:
            raise RuntimeError("not today")
        taken.append(event)

    events.subscribe(StatusEventReceived, handler)
    try:
        delivery = sent_delivery(waste)
        assert post(body_about(delivery))[0] == 200
        kept = InboundEvent.objects.get()
        assert (kept.state, kept.problem) == ("problem", "RuntimeError: not today")
        assert state_of(delivery.pk) == State.SENT  # rolled back with the rest

        broken = False
        assert inbound.sweep(now() + timedelta(minutes=10)) == 1
        assert inbound.sweep(now() + timedelta(minutes=20)) == 0
    finally:
        events._handlers[StatusEventReceived].remove(handler)
    assert [event.delivery_id for event in taken] == [delivery.pk]


def test_an_event_that_overtakes_our_own_answer_finds_its_delivery_by_our_key(
    waste: Standin, heard: list[StatusEventReceived]
) -> None:
    one = make_delivery()  # not sent yet, as far as we know
    claimed = delivering.claim("waste", NOON)
    body = json.dumps({"job_id": "WA-1", "delivery_id": str(one), "status": "completed", "at": "2026-03-02T14:00:00Z"})
    assert post(body.encode())[0] == 200
    assert heard[0].delivery_id == one

    from townhall.connectors.protocol import Taken

    delivering.record("waste", claimed[0], Taken("WA-1"), at=NOON)
    assert state_of(one) == State.ACKNOWLEDGED
    assert Delivery.objects.get().external_id == "WA-1"


def test_an_event_about_something_we_never_sent_is_kept_as_a_problem(
    waste: Standin, heard: list[StatusEventReceived]
) -> None:
    body = b'{"job_id": "WA-unknown", "status": "completed", "at": "2026-03-02T14:00:00Z"}'
    assert post(body)[0] == 200
    assert InboundEvent.objects.get().problem == "NoSuchDelivery: WA-unknown"
    assert heard == []


def test_the_same_event_eight_times_at_once_is_announced_once(waste: Standin, heard: list[StatusEventReceived]) -> None:
    body = body_about(sent_delivery(waste))
    answers: list[tuple[int, Any]] = []

    def send() -> None:
        answers.append(post(body))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 1
    assert len(answers) == 8
    assert len({json.dumps(answer) for answer in answers}) == 1


@pytest.mark.capability("CASE-07", "INTG-02")
@pytest.mark.parametrize("mood", [{}, {"duplicate_events": True}])
def test_a_job_completed_at_the_standin_is_heard_here_over_http(
    waste: Standin, live_server: Any, heard: list[StatusEventReceived], mood: dict[str, bool]
) -> None:
    waste.tell_url = f"{live_server.url}/nowhere"  # first it cannot reach us, and has to try again
    waste.book.change_mood(mood)
    delivery = sent_delivery(waste)
    waste.book.move(delivery.external_id, "completed", reason="cleared")
    time.sleep(0.1)
    waste.tell_url = f"{live_server.url}/connectors/waste/events"

    deadline = time.monotonic() + 40
    while waste.book.events or not heard:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert [(event.status, event.case_id) for event in heard] == [("completed", delivery.case_id)]
