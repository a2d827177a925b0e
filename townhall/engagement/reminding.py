"""Telling people of what is soon due: instalments of council tax, and what other apps and systems say runs out.

Each topic's source is named in `config/reminders.py`, so that this app need not know permits or the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.core.db import fetch_all, pipelined
from townhall.core.money import Pence
from townhall.core.time import council_date
from townhall.engagement import quiet
from townhall.engagement.alerting import alert, message_key
from townhall.engagement.people import EMAIL, HOLDS, PERSON, Person
from townhall.engagement.topics import TOPICS, Topic

REMINDERS = 500  # in one go
_DUE = """payments_charge c WHERE c.kind_id = %s AND c.state = 'open' AND NOT c.by_direct_debit
    AND c.due_on BETWEEN %s AND %s"""
_BILL = "c.reference_key, c.reference, c.description, c.due_on, c.amount_pence, c.source, c.id"
_REMIND = f"""
    WITH due AS MATERIALIZED (SELECT c.customer_id, {_BILL} FROM {_DUE}),
    wanted AS (
        SELECT s.id AS subscription, due.* FROM due JOIN engagement_alertsubscription s
          ON s.customer_id = due.customer_id WHERE {HOLDS}
        UNION
        SELECT s.id, due.* FROM due JOIN engagement_alertsubscription s
          ON s.place_key = due.reference_key AND s.place_key <> '' WHERE {HOLDS})
    SELECT {PERSON}, {_BILL} FROM wanted c JOIN engagement_alertsubscription s ON s.id = c.subscription
    JOIN LATERAL (SELECT {EMAIL} AS email) AS reached ON true
    WHERE NOT EXISTS (SELECT 1 FROM engagement_alert a WHERE a.message_key = 'alert-' || left(encode(sha256(convert_to(
        concat_ws(E'\\n', reached.email, s.topic, c.reference_key || ':' || c.due_on), 'UTF8')), 'hex'), 40))
      AND (%s::uuid IS NULL OR s.id = %s)
    ORDER BY c.due_on, s.id LIMIT %s"""  # noqa: S608 - constants only
_WANT = f"""SELECT {PERSON} FROM engagement_alertsubscription s
    WHERE {HOLDS} AND s.customer_id = ANY(%s) ORDER BY s.id"""  # noqa: S608 - constants only
_TOLD = "SELECT message_key FROM engagement_alert WHERE message_key = ANY(%s)"


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
                person, item = Person(*row[:6]), f"{key}:{due_on}"
                alert(person, topic, item=item, words=words, source=source, context=context, at=at)
    return len(due)


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something of a customer that is soon due. `key` names it with its day: the same is told once."""

    key: str
    words: str
    source: str  # the system or app that says so
    customer_id: UUID
    context: Mapping[str, Any] = field(default_factory=dict)  # for the topic's message


Source = Callable[[date, date, datetime], Iterator[Sequence[Due]]]


_sources: dict[str, Source] = {}


def register(topic: str, source: Source) -> None:
    """The topic's reminders come from `source(first day, last day, at)`, a page at a time, asked outside any transaction. It may raise:
    the worker notes that, and asks again later. Once for each topic; another replaces it.
    """
    _sources[TOPICS[topic].code] = source


def remind_of(code: str, at: datetime) -> int:
    """What the topic's source says is soon due; how many were told. Nothing is asked in the quiet hours, or without a source."""
    topic, source, today = TOPICS[code], _sources.get(code), council_date(at)
    if source is None or quiet.over_at(at) != at:
        return 0
    return sum(remind(topic, page, at=at) for page in source(today, today + topic.ahead, at))


def remind(topic: Topic, page: Sequence[Due], *, at: datetime) -> int:
    """Tell those who asked of what is due; how many alerts that made. Two queries, however long the page."""
    with transaction.atomic():
        wanted = _wanted(topic, page)
        keys = [message_key(person.email, topic.code, due.key) for person, due in wanted]
        told = {row[0] for row in fetch_all(_TOLD, (keys,))} if keys else set()
        fresh = {key: pair for key, pair in zip(keys, wanted, strict=True) if key not in told}
        with pipelined():
            for person, due in fresh.values():
                context = {**due.context, "words": due.words}
                alert(person, topic, item=due.key, words=due.words, source=due.source, context=context, at=at)
    return len(fresh)


def _wanted(topic: Topic, page: Sequence[Due]) -> list[tuple[Person, Due]]:
    customers = list({due.customer_id for due in page})
    people = [Person(*row) for row in fetch_all(_WANT, (topic.code, customers))]
    by_holder = {person.customer_id: person for person in people}
    return [(person, due) for due in page if (person := by_holder.get(due.customer_id))]
