"""Ledger entries go out to whoever subscribed: each becomes a delivery, at least once, under an id that never changes.

This app does not know the ledger, its sibling: `config` tells it where entries come from (`follow`). The feed gives only entries that
no late commit can still precede, so a subscription's place in it never skips any.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from townhall.connectors.models import Delivery, WebhookSubscription
from townhall.connectors.operations import deliver
from townhall.connectors.states import State
from townhall.core.subjects import Subject

BATCH = 500  # entries read for one subscription


class Entry(Protocol):
    """A ledger entry. Ids, codes and dates only, so it can be sent as it is."""

    @property
    def id(self) -> UUID: ...
    @property
    def at(self) -> datetime: ...
    @property
    def position(self) -> int: ...
    @property
    def verb(self) -> str: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject_id(self) -> UUID: ...
    @property
    def case_id(self) -> UUID | None: ...
    @property
    def data(self) -> dict[str, Any]: ...


class Feed(Protocol):
    def __call__(self, *, position: int, entry_id: UUID, limit: int) -> Sequence[Entry]:
        """Entries after (position, id), in that order."""


_feeds: list[Feed] = []


def follow(feed: Feed) -> None:
    """Where ledger entries come from."""
    _feeds[:] = [feed]


def sweep(at: datetime) -> int:
    """Make deliveries of new entries, for each subscription in turn; how many entries were read."""
    if not _feeds:
        return 0
    ids = WebhookSubscription.objects.filter(connector__is_enabled=True).values_list("pk", flat=True).order_by("pk")
    return sum(_advance(subscription_id, _feeds[0], at=at) for subscription_id in ids)


@transaction.atomic
def _advance(subscription_id: UUID, feed: Feed, *, at: datetime) -> int:
    rows = WebhookSubscription.objects.select_for_update(skip_locked=True, of=("self",)).select_related("connector")
    subscription = rows.filter(pk=subscription_id).first()
    if subscription is None:
        return 0
    entries = feed(position=subscription.position, entry_id=subscription.entry_id, limit=BATCH)
    if not entries:
        return 0
    for entry in entries:
        # What an earlier system did is not news: nobody is told of it.
        if wanted(entry.verb, subscription.verbs) and "imported_from" not in entry.data:
            _queue(entry, subscription, at=at)
    subscription.position, subscription.entry_id = entries[-1].position, entries[-1].id
    subscription.save(update_fields=["position", "entry_id"])
    return len(entries)


def wanted(verb: str, verbs: Sequence[str]) -> bool:
    """`verbs` as in a subscription: "case.closed", "case.*", or none at all for everything."""
    return not verbs or any(verb == one or (one.endswith(".*") and verb.startswith(one[:-1])) for one in verbs)


def message(entry: Entry) -> dict[str, object]:
    """What the subscriber gets. No customer: who it was about is asked through the API, by those who may."""
    return {
        "id": str(entry.id),
        "type": entry.verb,
        "timestamp": entry.at.isoformat(),
        "data": {
            "subject": {"kind": entry.subject_kind, "id": str(entry.subject_id)},
            "case_id": None if entry.case_id is None else str(entry.case_id),
            **entry.data,
        },
    }


def _queue(entry: Entry, subscription: WebhookSubscription, *, at: datetime) -> None:
    key = f"webhook-{subscription.pk}-{entry.id}"
    again = Delivery.objects.select_for_update().filter(key=key, state__in=[State.SENT, State.FAILED, State.DEAD])
    if again.update(state=State.PENDING, attempts=0, next_attempt_at=at, queued_at=at):
        return
    deliver(
        subscription.connector.code,
        kind="ledger",
        payload=message(entry),
        about=Subject(kind=entry.subject_kind, id=entry.subject_id),
        key=key,
        at=at,
        case_id=entry.case_id,
    )
