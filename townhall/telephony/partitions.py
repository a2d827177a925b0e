"""The events of calls lie by month, so that what is old goes whole and what is new is near."""

from __future__ import annotations

from datetime import date, datetime

from townhall.core.db import fetch_one
from townhall.core.time import council_date


def sweep(at: datetime) -> int:
    """This month's partition and those of the next three. Always 0: there is never more to do at once."""
    today = council_date(at)
    make(today, date(today.year + (today.month + 2) // 12, (today.month + 2) % 12 + 1, 1))
    return 0


def make(first: date, last: date) -> int:
    row = fetch_one("SELECT telephony_make_partitions(%s::date, %s::date)", (first, last))
    return int(row[0]) if row else 0
