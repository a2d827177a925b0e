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
from typing import Any, NamedTuple

import msgspec
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from townhall.core import prepared

_JSON = (dict, list)


def dump_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def json(value: object) -> Jsonb:
    """`value` as a jsonb parameter."""
    return Jsonb(value, dumps=dump_json)


def _raw() -> psycopg.Connection[Any]:
    wrapper = connections[DEFAULT_DB_ALIAS]  # once: each look through `connection` costs as much
    if wrapper.connection is None:
        wrapper.ensure_connection()
    raw = wrapper.connection
    assert isinstance(raw, psycopg.Connection)
    return raw


class _Insert(NamedTuple):
    """An INSERT in its parts, so that several rows of one table can go as one. As bytes: psycopg would write a Composed out each time."""

    head: bytes
    row: bytes
    tail: bytes

    def of(self, rows: int) -> bytes:
        return self.head + b", ".join([self.row] * rows) + self.tail


@cache
def _insert_of(table: str, columns: tuple[str, ...], always: tuple[tuple[str, object], ...], tail: str = "") -> _Insert:
    names = [sql.Identifier(name) for name in (*columns, *(name for name, _value in always))]
    cells = [*([sql.Placeholder()] * len(columns)), *(sql.Literal(value) for _name, value in always)]
    head = sql.SQL("INSERT INTO {} ({}) VALUES ").format(sql.Identifier(table), sql.SQL(", ").join(names))
    row = sql.SQL("({})").format(sql.SQL(", ").join(cells))
    return _Insert(head.as_bytes(), row.as_bytes(), f" {tail}".encode() if tail else b"")


def _adapted(values: Mapping[str, object]) -> list[object]:
    return [json(value) if type(value) in _JSON else value for value in values.values()]


class _Gathered:
    """Writes that wait to be sent together, in their order; rows for one table in one insert."""

    MOST = 30  # writes in one statement; what comes after goes in another

    def __init__(self, *, alone: bool = False) -> None:
        self.alone = alone  # one statement and no more, as it is the whole transaction
        self._parts: dict[object, tuple[bytes | _Insert, list[Iterable[object]]]] = {}
        self._count = 0

    def add(self, part: bytes | _Insert, values: Iterable[object]) -> None:
        mergeable = isinstance(part, _Insert) and not part.tail
        self._parts.setdefault(part if mergeable else self._count, (part, []))[1].append(values)
        self._count += 1
        if self._count >= self.MOST and not self.alone:
            self.send()

    def send(self) -> None:
        if self._parts:
            parts, self._parts, self._count = self._parts, {}, 0
            values = [value for _part, rows in parts.values() for row in rows for value in row]
            statement = _as_one(tuple((part, len(rows)) for part, rows in parts.values()))
            prepared.run(_raw(), statement, values)


_present = local()  # .gathered: while this thread is in `pipelined()`


@lru_cache(maxsize=500)
def _as_one(parts: tuple[tuple[bytes | _Insert, int], ...]) -> bytes:
    """One statement that does them all. PostgreSQL runs each part of a WITH that writes to its end."""
    texts = [part.of(rows) if isinstance(part, _Insert) else part for part, rows in parts]
    if len(texts) == 1:
        return prepared.numbered(texts[0])
    named = [b"w%d AS (%s)" % (number, text) for number, text in enumerate(texts)]
    return prepared.numbered(b"WITH " + b", ".join(named) + b" SELECT")


def _write(part: bytes | _Insert, values: Sequence[object]) -> int:
    """The number of rows it touched; -1 while writes are gathered."""
    gathered: _Gathered | None = getattr(_present, "gathered", None)
    if gathered is not None:
        gathered.add(part, values)
        return -1
    statement = part.of(1) if isinstance(part, _Insert) else part
    return prepared.run(_raw(), prepared.numbered(statement), values).rowcount


def insert(table: str, values: Mapping[str, object], *, always: tuple[tuple[str, object], ...] = ()) -> None:
    """Insert one row. Dicts and lists become jsonb. Inside `pipelined()` an error appears when the block ends.

    always: columns that have the same value at each call from one place, given as constants; they cost less.
    """
    _write(_insert_of(table, tuple(values), always), _adapted(values))


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
    part = _insert_of(table, tuple(values), (), "ON CONFLICT DO NOTHING")
    return _write(part, _adapted(values)) == 1


def fetch_all(
    query: str, parameters: Sequence[object] | Mapping[str, object] = (), *, binary: bool = False
) -> list[tuple[Any, ...]]:
    """Rows of a hot read, prepared. `query` is a constant of ours, never built from input.

    binary: values travel as the server holds them. For dozens of rows with times and ids that takes a quarter of the time; `jsonb` is
    decoded then, so ask for `::text` where the text is wanted.
    """
    if is_pipelined() and not _present.gathered.alone:
        _present.gathered.send()  # a read sees what was written before it
    if isinstance(parameters, Mapping):
        statement, names = prepared.named(query)
        parameters = [parameters[name] for name in names]
    else:
        statement = prepared.numbered(query.encode())
    return prepared.run(_raw(), statement, parameters, binary=binary).rows()


def fetch_one(
    query: str, parameters: Sequence[object] | Mapping[str, object] = (), *, binary: bool = False
) -> tuple[Any, ...] | None:
    rows = fetch_all(query, parameters, binary=binary)
    return rows[0] if rows else None


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
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
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
