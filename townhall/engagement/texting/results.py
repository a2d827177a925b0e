"""How far a text to many is, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from townhall.core.db import fetch_all
from townhall.engagement.texting.audience import words_for
from townhall.engagement.texting.models import TextCampaign, WrittenText
from townhall.engagement.texting.standards import PURPOSES, is_open

_PROGRESS = """SELECT t.state, m.state, count(*), count(t.opted_out_at) FROM engagement_writtentext t
    LEFT JOIN notifications_message m ON m.id = t.message_id WHERE t.campaign_id = %s AND t.state <> 'left_out' GROUP BY 1, 2"""
_REPLIED = """SELECT count(DISTINCT r.answers_id) FROM engagement_textreply r JOIN engagement_writtentext t ON t.id = r.answers_id
    WHERE t.campaign_id = %s"""
_OF_MESSAGE = {"sent": "sent", "delivered": "delivered", "failed": "failed", "withdrawn": "stopped"}


def progress(row: TextCampaign) -> dict[str, int]:
    """How far it is: to_queue, waiting, sent, delivered, failed, stopped, replied, opted_out. Two queries."""
    counts: dict[str, int] = dict.fromkeys(
        ("to_queue", "waiting", "sent", "delivered", "failed", "stopped", "replied", "opted_out"), 0
    )
    for state, message, number, opted in fetch_all(_PROGRESS, (row.pk,)):
        name = {"chosen": "to_queue", "stopped": "stopped"}.get(state) or _OF_MESSAGE.get(message or "", "waiting")
        counts[name] += number
        counts["opted_out"] += opted
    counts["replied"] = fetch_all(_REPLIED, (row.pk,))[0][0]
    return counts


def may_go_now(row: TextCampaign, *, at: datetime) -> bool:
    return bool(row.outside_hours) or is_open(PURPOSES[row.purpose], at)


def examples(row: TextCampaign, *, size: int = 5) -> list[dict[str, Any]]:
    """Some of the texts as they would go, the longest first. One query."""
    rows = WrittenText.objects.filter(campaign=row).exclude(state="left_out").order_by("-parts", "id")[:size]
    return [
        {
            "name": one.name,
            "number": one.number,
            "parts": one.parts,
            "words": one.words or words_for(row, one.name, one.given),
        }
        for one in rows
    ]
