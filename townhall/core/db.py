"""Plain inserts, prepared once and sent together.

Every mechanism that writes a row on the way of a request (ledger, clocks, messages, deliveries …) uses `insert`. Ids are made
here, so no insert has to wait for an answer: inside `pipelined()` they travel to the server in one go. Outside it they simply run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec
import psycopg
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb


def dump_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def json(value: object) -> Jsonb:
    """`value` as a jsonb parameter."""
    return Jsonb(value, dumps=dump_json)


def _raw() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    raw = connection.connection
    # With a pool Django hands out the psycopg connection itself.
    assert isinstance(raw, psycopg.Connection)
    return raw


@cache
def _insert_statement(table: str, columns: tuple[str, ...], suffix: str) -> bytes:
    """As bytes: psycopg would write a Composed out again at every insert."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        sql.SQL(suffix),
    )
    return statement.as_bytes()


def _adapt(value: object) -> object:
    return json(value) if isinstance(value, dict | list) else value


def insert(table: str, values: Mapping[str, object]) -> None:
    """Insert one row. Dicts and lists become jsonb. Inside `pipelined()` an error appears when the block ends."""
    statement = _insert_statement(table, tuple(values), "")
    psycopg.Cursor(_raw()).execute(statement, [_adapt(value) for value in values.values()], prepare=True)


def copy_rows(table: str, rows: Iterable[Mapping[str, object]]) -> int:
    """Insert many rows, all with the columns of the first, by COPY; how many. Every constraint holds as for an insert.

    For records of the past in bulk: nothing may be in a pipeline.
    """
    columns: tuple[str, ...] = ()
    lines: list[list[object]] = []
    for row in rows:
        columns = columns or tuple(row)
        values = map(row.__getitem__, columns)
        lines.append([json(value) if type(value) in (dict, list) else value for value in values])
    if not lines:
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with psycopg.Cursor(_raw()).copy(statement) as copy:
        for line in lines:
            copy.write_row(line)
    return len(lines)


def insert_unless_there(table: str, values: Mapping[str, object]) -> bool:
    """Insert one row; False when a unique key already holds it. Waits for a concurrent insert of the same key to end."""
    statement = _insert_statement(table, tuple(values), "ON CONFLICT DO NOTHING")
    cursor = psycopg.Cursor(_raw()).execute(statement, [_adapt(value) for value in values.values()], prepare=True)
    return cursor.rowcount == 1


def fetch_all(query: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
    """Rows of a hot read, prepared. `query` is a constant of ours, never built from input."""
    cursor = psycopg.Cursor(_raw()).execute(query.encode(), parameters, prepare=True)
    return cursor.fetchall()


def fetch_one(query: str, parameters: Sequence[object] = ()) -> tuple[Any, ...] | None:
    cursor = psycopg.Cursor(_raw()).execute(query.encode(), parameters, prepare=True)
    return cursor.fetchone()


def execute(query: str, parameters: Sequence[object] = ()) -> int:
    """Run a hot write, prepared; the number of rows it touched (not known inside `pipelined()`)."""
    return psycopg.Cursor(_raw()).execute(query.encode(), parameters, prepare=True).rowcount


@contextmanager
def pipelined() -> Iterator[None]:
    """Send the writes inside without waiting for each answer. Use within `transaction.atomic()`; ends with every error raised."""
    with _raw().pipeline():
        yield
