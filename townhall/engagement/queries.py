"""What pages show of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.engagement.models import AlertSubscription
from townhall.engagement.topics import TOPICS
from townhall.notifications.states import State

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Told:
    """One alert: what it was about, where that came from, when it was made, and what became of it."""

    topic: str
    words: str
    source: str
    made_at: datetime
    channel: str
    state: State
    sent_at: datetime | None
    error: str
    address: str


_TOLD = """
    SELECT a.topic, a.words, a.source, a.made_at, m.channel, m.state, m.sent_at, m.error, m.recipient_address
    FROM engagement_alert a JOIN notifications_message m ON m.key = a.message_key"""
_OF_CUSTOMER = f"""{_TOLD} WHERE a.subscription_id IN (
    SELECT id FROM engagement_alertsubscription WHERE customer_id = %s) ORDER BY a.made_at DESC, a.id DESC LIMIT %s"""  # noqa: S608 - constants only
_NEWEST = f"{_TOLD} ORDER BY a.made_at DESC, a.id DESC LIMIT %s"


def turned_on(customer_id: UUID) -> list[AlertSubscription]:
    """What a customer is told of, by topic. One query."""
    rows = AlertSubscription.objects.filter(customer_id=customer_id, confirmed_at__isnull=False, ended_at__isnull=True)
    return list(rows.order_by("topic", "created_at"))


def told_to(customer_id: UUID, *, limit: int = PAGE) -> list[Told]:
    """The newest first. One query."""
    return _told(fetch_all(_OF_CUSTOMER, (customer_id, limit)))


def newest(*, limit: int = PAGE) -> list[Told]:
    """What was told to anybody, the newest first. One query."""
    return _told(fetch_all(_NEWEST, (limit,)))


def _told(rows: Sequence[tuple[object, ...]]) -> list[Told]:
    names = ("topic", "words", "source", "made_at", "channel", "state", "sent_at", "error", "address")
    found = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        topic = TOPICS.get(str(values["topic"]))
        values |= {"topic": str(topic.name) if topic else values["topic"], "state": State(str(values["state"]))}
        found.append(Told(**values))  # type: ignore[arg-type]
    return found
