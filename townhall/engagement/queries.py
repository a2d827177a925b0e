"""What pages show of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_id
from townhall.engagement.models import AlertSubscription
from townhall.engagement.topics import TOPICS
from townhall.notifications.states import Failing, State

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


@dataclass(frozen=True, kw_only=True)
class FailingAddress:
    address: str
    because: Failing
    detail: str
    since: datetime


_FAILING = """SELECT u.address, u.because, u.detail, u.since FROM customers_contactpoint p
    JOIN notifications_unreachable u ON u.address = p.normalised AND u.channel = CASE p.kind WHEN 'phone' THEN 'text' ELSE 'email' END
    WHERE p.customer_id = %s AND p.ended_at IS NULL AND u.ended_at IS NULL ORDER BY u.since DESC LIMIT 10"""


def failing_of(customer_id: UUID) -> list[FailingAddress]:
    """A customer's addresses to which nothing is sent just now, and why. One query."""
    return [
        FailingAddress(address=address, because=Failing(because), detail=detail, since=since)
        for address, because, detail, since in fetch_all(_FAILING, (customer_id,))
    ]


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """A text that somebody sent us. `reference`: of the case that it became or was added to."""

    id: UUID
    number: str
    body: str
    received_at: datetime
    done: str
    reference: str | None


_TEXTS = """SELECT t.id, t.number, t.body, t.received_at, t.done, c.reference FROM notifications_receivedtext t
    LEFT JOIN cases_case c ON c.id = t.case_id WHERE t.id < %s ORDER BY t.id DESC LIMIT %s"""
_LAST = UUID(int=2**128 - 1)


def texts_received(*, after: str = "", size: int = PAGE) -> Page[TextLine]:
    """The newest first, a page at a time. One query."""
    rows = fetch_all(_TEXTS, (read_id(after) or _LAST, size + 1))
    lines = [TextLine(**dict(zip(TextLine.__dataclass_fields__, row, strict=True))) for row in rows]
    return page_of(lines, size=size, key=lambda one: (one.id,))


def _told(rows: Sequence[tuple[object, ...]]) -> list[Told]:
    names = ("topic", "words", "source", "made_at", "channel", "state", "sent_at", "error", "address")
    found = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        topic = TOPICS.get(str(values["topic"]))
        values |= {"topic": str(topic.name) if topic else values["topic"], "state": State(str(values["state"]))}
        found.append(Told(**values))  # type: ignore[arg-type]
    return found
