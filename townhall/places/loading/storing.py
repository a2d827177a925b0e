"""Storing a batch of rows with its entry in the ledger, and what wards mean for what is kept by ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from townhall.core.db import execute, fetch_all
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Stored, upsert
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.places import whereabouts as places

_ROWS = 5_000  # looked at in one go
_zoned: list[tuple[str, str]] = [("places_address", "uprn"), ("places_postcode", "code")]


def stored(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    batch: Batch,
    *,
    key: Sequence[str],
    once: Sequence[str] = (),
    quiet: Sequence[str] = (),
) -> Stored:
    """Put rows into a table (core.loading.upsert) and write down that it was done."""
    found = upsert(table, rows, key=key, once=once, quiet=quiet)
    written_down(found, batch)
    return found


def written_down(found: Stored, batch: Batch, *, ended: int = 0) -> None:
    """One entry for a batch that changed something."""
    if found.new or found.changed or ended:
        ledger.record(
            "records.loaded",
            about=Subject(kind="import", id=uuid7()),
            by=batch.by,
            at=batch.at,
            data={"kind": batch.kind, "new": found.new, "changed": found.changed, "ended": ended},
        )


def keep_by_ward(table: str, key: str) -> None:
    """`table` has easting, northing and ward_code: when wards come or change, its wards are found again."""
    if (table, key) not in _zoned:
        _zoned.append((table, key))


def find_wards_again() -> None:
    """Bring the ward of everything with a place up to date with the wards that are there now."""
    places.forget()
    for table, key in _zoned:
        _find_again(table, key)


def _find_again(table: str, key: str) -> None:
    """The names of tables and columns are this code's own."""
    after: object | None = None
    while True:
        beyond = "" if after is None else f"AND {key} > %s"
        rows = fetch_all(
            f"SELECT {key}, easting, northing, ward_code FROM {table} WHERE easting IS NOT NULL {beyond} ORDER BY {key} LIMIT {_ROWS}",  # noqa: S608
            () if after is None else (after,),
        )
        if not rows:
            return
        after = rows[-1][0]
        moved = [
            (found, ward)
            for found, easting, northing, was in rows
            if (ward := places.whereabouts(easting, northing).ward_code) != was
        ]
        if moved:
            kind = "uuid" if key == "id" else "text"
            execute(
                f"UPDATE {table} SET ward_code = come.ward FROM unnest(%s::{kind}[], %s::text[]) AS come (key, ward) "  # noqa: S608
                f"WHERE {table}.{key} = come.key",
                ([found for found, _ward in moved], [ward for _found, ward in moved]),
            )
