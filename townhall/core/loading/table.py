"""A CSV file row by row, whatever is in it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

LONGEST_FIELD = 10_000_000  # characters
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Row:
    """`number` as a spreadsheet shows it: the heading is row 1. `fields` as many as there are headings, else `problem` says why."""

    number: int
    fields: list[str]
    problem: str = ""


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    # What is not in the encoding comes through marked, and its row is refused by itself.
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="") as stream:
            yield stream
    else:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as stream:
            yield stream


def first_row(path: Path, *, encoding: str, delimiter: str) -> list[str]:
    """The first row, without the blanks around its fields."""
    csv.field_size_limit(LONGEST_FIELD)
    with opened(path, encoding) as stream:
        return [name.strip() for name in next(csv.reader(stream, delimiter=delimiter), [])]


def rows(path: Path, *, encoding: str, delimiter: str, has_headings: bool = True) -> Iterator[Row]:
    """Every row after the headings but blank ones."""
    width = len(first_row(path, encoding=encoding, delimiter=delimiter))
    with opened(path, encoding) as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number=number, fields=[], problem=f"It cannot be read: {error}.")
                continue
            if not any(fields) or (has_headings and number == 1):
                continue
            short = "" if len(fields) == width else f"It has {len(fields)} columns, not {width}."
            yield Row(number=number, fields=fields, problem=short)


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    walk = iter(values)
    while batch := list(islice(walk, size)):
        yield batch
