"""Telling people: of what is new around them, and of what is soon due. One item makes one alert for a person, however often it is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.db import execute, fetch_all, insert_unless_there, json, pipelined
from townhall.core.ids import uuid7
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.engagement import quiet
from townhall.engagement.models import AlertItem
from townhall.engagement.subscribing import CONFIRM_WITHIN, stop_link
from townhall.engagement.topics import FURTHEST, TOPICS, Topic
from townhall.ledger import operations as ledger
from townhall.neighbourhood.events import NewProposal, ProposalsAppeared
from townhall.neighbourhood.models import Proposal
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.payments.owed import reference_key

ITEMS, REMINDERS = 20, 500  # in one go
NEWS = timedelta(days=28)  # an application received before that is none
# A customer is written to where they can be reached now, not where they could when they turned the alert on.
_EMAIL = """coalesce((
    SELECT p.normalised FROM customers_contactpoint p WHERE p.customer_id = s.customer_id AND p.kind = 'email'
      AND p.ended_at IS NULL ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1), s.email)"""
_PERSON = f"s.id, s.customer_id, s.name, s.phone, s.by_text, {_EMAIL}"
_HOLDS = "s.topic = %s AND s.confirmed_at IS NOT NULL AND s.ended_at IS NULL"
_AGREED = """(s.customer_id IS NULL OR %s = '' OR EXISTS (SELECT 1 FROM customers_consent c
    WHERE c.customer_id = s.customer_id AND c.purpose = %s AND c.withdrawn_at IS NULL))"""
_AROUND = f"""
    SELECT {_PERSON} FROM engagement_alertsubscription s
    WHERE {_HOLDS} AND s.easting BETWEEN %s AND %s
      AND (s.easting - %s)::float8 ^ 2 + (s.northing - %s)::float8 ^ 2 <= s.radius_m::float8 ^ 2
      AND s.confirmed_at <= %s AND {_AGREED}
    ORDER BY s.id"""  # noqa: S608 - constants only
_DUE = """payments_charge c WHERE c.kind_id = %s AND c.state = 'open' AND NOT c.by_direct_debit
    AND c.due_on BETWEEN %s AND %s"""
_BILL = "c.reference_key, c.reference, c.description, c.due_on, c.amount_pence, c.source, c.id"
_REMIND = f"""
    WITH due AS MATERIALIZED (SELECT c.customer_id, {_BILL} FROM {_DUE}),
    wanted AS (
        SELECT s.id AS subscription, due.* FROM due JOIN engagement_alertsubscription s
          ON s.customer_id = due.customer_id WHERE {_HOLDS}
        UNION
        SELECT s.id, due.* FROM due JOIN engagement_alertsubscription s
          ON s.place_key = due.reference_key AND s.place_key <> '' WHERE {_HOLDS})
    SELECT {_PERSON}, {_BILL} FROM wanted c JOIN engagement_alertsubscription s ON s.id = c.subscription
    JOIN LATERAL (SELECT {_EMAIL} AS email) AS reached ON true
    WHERE NOT EXISTS (SELECT 1 FROM engagement_alert a WHERE a.message_key = 'alert-' || left(encode(sha256(convert_to(
        concat_ws(E'\\n', reached.email, s.topic, c.reference_key || ':' || c.due_on), 'UTF8')), 'hex'), 40))
      AND (%s::uuid IS NULL OR s.id = %s)
    ORDER BY c.due_on, s.id LIMIT %s"""  # noqa: S608 - constants only


def proposals_appeared(event: ProposalsAppeared) -> None:
    """New applications become items to tell of. The same reference again, however it is written, is the same item."""
    if event.kind != Proposal.Kind.PLANNING:
        return
    for one in event.proposals:
        if one.easting is None or one.northing is None or not _is_news(one, at=event.at):
            continue
        row = {
            "id": uuid7(),
            "topic": "planning",
            "key": reference_key(one.reference),
            "source": event.source,
            "data": json(
                {
                    "reference": one.reference,
                    "description": one.description,
                    "location": one.location,
                    "link": f"{settings.PUBLIC_URL}/planning/{one.id}",
                }
            ),
            "easting": one.easting,
            "northing": one.northing,
            "found_at": event.at,
            "told_at": None,
            "told": 0,
        }
        insert_unless_there("engagement_alertitem", row)


def _is_news(one: NewProposal, *, at: datetime) -> bool:
    """Not what a first import brings of years ago."""
    return one.is_open and (one.received_on is None or council_date(at) - one.received_on <= NEWS)


def tell_of_items(at: datetime) -> int:
    """Everybody whose circle holds a new item is told of it, after the quiet hours; how many items there were."""
    with transaction.atomic():
        waiting = AlertItem.objects.select_for_update(skip_locked=True).filter(told_at__isnull=True)
        items = list(waiting.order_by("found_at", "id")[:ITEMS])
        for item in items:
            item.told, item.told_at = _tell(item, at=at), at
            item.save(update_fields=["told", "told_at"])
            ledger.record("alert.told", about=item.subject, by=SYSTEM, at=at, data={"told": item.told})
    return len(items)


def _tell(item: AlertItem, *, at: datetime) -> int:
    topic = TOPICS[item.topic]
    west, east = item.easting - FURTHEST, item.easting + FURTHEST
    people = fetch_all(
        _AROUND,
        (topic.code, west, east, item.easting, item.northing, item.found_at, topic.consent, topic.consent),
    )
    told = set()
    with pipelined():
        for person in people:
            if person[5] not in told:
                _alert(
                    person,
                    topic,
                    item=item.key,
                    words=item.data["reference"],
                    source=item.source,
                    context=item.data,
                    at=at,
                )
            told.add(person[5])
    return len(told)


def remind_of_council_tax(at: datetime, *, only: UUID | None = None) -> int:
    """Instalments due within five days, to who asked; never those that the bank pays. Nothing is looked up in the quiet hours, so that
    who has paid by the morning hears nothing. `only`: one subscription, just turned on. How many were told.
    """
    if quiet.over_at(at) != at:
        return 0
    topic, today = TOPICS["council-tax"], council_date(at)
    until = today + topic.ahead
    with transaction.atomic():
        due = fetch_all(_REMIND, (topic.charge_kind, today, until, topic.code, topic.code, only, only, REMINDERS))
        with pipelined():
            for row in due:
                key, reference, words, due_on, pence, source, charge_id = row[6:]
                context = {
                    "reference": reference,
                    "description": words,
                    "due_on": due_on,
                    "pence": Pence(pence),
                    "link": f"{settings.PUBLIC_URL}/pay/{charge_id}",
                }
                _alert(row, topic, item=f"{key}:{due_on}", words=words, source=source, context=context, at=at)
    return len(due)


def _alert(
    person: tuple[Any, ...],
    topic: Topic,
    *,
    item: str,
    words: str,
    source: str,
    context: Mapping[str, object],
    at: datetime,
) -> None:
    """One message and its record. `person`: the columns of _PERSON."""
    subscription_id, customer_id, name, phone, by_text, email = person[:6]
    key = message_key(email, topic.code, item)
    stop = stop_link(subscription_id)
    allowed = quiet.over_at(at)
    notifications.send(
        topic.template,
        to=Recipient(name=name, email=email, phone=phone if by_text else "", customer_id=customer_id),
        about=Subject(kind="alert_subscription", id=subscription_id),
        key=key,
        context={**context, "stop": stop, "unsubscribe_url": stop},
        channel="text" if by_text else None,
        at=at,
        not_before=allowed if allowed != at else None,
    )
    row = {
        "id": uuid7(),
        "subscription_id": subscription_id,
        "topic": topic.code,
        "item": item,
        "words": words,
        "source": source,
        "made_at": at,
        "message_key": key,
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
