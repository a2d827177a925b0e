"""Texts to very many people, each in its own words: made by the database, thousands in one statement; the usual sweep sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import execute, fetch_all
from townhall.core.subjects import Subject
from townhall.core.time import aware

_QUEUE = """
    INSERT INTO notifications_message (id, key, template, channel, recipient_name, recipient_address, customer_id, subject_kind,
      subject_id, case_id, service_code, template_version, subject_line, body_text, unsubscribe_url, state, attempts, next_attempt_at,
      message_id, provider_id, error, created_at)
    SELECT given.id, given.key, %s, 'text', given.name, given.number, given.customer_id, %s, %s, %s, %s, %s, '', given.words, '', 'pending',
      0, %s, '', '', '', %s
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[])
      AS given (id, key, name, number, customer_id, words)
    ON CONFLICT (key) DO NOTHING"""
_TAKE_BACK = """UPDATE notifications_message SET state = 'withdrawn', next_attempt_at = NULL
    WHERE subject_kind = %s AND subject_id = %s AND state = 'pending' RETURNING id"""
_TAKE_BACK_THESE = """UPDATE notifications_message SET state = 'withdrawn', next_attempt_at = NULL
    WHERE id = ANY(%s) AND state || '' = 'pending' RETURNING id"""


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text. number: +44…; words: as they go out."""

    id: UUID
    key: str
    number: str
    words: str
    customer_id: UUID | None = None
    name: str = ""


def queue_texts(
    texts: Sequence[Text],
    *,
    template: str,
    about: Subject,
    not_before: datetime,
    at: datetime,
    case_id: UUID | None = None,
    service: str = "",
    template_version: str = "",
) -> int:
    """Texts and nothing else: none is sent by another way where the number fails. How many were new. One statement.

    service, template_version: as in `operations.send`.
    """
    if not texts:
        return 0
    columns = [
        [one.id for one in texts],
        [one.key for one in texts],
        [one.name for one in texts],
        [one.number for one in texts],
        [one.customer_id for one in texts],
        [one.words for one in texts],
    ]
    given = (template, about.kind, about.id, case_id, service, template_version)
    return execute(_QUEUE, (*given, aware(not_before), aware(at), *columns))


def take_back(about: Subject) -> list[UUID]:
    """Withdraw what still waits about one subject; which messages. What is under way or sent is left. The caller records it."""
    return [row[0] for row in fetch_all(_TAKE_BACK, (about.kind, about.id))]


def take_back_these(messages: Sequence[UUID]) -> list[UUID]:
    """Withdraw those of these that still wait; which ones."""
    return [row[0] for row in fetch_all(_TAKE_BACK_THESE, (list(messages),))] if messages else []
