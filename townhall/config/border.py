"""The ledger and the connectors are siblings that do not know each other; this is where they meet."""

from __future__ import annotations

from townhall.connectors import webhooks
from townhall.connectors.events import DeliveriesResent
from townhall.core.events import subscribe
from townhall.core.subjects import Subject
from townhall.ledger.operations import record
from townhall.ledger.queries import settled


def connect() -> None:
    webhooks.follow(settled)
    subscribe(DeliveriesResent, _record_resent)


def _record_resent(event: DeliveriesResent) -> None:
    for delivery_id in event.delivery_ids:
        record("delivery.resent", about=Subject(kind="delivery", id=delivery_id), by=event.by, at=event.at)
