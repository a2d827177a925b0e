"""How many people got in touch after an issue of the newsletter, against before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from townhall.core.db import fetch_all
from townhall.engagement.models import Issue

WEEK = timedelta(days=7)
_CONTACTS = """
    SELECT service_code, count(*) FILTER (WHERE started_at < %s), count(*) FILTER (WHERE started_at >= %s)
    FROM contacts_contact WHERE started_at >= %s AND started_at < %s GROUP BY service_code
    ORDER BY count(*) FILTER (WHERE started_at >= %s) - count(*) FILTER (WHERE started_at < %s) DESC, service_code"""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Contacts of one service in the week before and the week after. `service_code`: empty when none was named."""

    service_code: str
    before: int
    after: int

    @property
    def more(self) -> int:
        return self.after - self.before


def effect_of(issue: Issue, *, at: datetime) -> list[Effect]:
    """By service, the greatest rise first; empty before it went out. While the week after runs, the time before is as long. One query."""
    if issue.began_at is None:
        return []
    sent = issue.began_at
    length = min(WEEK, at - sent)
    rows = fetch_all(_CONTACTS, (sent, sent, sent - length, sent + length, sent, sent))
    return [Effect(service_code=code, before=before, after=after) for code, before, after in rows]
