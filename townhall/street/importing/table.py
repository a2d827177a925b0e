"""The file itself: its rows in order, and what a first look at all of them shows."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

from townhall.core.loading import table
from townhall.core.loading.faults import Refused
from townhall.core.loading.table import Row
from townhall.street.importing.mapping import Map

_LOOKED_AT = frozenset({"type", "group", "opened", "closed", "lat", "lng"})


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is in the file: rows, kinds with their groups, moments by month, and the middle in degrees (None where it gives none)."""

    rows: int
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    months: Counter[date] = field(default_factory=Counter)  # by their first day
    middle: tuple[float, float] | None = None


def headings(path: Path, mapped: Map) -> dict[str, int]:
    """Where each column of the map stands. Raises Refused when one is missing or there twice."""
    names = table.first_row(path, encoding=mapped.encoding, delimiter=mapped.delimiter)
    for column in mapped.columns.all().values():
        if names.count(column) != 1:
            problem = "There are two columns" if column in names else "There is no column"
            raise Refused(f"{problem} {column!r} in {path.name}. It has: {', '.join(names) or 'nothing'}.")
    return {name: index for index, name in enumerate(names)}


def rows(path: Path, mapped: Map) -> Iterator[Row]:
    """Every row after the headings but blank ones."""
    return table.rows(path, encoding=mapped.encoding, delimiter=mapped.delimiter)


def survey(path: Path, mapped: Map) -> Survey:
    """One quick pass. Rows that cannot be read count, but tell nothing else."""
    where = {what: headings(path, mapped)[name] for what, name in mapped.columns.all().items()}
    kinds: Counter[tuple[str, str]] = Counter()
    months: Counter[date] = Counter()
    lats, lngs = array("d"), array("d")
    count = 0
    for row in rows(path, mapped):
        count += 1
        if row.problem:
            continue
        given = {what: row.fields[index].strip() for what, index in where.items() if what in _LOOKED_AT}
        kinds[given.get("type", ""), given.get("group", "")] += 1
        months.update(_months(given, mapped))
        with suppress(ValueError):
            lat, lng = float(given.get("lat", "")), float(given.get("lng", ""))
            if (lat or lng) and abs(lat) <= 90 and abs(lng) <= 180:
                lats.append(lat)
                lngs.append(lng)
    middle = (median(lats), median(lngs)) if lats else None
    return Survey(rows=count, kinds=kinds, months=months, middle=middle)


def _months(given: dict[str, str], mapped: Map) -> Iterator[date]:
    for what in ("opened", "closed"):
        if text := given.get(what, ""):
            with suppress(ValueError):
                yield mapped.moment(text).date().replace(day=1)
