"""The chain of seals: what a seal holds, and what its hash must be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from townhall.core.db import fetch_all

FIRST_PREVIOUS = "0" * 64  # the seal before the first
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """As in the table `ledger_seal`, in the order of its columns."""

    number: int
    from_position: int
    to_position: int  # the first position not in it
    entries: int
    looks: int
    entries_digest: str
    looks_digest: str
    previous_hash: str
    hash: str
    sealed_at: datetime

    def right_hash(self) -> str:
        """What `hash` must be: SHA-256 of the other fields, one a line."""
        sealed = (
            "townhall ledger seal",
            self.number,
            self.from_position,
            self.to_position,
            self.entries,
            self.looks,
            self.entries_digest,
            self.looks_digest,
            self.previous_hash,
            (self.sealed_at - _EPOCH) // timedelta(microseconds=1),
        )
        return hashlib.sha256("\n".join(map(str, sealed)).encode()).hexdigest()


_COLUMNS = tuple(field.name for field in fields(Seal))


def seals_after(number: int, *, limit: int) -> list[Seal]:
    """The next seals in order."""
    rows = fetch_all(
        """SELECT number, from_position, to_position, entries, looks, entries_digest, looks_digest, previous_hash, hash, sealed_at
           FROM ledger_seal WHERE number > %s ORDER BY number LIMIT %s""",
        (number, limit),
    )
    return [Seal(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def all_seals() -> Iterator[Seal]:
    number = 0
    while seals := seals_after(number, limit=5_000):
        yield from seals
        number = seals[-1].number
