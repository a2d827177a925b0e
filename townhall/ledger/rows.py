"""The ledger's rows as bytes, always the same for the same rows, so that anybody can compute a digest again.

The form is what `COPY (SELECT …) TO STDOUT` prints, one line a row, ordered by position and id: columns separated by tabs, `\\N` for
nothing, moments as whole microseconds since 1970. `psql` and `sha256sum` are enough to check a seal without this program.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import psycopg
from django.db import connection
from psycopg import sql

Table = Literal["ledger_entry", "ledger_look"]
_MOMENT = "(extract(epoch FROM at) * 1000000)::bigint"
_COLUMNS: dict[Table, str] = {
    "ledger_entry": "actor_kind, actor_id, verb, subject_kind, subject_id, customer_id, case_id, data",
    "ledger_look": "actor_kind, actor_id, customer_id, case_id, page, reason",
}


@dataclass(frozen=True)
class Digest:
    rows: int
    sha256: str  # hexadecimal


def copy_rows(table: Table, *, start: int, end: int) -> Iterator[bytes]:
    """Lines of the rows with start <= position < end, in order. Streams: no more than a buffer is in memory."""
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    statement = sql.SQL(
        "COPY (SELECT position, id, {moment}, {columns} FROM {table}"
        " WHERE position >= {start} AND position < {end} ORDER BY position, id, at) TO STDOUT"
    ).format(
        moment=sql.SQL(_MOMENT),
        columns=sql.SQL(_COLUMNS[table]),
        table=sql.Identifier(table),
        start=sql.Literal(start),
        end=sql.Literal(end),
    )
    with psycopg.Cursor(raw).copy(statement) as copy:
        for line in copy:
            yield bytes(line)


def digest_rows(table: Table, *, start: int, end: int) -> Digest:
    hasher, rows = hashlib.sha256(), 0
    for line in copy_rows(table, start=start, end=end):
        hasher.update(line)
        rows += 1
    return Digest(rows, hasher.hexdigest())
