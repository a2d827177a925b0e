"""Plain inserts, prepared once and sent together.

Every mechanism that writes a row on the way of a request (ledger, clocks, messages, deliveries …) uses `insert`. Ids are made
here, so no insert has to wait for an answer: inside `pipelined()` they are gathered and go to the server as one statement, a WITH of
them all. Ten inserts then cost the processor time of two or three, here and there. Outside it they simply run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from threading import local
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
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


class _Gathered:
    """Writes that wait to be sent together, in their order."""

    MOST = 30  # statements in one; what comes after goes in another

    def __init__(self, *, alone: bool = False) -> None:
        self.alone = alone  # one statement and no more, as it is the whole transaction
        self._statements: list[bytes] = []
        self._values: list[object] = []

    def add(self, statement: bytes, values: Iterable[object]) -> None:
        self._statements.append(statement)
        self._values += values
        if len(self._statements) >= self.MOST and not self.alone:
            self.send()

    def send(self) -> None:
        if self._statements:
            statements, values = tuple(self._statements), self._values
            self._statements, self._values = [], []
            psycopg.RawCursor(_raw()).execute(_as_one(statements), values, prepare=True)


_present = local()  # .gathered: while this thread is in `pipelined()`


@lru_cache(maxsize=500)
def _as_one(statements: tuple[bytes, ...]) -> bytes:
    """One statement that does them all, with its parameters numbered. PostgreSQL runs each part of a WITH that writes to its end."""
    if len(statements) == 1:
        text = statements[0]
    else:
        parts = [b"w%d AS (%s)" % (number, one) for number, one in enumerate(statements)]
        text = b"WITH " + b", ".join(parts) + b" SELECT"
    first, *rest = text.split(b"%s")
    numbered = b"".join(b"$%d%s" % (number, piece) for number, piece in enumerate(rest, start=1))
    return (first + numbered).replace(b"%%", b"%")


def _write(statement: bytes, values: Sequence[object]) -> int:
    """The number of rows it touched; -1 while writes are gathered."""
    gathered: _Gathered | None = getattr(_present, "gathered", None)
    if gathered is not None:
        gathered.add(statement, values)
        return -1
    return psycopg.Cursor(_raw()).execute(statement, values, prepare=True).rowcount


def insert(table: str, values: Mapping[str, object]) -> None:
    """Insert one row. Dicts and lists become jsonb. Inside `pipelined()` an error appears when the block ends."""
    _write(_insert_statement(table, tuple(values), ""), [_adapt(value) for value in values.values()])


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
    """Insert one row; False when a unique key already holds it. Waits for a concurrent insert of the same key to end.

    Inside `pipelined()` False means nothing: the answer is not waited for.
    """
    statement = _insert_statement(table, tuple(values), "ON CONFLICT DO NOTHING")
    return _write(statement, [_adapt(value) for value in values.values()]) == 1


def fetch_all(
    query: str, parameters: Sequence[object] | Mapping[str, object] = (), *, binary: bool = False
) -> list[tuple[Any, ...]]:
    """Rows of a hot read, prepared. `query` is a constant of ours, never built from input.

    binary: values travel as the server holds them. For dozens of rows with times and ids that takes a quarter of the time; `jsonb` is
    decoded then, so ask for `::text` where the text is wanted.
    """
    return _read(query, parameters, binary=binary).fetchall()


def fetch_one(
    query: str, parameters: Sequence[object] | Mapping[str, object] = (), *, binary: bool = False
) -> tuple[Any, ...] | None:
    return _read(query, parameters, binary=binary).fetchone()


def _read(
    query: str, parameters: Sequence[object] | Mapping[str, object], *, binary: bool
) -> psycopg.Cursor[tuple[Any, ...]]:
    if is_pipelined() and not _present.gathered.alone:
        _present.gathered.send()  # a read sees what was written before it
    return psycopg.Cursor(_raw()).execute(query.encode(), parameters, prepare=True, binary=binary)


def execute(query: str, parameters: Sequence[object] = ()) -> int:
    """Run a hot write, prepared; the number of rows it touched (not known inside `pipelined()`)."""
    return _write(query.encode(), parameters)


def is_pipelined() -> bool:
    return getattr(_present, "gathered", None) is not None


@contextmanager
def pipelined() -> Iterator[None]:
    """Gather the writes inside, and send them as one when the block ends: every error is raised there.

    Use within `transaction.atomic()`. Reads of this module see what was written before them; the ORM's do not.
    """
    if is_pipelined():
        yield
        return
    yield from _gathering(_Gathered())


@contextmanager
def at_once() -> Iterator[None]:
    """All the writes inside as one statement: a transaction by itself, in one journey to the server.

    Reads inside are of reference data; they do not see what is being written. Within an outer transaction it is a part of that one.
    """
    if connection.in_atomic_block:
        with transaction.atomic(), pipelined():
            yield
        return
    yield from _gathering(_Gathered(alone=True))


def _gathering(gathered: _Gathered) -> Iterator[None]:
    _present.gathered = gathered
    try:
        yield
        gathered.send()
    finally:
        _present.gathered = None
