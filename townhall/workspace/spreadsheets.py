"""Tables that are opened in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV as RFC 4180 has it, row by row; what a spreadsheet would run as a formula is text."""
    for row in rows:
        written = io.StringIO()
        csv.writer(written).writerow([_cell(value) for value in row])
        yield written.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value
