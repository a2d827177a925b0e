"""Telling people of what is new. One item makes one alert for a person, however often it is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.db import execute, fetch_one, insert_unless_there, pipelined
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.engagement import people, quiet
from townhall.engagement.models import AlertItem
from townhall.engagement.people import Person
from townhall.engagement.subscribing import CONFIRM_WITHIN, stop_link
from townhall.engagement.topics import TOPICS, Topic
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, phone_number
from townhall.notifications.states import Channel, State

ITEMS = 20  # in one go
_SAID = (
    "SELECT channel, recipient_address, state, subject_line, next_attempt_at FROM notifications_message WHERE key = %s"
)


def tell_of_items(at: datetime) -> int:
    """Everybody whom a new item touches is told of it, after the quiet hours; how many items there were."""
    with transaction.atomic():
        waiting = AlertItem.objects.select_for_update(skip_locked=True).filter(told_at__isnull=True, found_at__lte=at)
        items = list(waiting.order_by("found_at", "id")[:ITEMS])
        for item in items:
            item.told, item.told_at = _tell(item, at=at), at
            item.save(update_fields=["told", "told_at"])
            ledger.record("alert.told", about=item.subject, by=SYSTEM, at=at, data={"told": item.told})
    return len(items)


def _tell(item: AlertItem, *, at: datetime) -> int:
    topic = TOPICS[item.topic]
    if "message" in item.data and topic.code == "requests":
        return _tell_of_request(item, topic, at=at)
    told = set()
    found = people.touched(item, topic)
    with pipelined():
        for person in found:
            if person.email not in told:
                words = item.data.get("words") or item.data["reference"]
                alert(person, topic, item=item.key, words=words, source=item.source, context=item.data, at=at)
            told.add(person.email)
    return len(told)


def _tell_of_request(item: AlertItem, topic: Topic, *, at: datetime) -> int:
    """The case's own message is the alert where it went the same way; otherwise one goes the way that was asked for."""
    said = fetch_one(_SAID, (item.data["message"],))
    if said is None or said[2] == State.WITHDRAWN:  # the change was undone
        return 0
    channel, address, _state, subject_line, _next = said
    found = people.touched(item, topic)
    for person in found[:1]:
        wanted = Channel.TEXT if person.by_text else Channel.EMAIL
        same = (
            phone_number(person.phone) == phone_number(address) if person.by_text else person.email == address.lower()
        )
        if channel == wanted and same:
            record(person, topic, item.data["message"], item=item.key, words=subject_line, source=item.source, at=at)
        else:
            context = {**item.data, "subject": subject_line}
            alert(person, topic, item=item.key, words=subject_line, source=item.source, context=context, at=at)
    return len(found[:1])


def alert(
    person: Person,
    topic: Topic,
    *,
    item: str,
    words: str,
    source: str,
    context: Mapping[str, Any],
    at: datetime,
) -> None:
    """One message and its record."""
    key = message_key(person.email, topic.code, item)
    stop = stop_link(person.subscription_id)
    allowed = quiet.over_at(at)
    notifications.send(
        topic.template,
        to=Recipient(
            name=person.name,
            email=person.email,
            phone=person.phone if person.by_text else "",
            customer_id=person.customer_id,
        ),
        about=Subject(kind="alert_subscription", id=person.subscription_id),
        key=key,
        context={**context, "stop": stop, "unsubscribe_url": stop},
        channel="text" if person.by_text else None,
        at=at,
        not_before=allowed if allowed != at else None,
    )
    record(person, topic, key, item=item, words=words, source=source, at=at)


def record(person: Person, topic: Topic, message_key: str, *, item: str, words: str, source: str, at: datetime) -> None:
    """That somebody was told of an item by a message. Whether it arrived is what the message says."""
    row = {
        "id": uuid7(),
        "subscription_id": person.subscription_id,
        "topic": topic.code,
        "item": item,
        "words": words,
        "source": source,
        "made_at": at,
        "message_key": message_key,
    }
    insert_unless_there("engagement_alert", row)


def message_key(email: str, topic: str, item: str) -> str:
    """The same for one person and one item, whichever of their subscriptions it touches."""
    return "alert-" + hashlib.sha256(f"{email}\n{topic}\n{item}".encode()).hexdigest()[:40]


def forget_unconfirmed(at: datetime) -> int:
    """Addresses that nobody confirmed within a week are not kept; how many went."""
    return execute(
        "DELETE FROM engagement_alertsubscription WHERE confirmed_at IS NULL AND created_at < %s",
        (at - CONFIRM_WITHIN,),
    )
