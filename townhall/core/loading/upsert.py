"""Rows into a table in bulk: new ones in, changed ones changed, the others left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from psycopg import sql

from townhall.core.db import fetch_all


@dataclass(frozen=True, kw_only=True)
class Stored:
    """How many rows were new, and how many said something else than before."""

    new: int = 0
    changed: int = 0


def upsert(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    once: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> Stored:
    """Insert rows, all with the columns of the first, or bring those that are there up to date, as one statement.

    key: a unique index of the table. once: columns written when a row is new and never changed. quiet: columns that are written
    with a change and make none by themselves. Rows that are just so already are not touched.
    """
    if not rows:
        return Stored()
    statement = _statement(table, tuple(rows[0]), tuple(key), tuple(once), tuple(quiet))
    answered = fetch_all(statement, (msgspec.json.encode(rows).decode(),))
    new = sum(1 for (is_new,) in answered if is_new)
    return Stored(new=new, changed=len(answered) - new)


@lru_cache(maxsize=200)
def _statement(
    table: str, columns: tuple[str, ...], key: tuple[str, ...], once: tuple[str, ...], quiet: tuple[str, ...]
) -> str:
    """jsonb_populate_recordset gives every value the type of its column, arrays and jsonb too."""
    kept = [name for name in columns if name not in key and name not in once]
    compared = [name for name in kept if name not in quiet]
    statement = sql.SQL(
        """INSERT INTO {table} AS was ({columns})
        SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)
        ON CONFLICT ({key}) DO UPDATE SET {sets}
        WHERE ({was}) IS DISTINCT FROM ({now}) RETURNING xmax = 0"""
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
        sets=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in kept or list(key)
        ),
        was=sql.SQL(", ").join(sql.Identifier("was", name) for name in compared or list(key)),
        now=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in compared or list(key)),
    )
    return statement.as_string(None)
