"""What a merge writes, row by row, and how it is taken back.

What a merge did to a row is a chain: moved from B to A, then from A to C. Taking the first merge back cuts the chain there: the row
returns to B, and what later merges did to it goes with it. What others changed since is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

import msgspec
import psycopg
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from townhall.core.db import dump_json, fetch_all, fetch_one
from townhall.customers.merging.references import Reference, references
from townhall.customers.merging_models import MergeChange

MOVED, CHANGED = MergeChange.Kind.MOVED.value, MergeChange.Kind.CHANGED.value


@dataclass(frozen=True, kw_only=True)
class Moving:
    """A merge under way, for those who take care of rows of their own. `merged_id` is to become `kept_id`."""

    merge_id: UUID
    kept_id: UUID
    merged_id: UUID
    at: datetime

    def change(self, table: str, row: object, column: str, value: object) -> None:
        """Write a value into a column of a row, and write down what was there. Nothing when it says so already."""
        found = fetch_one(_change_of(table, column), (_key_json(table, row), dump_json({column: value})))
        if found is not None and found[0] != found[1]:
            before, after = (None if text is None else msgspec.json.decode(text) for text in found)
            _write_down(self.merge_id, [(CHANGED, table, str(row), column, before, after)])


Mover: TypeAlias = Callable[[Moving], None]
_movers: dict[str, list[Mover]] = {}


def register_mover(table: str, mover: Mover) -> None:
    """Have this called before the rows of a table are moved. It locks what it changes, and changes it by `Moving.change`."""
    those = _movers.setdefault(table, [])
    if mover not in those:
        those.append(mover)


def movers() -> dict[str, Sequence[Mover]]:
    return {table: tuple(those) for table, those in _movers.items()}


def move_all(moving: Moving) -> int:
    """Every row of the merged record that can go to the one that stands; how many went. Run again it takes what came since.

    A row that may be there once stays behind where the other has one like it, and is out of sight with its record.
    """
    count = 0
    for reference in _with_rows(moving.merged_id):
        for mover in _movers.get(reference.table, ()):
            mover(moving)
        count += _move(reference, moving)
    return count


def _with_rows(customer_id: UUID) -> list[Reference]:
    known = [one for one in references() if not one.is_key]
    flags = fetch_one(_exists(), [customer_id] * len(known))
    assert flags is not None
    return [one for one, is_there in zip(known, flags, strict=True) if is_there]


def _exists() -> str:
    parts = [
        sql.SQL("EXISTS (SELECT FROM {} WHERE {} = %s)").format(sql.Identifier(one.table), sql.Identifier(one.column))
        for one in references()
        if not one.is_key
    ]
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(parts)).as_string(None)


def _move(reference: Reference, moving: Moving) -> int:
    try:
        with transaction.atomic():
            rows = _moved(reference, moving, only=None)
    except psycopg.IntegrityError:
        rows = []
        for row in _rows_of(reference, moving.merged_id):
            try:
                with transaction.atomic():
                    rows += _moved(reference, moving, only=row)
            except psycopg.IntegrityError:
                continue
    before, after = str(moving.merged_id), str(moving.kept_id)
    changes = [(MOVED, reference.table, row, reference.column, before, after) for row in rows]
    _write_down(moving.merge_id, changes)
    return len(rows)


def _moved(reference: Reference, moving: Moving, *, only: str | None) -> list[str]:
    which = sql.SQL("{} = %s").format(sql.Identifier(reference.column))
    values: list[object] = [moving.kept_id, moving.merged_id]
    if only is not None:
        which += sql.SQL(" AND {}").format(_is_row(reference.table, reference.key))
        values.append(_key_json(reference.table, only))
    statement = sql.SQL("UPDATE {} t SET {} = %s WHERE {} RETURNING t.{}::text").format(
        sql.Identifier(reference.table), sql.Identifier(reference.column), which, sql.Identifier(reference.key)
    )
    return sorted(row[0] for row in fetch_all(statement.as_string(None), values))


def _rows_of(reference: Reference, customer_id: UUID) -> list[str]:
    statement = sql.SQL("SELECT {0}::text FROM {1} WHERE {2} = %s ORDER BY {0}").format(
        sql.Identifier(reference.key), sql.Identifier(reference.table), sql.Identifier(reference.column)
    )
    return [row[0] for row in fetch_all(statement.as_string(None), (customer_id,))]


def _write_down(merge_id: UUID, changes: Iterable[tuple[str, str, str, str, object, object]]) -> None:
    MergeChange.objects.bulk_create(
        MergeChange(merge_id=merge_id, kind=kind, table=table, row=row, column=column, before=before, after=after)
        for kind, table, row, column, before, after in changes
    )


def take_back(merge_id: UUID) -> int:
    """Undo all that a merge wrote and nobody changed since, the last first; how many rows and values returned."""
    mine = MergeChange.objects.filter(merge_id=merge_id, undone=False).order_by("-id")
    done = 0
    for change in list(mine):
        change.refresh_from_db(fields=["undone", "before", "after"])
        if not change.undone:
            done += _return_row(change) if change.kind == MOVED else _return_value(change)
    return done


def _return_row(change: MergeChange) -> int:
    """To the record it was moved from, wherever later merges took it; what those changed in it goes back first."""
    later = MergeChange.objects.filter(table=change.table, row=change.row, undone=False, id__gt=change.id)
    last = change
    for other in later.order_by("-id"):
        if other.kind == CHANGED:
            _return_value(other)
        elif last is change and other.column == change.column:
            last = other
    moved = later.filter(column=change.column, kind=MOVED)
    done = _put(change, there=last.after, back=change.before)
    moved.update(undone=True)
    MergeChange.objects.filter(pk=change.pk).update(undone=True)
    return done


def _return_value(change: MergeChange) -> int:
    """What was there before; where a later merge wrote over it, that one has it to return."""
    same = MergeChange.objects.filter(table=change.table, row=change.row, column=change.column, undone=False)
    following = same.filter(id__gt=change.id, kind=CHANGED).order_by("id").first()
    done = 0
    if following is not None:
        following.before = change.before
        following.save(update_fields=["before"])
    else:
        done = _put(change, there=change.after, back=change.before)
    MergeChange.objects.filter(pk=change.pk).update(undone=True)
    return done


def _put(change: MergeChange, *, there: object, back: object) -> int:
    """Only while it says what we wrote, and where a rule of the database allows it."""
    column = change.column
    values = (dump_json({column: back}), _key_json(change.table, change.row), dump_json({column: there}))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_put_of(change.table, column), values)
            return int(cursor.rowcount)
    except IntegrityError:
        return 0


@lru_cache(maxsize=500)
def _put_of(table: str, column: str) -> str:
    value = _typed(table, column)
    return (
        sql.SQL("UPDATE {} t SET {} = {} WHERE {} AND t.{} IS NOT DISTINCT FROM {}")
        .format(
            sql.Identifier(table),
            sql.Identifier(column),
            value,
            _is_row(table, _key_of(table)),
            sql.Identifier(column),
            value,
        )
        .as_string(None)
    )


@lru_cache(maxsize=500)
def _change_of(table: str, column: str) -> str:
    """[before, after] of one value of one row, as JSON; no row when there is none."""
    name = sql.Identifier(column)
    return (
        sql.SQL(
            """WITH was AS (SELECT t.{key} AS key, t.{name} AS value FROM {table} t WHERE {row} FOR UPDATE)
            UPDATE {table} t SET {name} = {value} FROM was WHERE t.{key} = was.key
            RETURNING to_jsonb(was.value)::text, to_jsonb(t.{name})::text"""
        )
        .format(
            key=sql.Identifier(_key_of(table)),
            name=name,
            table=sql.Identifier(table),
            row=_is_row(table, _key_of(table)),
            value=_typed(table, column),
        )
        .as_string(None)
    )


def _typed(table: str, column: str) -> sql.Composed:
    """A value as JSON, of the column's own type."""
    return sql.SQL("(jsonb_populate_record(NULL::{}, %s::jsonb)).{}").format(
        sql.Identifier(table), sql.Identifier(column)
    )


def _is_row(table: str, key: str) -> sql.Composed:
    return sql.SQL("t.{} = {}").format(sql.Identifier(key), _typed(table, key))


def _key_json(table: str, row: object) -> str:
    return dump_json({_key_of(table): str(row)})


@lru_cache(maxsize=500)
def _key_of(table: str) -> str:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            assert model._meta.pk is not None
            return str(model._meta.pk.column)
    raise LookupError(table)
