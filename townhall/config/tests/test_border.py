from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from townhall.config import border
from townhall.connectors import operations, webhooks
from townhall.connectors.models import Delivery, WebhookSubscription
from townhall.connectors.states import State
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger.models import Entry
from townhall.ledger.operations import record
from townhall.ledger.tests.makers import settle

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def connected() -> None:
    border.connect()


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, as another process would have."""
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    fresh = psycopg.connect(**wanted)
    yield fresh
    fresh.close()


@pytest.mark.capability("INTG-01")
def test_webhooks_skip_no_entry_that_was_committed_late(other: psycopg.Connection[Any], settings: Any) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    operations.add_webhook("Theirs", url="http://127.0.0.1:9/hook", verbs=["case.*"], position=0, at=NOON)
    case = Subject(kind="case", id=uuid7())
    other.execute(
        "INSERT INTO ledger_entry (id, at, actor_kind, actor_id, verb, subject_kind, subject_id)"
        " VALUES (gen_random_uuid(), now(), 'system', '', 'case.opened', 'case', gen_random_uuid())"
    )
    record("case.closed", about=case, by=SYSTEM, at=NOON)  # begins later, commits first
    webhooks.sweep(NOON)
    assert Delivery.objects.count() == 0

    other.commit()
    settle()
    while webhooks.sweep(NOON):
        pass

    types = [delivery.payload["type"] for delivery in Delivery.objects.order_by("pk")]
    assert sorted(types) == ["case.closed", "case.opened"]
    assert WebhookSubscription.objects.get().position == Entry.objects.order_by("-position")[0].position


def test_sending_again_is_written_in_the_ledger() -> None:
    priya = Actor(kind=ActorKind.STAFF, id="priya")
    about = Subject(kind="case", id=uuid7())
    delivery = operations.deliver("waste", kind="fly-tip", payload={}, about=about, key="one", at=NOON)
    Delivery.objects.update(state=State.DEAD)
    with transaction.atomic():
        operations.resend([delivery], by=priya, at=NOON)
    entry = Entry.objects.get()
    assert (entry.verb, entry.subject_id, entry.actor_id) == ("delivery.resent", delivery, "priya")
