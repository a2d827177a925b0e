"""What many tests begin with: made once in each process by the operations themselves, and from then on copied back row by row.

    @kept
    def make_council(packs: Path = PACKS) -> None:

The first call makes it and keeps the rows that it added, as the database writes them. A later call with the same arguments puts
those rows back, where the tables are empty; where they are not it makes them as if nothing had been kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from django.db import connection, transaction
from psycopg import sql

from townhall.core.db import fetch_all
from townhall.core.refreshing import forget_all

P = ParamSpec("P")
_GIVEN_ANEW = {"position"}  # a row's place in the ledger: the database gives it when the row comes
_BY_TRIGGER = ["clocks_referenceversion"]
_WRITTEN = """
SELECT relname, n_tup_ins - n_tup_del, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname <> ALL(%s) ORDER BY relid
"""
_kept: dict[Hashable, list[Rows]] = {}


@dataclass(frozen=True)
class Rows:
    """The rows of one table, in the database's own binary writing."""

    table: str
    columns: sql.Composable
    data: bytes


def kept(make: Callable[P, None]) -> Callable[P, None]:
    """For what takes plain values, gives nothing, and makes the same each time."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> None:
        key = (make.__module__, make.__qualname__, args, *sorted(kwargs.items()))
        if key in _kept:
            if _are_empty([rows.table for rows in _kept[key]]):
                _put_back(_kept[key])
            else:
                make(*args, **kwargs)
            return
        with transaction.atomic():  # the server counts what is written in one transaction
            before = _written()
            make(*args, **kwargs)
            if added := _added_since(before):
                _kept[key] = [_rows_of(table) for table in added]

    return made


def _written() -> dict[str, tuple[int, int]]:
    """Rows more than at the start of this transaction, and writings, by table."""
    return {table: (more, writings) for table, more, writings in fetch_all(_WRITTEN, [_BY_TRIGGER])}


def _added_since(before: dict[str, tuple[int, int]]) -> list[str]:
    """The tables written to since then; none when one of them held rows before, which could not be told apart."""
    now = _written()
    changed = [table for table in now if now[table] != before.get(table)]
    for table in changed:
        added = now[table][0] - before.get(table, (0, 0))[0]
        [(count,)] = fetch_all(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
        if count != added:
            return []
    return changed


def _rows_of(table: str) -> Rows:
    named = fetch_all(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    names = [name for (name,) in named if not (table.startswith("ledger_") and name in _GIVEN_ANEW)]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(columns, sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return Rows(table, columns, b"".join(bytes(part) for part in copy))


def _are_empty(tables: list[str]) -> bool:
    exists = " OR ".join(f"EXISTS (SELECT FROM {connection.ops.quote_name(table)})" for table in tables)
    [(any_there,)] = fetch_all(f"SELECT {exists}")
    return not any_there


@transaction.atomic
def _put_back(rows: list[Rows]) -> None:
    with connection.cursor() as cursor:
        for one in rows:
            query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(one.table), one.columns)
            with cursor.copy(query) as copy:
                copy.write(one.data)
    forget_all()
