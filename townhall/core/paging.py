"""Keyset paging: a page is read from where the last one ended, so page 1,000 costs what page 1 does."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows in order. `after` is the cursor of the next page, empty on the last."""

    rows: Sequence[Row]
    after: str


def cursor_of(*values: object) -> str:
    """An opaque cursor from the ordering values of the last row shown (text, numbers, dates and ids)."""
    return base64.urlsafe_b64encode(msgspec.json.encode([str(value) for value in values])).decode().rstrip("=")


def read_cursor(text: str, *, length: int) -> list[str] | None:
    """The values in a cursor, or None when it is empty or was tampered with (the first page is then shown)."""
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=list[str])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return None
    return values if len(values) == length else None


def read_id(text: str) -> UUID | None:
    """As `read_cursor`, where an id alone gives the order."""
    values = read_cursor(text, length=1)
    try:
        return UUID(values[0]) if values else None
    except ValueError:
        return None


def page_of(rows: Sequence[Row], *, size: int, key: Callable[[Row], tuple[object, ...]]) -> Page[Row]:
    """A page from up to `size + 1` rows read in order; the extra one only tells that more follow."""
    if len(rows) <= size:
        return Page(rows=rows, after="")
    shown = rows[:size]
    return Page(rows=shown, after=cursor_of(*key(shown[-1])))
