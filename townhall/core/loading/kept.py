"""Records of an earlier system, each once by what it is called there; a load is kept, goes on when it was killed, and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from townhall.core.db import fetch_all
from townhall.core.loading.kinds import Batch, Kind, Values
from townhall.core.loading.upsert import Stored
from townhall.core.models import Load, LoadedRow

# (table, primary key) of the rows of one record, itself first. ("", "") for one that was here by another name: nothing was made.
Made: TypeAlias = Sequence[tuple[str, object]]
# The rows of these tables that something happened to since they came, and what; by primary key.
Used: TypeAlias = Callable[[Sequence[str], Load], Mapping[str, str]]

_KNOWN = "SELECT external_id FROM core_loadedrow WHERE kind = %s AND source = %s AND part = 0 AND external_id = ANY(%s)"
_ROWS = (
    "SELECT external_id, row FROM core_loadedrow WHERE kind = %s AND source = %s AND part = 0 AND external_id = ANY(%s)"
)


def begin(kind: str, source: str, file: str, *, at: datetime) -> Load:
    """A new load, or the one of this file that was stopped."""
    stopped = Load.objects.filter(kind=kind, source=source, file=file, ended_at=None, undone_at=None).first()
    return stopped or Load.objects.create(kind=kind, source=source, file=file, began_at=at)


def end(load: Load, *, at: datetime) -> None:
    """It is done. One that brought nothing is not kept."""
    if not load.rows.exists():
        load.delete()
        return
    load.ended_at = at
    load.save(update_fields=["ended_at"])


def store_once(rows: list[Values], batch: Batch, make: Callable[[list[Values], Batch], Sequence[Made]]) -> Stored:
    """Make those that are not here yet, by their `external_id`, and write down what was made. Those that are here stay as they are."""
    ids = [row["external_id"] for row in rows]
    here = {found for (found,) in fetch_all(_KNOWN, (batch.kind, batch.source, ids))}
    new = [row for row in rows if row["external_id"] not in here]
    made = make(new, batch) if new else []
    if batch.load_id is not None:
        LoadedRow.objects.bulk_create(
            [
                LoadedRow(
                    load_id=batch.load_id,
                    kind=batch.kind,
                    source=batch.source,
                    external_id=row["external_id"],
                    part=part,
                    table=table,
                    row=str(key),
                )
                for row, those in zip(new, made, strict=True)
                for part, (table, key) in enumerate(those)
            ]
        )
    return Stored(new=len(new))


def tracked(kind: Kind, table: str, column: str) -> Kind:
    """A kind whose rows are brought up to date by a key of their own, such as a UPRN: those that a load makes are written down."""
    known = sql.SQL("SELECT {0}::text FROM {1} WHERE {0}::text = ANY(%s)").format(
        sql.Identifier(column), sql.Identifier(table)
    )

    def store(rows: list[Values], batch: Batch) -> Stored:
        keys = [str(row[column]) for row in rows]
        here = {key for (key,) in fetch_all(known.as_string(None), (keys,))}
        stored = kind.store(rows, batch)
        if batch.load_id is not None:
            made = [key for key in keys if key not in here]
            LoadedRow.objects.bulk_create(
                LoadedRow(
                    load_id=batch.load_id,
                    kind=batch.kind,
                    source=batch.source,
                    external_id=key,
                    part=0,
                    table=table,
                    row=key,
                )
                for key in made
            )
        return stored

    return replace(kind, store=store)


def rows_called(kind: str, source: str, external_ids: Sequence[str]) -> dict[str, str]:
    """The primary keys of records that came in from a source, by what they are called there."""
    found = fetch_all(_ROWS, (kind, source, sorted(set(external_ids))))
    return dict(found)


@dataclass(frozen=True, kw_only=True)
class InUse:
    """Why a record cannot be taken out again."""

    external_id: str
    why: str


@transaction.atomic
def undo(load_id: UUID, *, used: Mapping[str, Used], at: datetime) -> list[InUse]:
    """Take out everything that a load brought, or nothing: then the records that were used since, and how.

    A record is in use when a row that did not come with the load refers to it, or when `used` of its table says so. What hangs on it by
    CASCADE goes along. Raises LookupError for a load that is not there, or was undone.
    """
    load = Load.objects.select_for_update().filter(pk=load_id, undone_at=None).first()
    if load is None:
        raise LookupError(str(load_id))
    rows = list(load.rows.exclude(table="").order_by("-pk").values_list("table", "row", "external_id"))
    by_table: dict[str, dict[str, str]] = {}
    for table, row, external_id in rows:
        by_table.setdefault(table, {})[row] = external_id
    found = [
        InUse(external_id=by_table[table][row], why=why)
        for table in by_table
        for row, why in {**_referred_to(table, by_table), **_said(table, by_table, load, used)}.items()
    ]
    if found:
        return sorted(found, key=lambda one: (one.external_id, one.why))
    for table in dict.fromkeys(table for table, _row, _id in rows):
        _model(table)._base_manager.filter(pk__in=list(by_table[table])).delete()
    load.rows.all().delete()
    load.undone_at = at
    load.save(update_fields=["undone_at"])
    return []


def _said(
    table: str, by_table: Mapping[str, Mapping[str, str]], load: Load, used: Mapping[str, Used]
) -> dict[str, str]:
    return dict(used[table](list(by_table[table]), load)) if table in used else {}


def _referred_to(table: str, by_table: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Rows of a table that others refer to, with the name of such a table. What came along, and what hangs on it, is none."""
    found: dict[str, str] = {}
    for relation in _model(table)._meta.related_objects:
        other = relation.related_model
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.CASCADE:
            continue
        name = relation.field.attname
        ours = by_table.get(other._meta.db_table, {})
        pointing = other._base_manager.filter(**{f"{name}__in": list(by_table[table])}).values_list("pk", name)
        for key, row in pointing:
            if str(key) not in ours:
                found.setdefault(str(row), _("%(table)s refer to it") % {"table": other._meta.verbose_name_plural})
    return found


def _model(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
