"""Sealing: a hash over a batch of rows and the seal before, made behind the oldest running transaction. Writers never wait.

A row's position is its transaction's number (plus the era's offset). A transaction below the horizon has ended, so no row can
appear there any more, and each row is sealed exactly once whatever the order of commits. See docs/adr/0003-ledger-seals.md.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from townhall.core.db import fetch_one, insert
from townhall.core.time import aware
from townhall.ledger.chain import FIRST_PREVIOUS, Seal
from townhall.ledger.rows import digest_rows
from townhall.ledger.seal_file import append_missing, outside

BATCH = 20_000  # rows in a seal, more only when one transaction wrote more
_LOCK = 7_326_011_001  # advisory: one sealer at a time, in this database


def ensure_era() -> int:
    """Call when a process starts, before anything is written: a restored copy then goes on after every sealed row."""
    row = fetch_one("SELECT ledger_ensure_era()")
    assert row is not None
    return int(row[0])


def horizon() -> int:
    """Every transaction with a lower position has ended; every later one's rows get this position or a higher one."""
    row = fetch_one("SELECT ledger_horizon()")
    assert row is not None
    return int(row[0])


def seal(at: datetime, *, batch: int = BATCH) -> int:
    """Seal the next rows, at most about `batch`; how many. 0 when there are none or another process is sealing."""
    with transaction.atomic():
        locked = fetch_one("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))
        if locked != (True,):
            return 0
        made = _next_seal(at, batch)
        if made is None:
            return 0
        insert("ledger_seal", asdict(made))
    return made.entries + made.looks


def sweep(at: datetime) -> int:
    """Seal what waits and copy new seals to the file. Not 0 when a whole batch was sealed, so more may wait."""
    sealed = seal(at)
    if path := outside():
        append_missing(path)
    return sealed if sealed >= BATCH else 0


def _next_seal(at: datetime, batch: int) -> Seal | None:
    last = fetch_one("SELECT number, to_position, hash FROM ledger_seal ORDER BY number DESC LIMIT 1")
    number, start, previous = last or (0, 0, FIRST_PREVIOUS)
    end = _end_of_batch(start, batch)
    if end is None:
        return None
    entries = digest_rows("ledger_entry", start=start, end=end)
    looks = digest_rows("ledger_look", start=start, end=end)
    fields: dict[str, Any] = {
        "number": number + 1,
        "from_position": start,
        "to_position": end,
        "entries": entries.rows,
        "looks": looks.rows,
        "entries_digest": entries.sha256,
        "looks_digest": looks.sha256,
        "previous_hash": previous,
        "sealed_at": aware(at),
    }
    return Seal(**fields, hash=Seal(**fields, hash="").right_hash())


def _end_of_batch(start: int, batch: int) -> int | None:
    """The position up to which to seal, None when nothing waits. Never divides a transaction."""
    until = horizon()
    row = fetch_one(
        """WITH waiting AS (
             (SELECT position FROM ledger_entry WHERE position >= %s AND position < %s ORDER BY position LIMIT %s)
             UNION ALL
             (SELECT position FROM ledger_look WHERE position >= %s AND position < %s ORDER BY position LIMIT %s))
           SELECT min(position), (SELECT position FROM waiting ORDER BY position OFFSET %s LIMIT 1) FROM waiting""",
        (start, until, batch + 1, start, until, batch + 1, batch),
    )
    assert row is not None
    first, beyond = row
    if first is None:
        return None
    if beyond is None:
        return until
    return int(beyond) if beyond > first else int(beyond) + 1
