"""The pretend phone platform plays a borough's day, and whatever goes wrong on the way nothing is lost or doubled."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from townhall.connectors.models import Connector
from townhall.connectors.signing import secret_of
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.time import now
from townhall.telephony.calls import counting, measures
from townhall.telephony.models import Call, CallEvent
from townhall.telephony.standin.day import Plan, events_of
from townhall.telephony.standin.platform import PhonePlatform

MONDAY = date(2026, 3, 2)


def test_a_day_has_the_shape_of_120_000_calls_a_month() -> None:
    day = events_of(Plan(on=MONDAY))
    calls = {one["call"] for one in day}
    answered = {one["call"] for one in day if one["event"] == "answered" or one.get("automated")}
    abandoned = {one["call"] for one in day if one["event"] == "abandoned"}
    automated = {one["call"] for one in day if one.get("automated")}
    waits = [one["wait"] for one in day if one["event"] == "answered" and "wait" in one]
    by_hour = [
        sum(one["call"].split("-")[1] == f"{slot:02d}" for one in day if one["event"] == "offered")
        for slot in range(20)
    ]

    assert 5_300 <= len(answered) <= 6_100  # 120,000 over 21 working days
    assert 0.01 <= len(abandoned) / len(calls) <= 0.10
    assert 0.08 <= len(automated) / len(calls) <= 0.12
    assert sum(waits) / len(waits) < 30  # the target of the average wait
    assert by_hour.index(max(by_hour)) in (3, 4, 5, 6)  # half past nine to half past eleven
    assert any(one["event"] == "returned" for one in day)
    assert events_of(Plan(on=MONDAY, scale=0.02)) == events_of(Plan(on=MONDAY, scale=0.02))


@pytest.fixture
def platform(live_server: Any, transactional_db: None) -> Iterator[PhonePlatform]:
    seed_reference_data()
    Connector.objects.create(code="phones", name="Phones", kind="phone", base_url="", created_at=now())
    made = PhonePlatform(secret=secret_of("phones"), tell_url=f"{live_server.url}/connectors/phones/events")
    made.start()
    yield made
    made.stop()


def control(platform: PhonePlatform, **wanted: Any) -> dict[str, Any]:
    body = json.dumps(wanted).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{platform.url}/control", data=body, method="POST")) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.mark.proof
def test_a_day_with_every_fault_is_taken_in_whole(platform: PhonePlatform) -> None:
    wanted = {
        "doubled": True,
        "shuffled": True,
        "skew": 2.0,
        "scale": 0.05,
        "on": MONDAY.isoformat(),
        "speed": 40_000.0,
    }
    control(platform, silent=True, **wanted)
    time.sleep(1.0)
    control(platform, silent=False)
    until = time.monotonic() + 60
    while not platform.is_through and time.monotonic() < until:
        time.sleep(0.2)

    day = events_of(Plan(on=MONDAY, scale=0.05))
    assert platform.refused == []
    assert Call.objects.count() == len({one["call"] for one in day})
    assert CallEvent.objects.count() == len(
        {(one["call"], one["event"], one["at"], one.get("agent", "")) for one in day}
    )
    while counting.sweep(now()):
        pass
    since, until_at = measures.days(MONDAY, MONDAY)
    spoken = measures.total(since=since, until=until_at)
    answered = {one["call"] for one in day if one["event"] == "answered"}
    assert spoken.answered == len(answered)
    automated = measures.total(since=since, until=until_at, automated=True).offered
    assert spoken.offered + automated == Call.objects.count()
    assert Contact.objects.count() == len(answered) + automated
