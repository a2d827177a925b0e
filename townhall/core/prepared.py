"""Prepared statements, sent straight to libpq.

psycopg's cursors serve every kind of program, asynchronous ones too. Here one call of libpq sends the parameters and waits for the answer;
adapting values and loading rows stays psycopg's. Its own preparing is off (`prepare_threshold`), since it forgets every
statement of a connection, ours too, whenever a transaction is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

MOST = 250  # statements kept prepared on one connection
_Names = dict[tuple[bytes, tuple[int, ...]], bytes]
_number = count()
_NAMED = re.compile(r"%\((\w+)\)s")
_KEPT_AS = "_townhall"  # on the connection itself: it goes with it
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Kept:
    """What is kept with a connection: the statements prepared on it, and how values of each type are written and read."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.names: _Names = {}
        self.transformer: abc.Transformer = Transformer(connection)


def kept_with(connection: psycopg.Connection[Any]) -> Kept:
    kept: Kept | None = connection.__dict__.get(_KEPT_AS)
    if kept is None:
        kept = connection.__dict__[_KEPT_AS] = Kept(connection)
    return kept


class Answer:
    """What the server said to one statement. Read its rows before the next one is run on the connection."""

    def __init__(self, result: PGresult, transformer: abc.Transformer) -> None:
        self._result, self._transformer = result, transformer

    @property
    def rowcount(self) -> int:
        return self._result.command_tuples or 0

    def rows(self) -> list[tuple[Any, ...]]:
        self._transformer.set_pgresult(self._result)
        return self._transformer.load_rows(0, self._result.ntuples, tuple)


def run(
    connection: psycopg.Connection[Any], statement: bytes, values: Sequence[object], *, binary: bool = False
) -> Answer:
    """Run a statement whose parameters are written $1, $2 … `binary`: the rows of the answer are. Raises psycopg.Error."""
    if not connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE:
        _done(connection, lambda: connection.pgconn.exec_(b"BEGIN"))
    known = kept_with(connection)
    transformer, names = known.transformer, known.names
    parameters = transformer.dump_sequence(values, _formats(len(values)))
    key = (statement, transformer.types or ())
    name = names.get(key) or _prepare(connection, names, key)
    shape = Format.BINARY if binary else Format.TEXT
    libpq = connection.pgconn
    result = _done(connection, lambda: libpq.exec_prepared(name, parameters, transformer.formats, shape))  # type: ignore[arg-type]  # NULL is None
    return Answer(result, transformer)


def _done(connection: psycopg.Connection[Any], send: Callable[[], PGresult]) -> PGresult:
    try:
        result = send()
    except MemoryError as error:  # psycopg's word for no answer at all
        if connection.pgconn.status == ConnStatus.OK:
            raise
        raise psycopg.OperationalError(connection.pgconn.get_error_message()) from error
    if result.status in _DONE:
        return result
    if connection.pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result, encoding=connection.info.encoding)


def _prepare(connection: psycopg.Connection[Any], names: _Names, key: tuple[bytes, tuple[int, ...]]) -> bytes:
    while len(names) >= MOST:
        oldest = next(iter(names))
        connection.execute(b"DEALLOCATE " + names.pop(oldest))
    name = b"townhall_%d" % next(_number)
    statement, types = key
    _done(connection, lambda: connection.pgconn.prepare(name, statement, types))
    names[key] = name
    return name


@lru_cache(maxsize=1000)
def _formats(count: int) -> list[PyFormat]:
    return [PyFormat.AUTO] * count


@lru_cache(maxsize=1000)
def numbered(statement: bytes) -> bytes:
    """`%s` as `$1`, `$2` …, and `%%` as `%`."""
    first, *rest = statement.split(b"%s")
    pieces = b"".join(b"$%d%s" % (number, piece) for number, piece in enumerate(rest, start=1))
    return (first + pieces).replace(b"%%", b"%")


@lru_cache(maxsize=500)
def named(query: str) -> tuple[bytes, tuple[str, ...]]:
    """`%(name)s` as `$1`, `$2` …, and the names in that order, each once."""
    places: dict[str, int] = {}
    text = _NAMED.sub(lambda found: f"${places.setdefault(found[1], len(places) + 1)}", query)
    return text.replace("%%", "%").encode(), tuple(places)
