"""Months of the ledger: made ahead by a daily sweep, and for the past by whoever loads old records."""

from __future__ import annotations

from datetime import date, datetime

from townhall.core.db import fetch_one
from townhall.core.time import aware

MONTHS_AHEAD = 3


def sweep(at: datetime) -> int:
    """Make this month's partitions and those of the next three. Always 0: there is never more to do at once."""
    today = aware(at).date()
    make_partitions(
        today, date(today.year + (today.month + MONTHS_AHEAD - 1) // 12, (today.month + MONTHS_AHEAD - 1) % 12 + 1, 1)
    )
    return 0


def make_partitions(first: date, last: date) -> int:
    """Partitions for every month from `first` to `last`, where there are none; how many were made.

    Call it before loading records of past months, outside a transaction that writes. Raises OperationalError when the tables were
    too busy for two seconds; try again later, as nothing depends on it but speed.
    """
    row = fetch_one("SELECT ledger_make_partitions(%s::date, %s::date)", (first, last))
    assert row is not None
    return int(row[0])
