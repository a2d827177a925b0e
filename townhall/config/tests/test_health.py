from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from townhall.config import health

pytestmark = pytest.mark.django_db


def heartbeat(*, seconds_ago: int, kind: str = "worker") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_heartbeat VALUES (%s, %s, clock_timestamp() - make_interval(secs => %s))",
            [f"here:{kind}:1", kind, seconds_ago],
        )


def test_ready_when_database_and_worker_are(client: Client) -> None:
    heartbeat(seconds_ago=2)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "web": "ok", "database": "ok", "worker": "ok"}
    assert answer["Cache-Control"] == "no-store"


def test_not_ready_without_a_worker(client: Client) -> None:
    heartbeat(seconds_ago=1, kind="demo")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "none has run"


def test_not_ready_when_the_worker_has_gone_silent(client: Client) -> None:
    heartbeat(seconds_ago=20)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "silent for 20 seconds"


def test_not_ready_when_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def cursor(self) -> Any:
            raise OperationalError("connection refused")

    monkeypatch.setattr(health, "connection", Away())
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "web": "ok", "database": "not answering", "worker": "unknown"}
