"""Messages to very many people in the same words: made by the database, thousands in one statement; the usual sweep sends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_all
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications.operations import _mail_domain
from townhall.notifications.wording import version_of

STOP = "https://stop.invalid/"  # stands in the words where each reader's own link goes
_QUEUE = """
    INSERT INTO notifications_message (id, key, template, channel, recipient_name, recipient_address, customer_id, subject_kind,
      template_version, subject_id, subject_line, body_text, unsubscribe_url, state, attempts, next_attempt_at,
      message_id, provider_id, error, created_at)
    SELECT made.id, made.key, %s, 'email', made.name, made.email, made.customer_id, %s, %s, %s, %s, replace(%s, %s, made.stop),
      made.stop, 'pending', 0, %s, '<' || replace(made.id::text, '-', '') || '@' || %s || '>', '', '', %s
    FROM (SELECT gen_random_uuid() AS id, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[])
      AS given (key, name, email, customer_id, stop)) AS made
    ON CONFLICT (key) DO NOTHING"""


def queue_mails(
    readers: Sequence[tuple[str, str, str, UUID, str]],
    *,
    template: str,
    about: Subject,
    subject_line: str,
    body_text: str,
    not_before: datetime,
    at: datetime,
) -> int:
    """One mail for each reader (key, name, address, customer, link that stops it); how many were new. One statement.

    body_text: the same for all; where it says STOP each reader's own link stands.
    """
    if not readers:
        return 0
    columns = [list(column) for column in zip(*readers, strict=True)]
    given = (template, about.kind, version_of(template), about.id, subject_line, body_text, STOP)
    return execute(_QUEUE, (*given, aware(not_before), _mail_domain(), aware(at), *columns))


def withdraw_from(customer_id: UUID, template: str, *, by: Actor, at: datetime) -> int:
    """Take back what still waits for one customer of one kind of mailing; how many messages that was."""
    taken_back = fetch_all(
        """UPDATE notifications_message SET state = 'withdrawn', next_attempt_at = NULL
        WHERE customer_id = %s AND template = %s AND state || '' = 'pending' RETURNING id""",
        (customer_id, template),
    )
    for (message_id,) in taken_back:
        about = Subject(kind="message", id=message_id)
        ledger.record("message.withdrawn", about=about, by=by, at=at, customer_id=customer_id)
    return len(taken_back)
