"""The ways of speaking that Townhall knows. A council's own systems add theirs with `protocol.register`."""

from __future__ import annotations

from townhall.connectors import protocol
from townhall.connectors.adapters.jobs import JobsAdapter
from townhall.connectors.adapters.records import RecordsAdapter
from townhall.connectors.adapters.webhook import WebhookAdapter


def register_all() -> None:
    protocol.register("waste", RecordsAdapter)  # it says when it comes to a home, too
    protocol.register("works", JobsAdapter)
    protocol.register("records", RecordsAdapter)
    protocol.register("webhook", WebhookAdapter)
