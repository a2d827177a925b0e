"""What people answer to a text that the staff wrote: it is its owner's to deal with, and it stands on the customer's record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from townhall.core.actors import PUBLIC
from townhall.core.db import execute, fetch_all
from townhall.engagement.texting.models import TextReply, WrittenText
from townhall.ledger import operations as ledger
from townhall.notifications import bulk_texts
from townhall.notifications.models import ReceivedText

ANSWERED_WITHIN: Final = timedelta(days=14)
# Something else that we texted them about since: their answer is to that.
_SINCE = """SELECT 1 FROM notifications_message m WHERE m.customer_id = ANY(%s) AND m.channel = 'text' AND m.created_at > %s
    AND m.case_id IS NOT NULL AND m.subject_kind <> 'written_text' LIMIT 1"""
_OPTED_OUT = """UPDATE engagement_writtentext SET opted_out_at = %s WHERE id = (SELECT t.id FROM engagement_writtentext t
    WHERE t.number = %s AND t.state = 'queued' AND t.campaign_id IS NOT NULL AND t.at > %s ORDER BY t.at DESC LIMIT 1)"""
_WAITING = """SELECT t.message_id FROM engagement_writtentext t WHERE t.number = %s AND t.state = 'queued'
    AND (t.campaign_id IS NOT NULL OR %s)"""


def keep(text: ReceivedText, known: list[UUID], *, at: datetime) -> TextReply | None:
    """The answer to the last text that somebody on the staff wrote to this number; None when it answers none. Inside a transaction."""
    since = at - ANSWERED_WITHIN
    texts = WrittenText.objects.filter(number=text.number, state=WrittenText.State.QUEUED, at__gt=since)
    last = texts.order_by("-at", "-id").first()
    if last is None or last.at is None or (known and fetch_all(_SINCE, (known, last.at))):
        return None
    customer = last.customer_id or (known[0] if len(known) == 1 else None)
    row = TextReply(
        received=text, answers=last, customer_id=customer, case_id=last.case_id, owner_id=last.owner_id, at=at
    )
    row.save(force_insert=True)
    ledger.record("text_reply.received", about=row.subject, by=PUBLIC, at=at, case_id=row.case_id, customer_id=customer)
    return row


def opted_out(number: str, *, everything: bool, at: datetime) -> None:
    """They texted STOP: what still waits for them is taken back, and the text that they answered knows it."""
    execute(_OPTED_OUT, (at, number, at - ANSWERED_WITHIN))
    waiting = [row[0] for row in fetch_all(_WAITING, (number, everything))]
    bulk_texts.take_back_these(waiting)
