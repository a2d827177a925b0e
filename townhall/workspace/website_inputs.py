"""What is typed on the pages about the website, as values; None for what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from townhall.core.time import LONDON
from townhall.forms.typed import clean_line


def line(typed: Mapping[str, Any], name: str, *, longest: int = 200) -> str:
    return clean_line(typed.get(name, ""))[:longest]


def day(text: str) -> date | None:
    """None for what is no day, or lies so far away that nobody can count from it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None


def time_of(text: str) -> time | None:
    """A time of day, "08:30"."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def moment(on: str, at: str) -> datetime | None:
    """A London day and time of day, "2026-04-01" and "02:00"."""
    try:
        return datetime.fromisoformat(f"{on}T{at}").replace(tzinfo=LONDON)
    except ValueError:
        return None


def amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(text: str, *, most: int = 999) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= most else None
