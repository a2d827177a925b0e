"""The file itself: its rows in order, and what a first look at all of them shows."""

from __future__ import annotations

import csv
import gzip
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import IO

from townhall.street.importing.mapping import Map, Refused

_LOOKED_AT = frozenset({"type", "group", "opened", "closed", "lat", "lng"})
LONGEST_FIELD = 10_000_000  # characters


@dataclass(frozen=True, kw_only=True)
class Row:
    """`number` as a spreadsheet shows it: the heading is row 1. `fields` as many as there are headings, else `problem` says why."""

    number: int
    fields: list[str]
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is in the file: rows, kinds with their groups, moments by month, and the middle in degrees (None where it gives none)."""

    rows: int
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    months: Counter[date] = field(default_factory=Counter)  # by their first day
    middle: tuple[float, float] | None = None


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    # What is not in the encoding comes through marked, and its row is refused by itself.
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="") as stream:
            yield stream
    else:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
            yield stream


def headings(path: Path, mapped: Map) -> dict[str, int]:
    """Where each column of the map stands. Raises Refused when one is missing or there twice."""
    with _opened(path, mapped.encoding) as stream:
        first = next(csv.reader(stream, delimiter=mapped.delimiter), [])
    names = [name.strip() for name in first]
    for column in mapped.columns.all().values():
        if names.count(column) != 1:
            problem = "There are two columns" if column in names else "There is no column"
            raise Refused(f"{problem} {column!r} in {path.name}. It has: {', '.join(names) or 'nothing'}.")
    return {name: index for index, name in enumerate(names)}


def rows(path: Path, mapped: Map) -> Iterator[Row]:
    """Every row after the headings but blank ones."""
    csv.field_size_limit(LONGEST_FIELD)
    with _opened(path, mapped.encoding) as stream:
        reader = csv.reader(stream, delimiter=mapped.delimiter)
        width = len(next(reader, []))
        number = 1
        while True:
            number += 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number=number, fields=[], problem=f"It cannot be read: {error}.")
                continue
            if not any(fields):
                continue
            short = "" if len(fields) == width else f"It has {len(fields)} columns, not {width}."
            yield Row(number=number, fields=fields, problem=short)


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
