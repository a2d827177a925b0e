"""Loans and fines. GET /cards/<number>; GET /loans?due_from=&due_until=&after= for telling many people of what is soon due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from townhall.connectors import records

TARGET = "library"
PAGE = 500


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    card: str
    title: str
    due_on: date
    is_renewable: bool = True


class Card(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    fines_pence: int
    loans: list[Loan] = []  # those due first, first


class _Page(msgspec.Struct):
    after: str = ""  # what to go on after; empty: it is the last


Paged = TypeVar("Paged", bound=_Page)


class _Loans(_Page, kw_only=True):
    loans: list[Loan]


class Fine(msgspec.Struct, frozen=True, kw_only=True):
    card: str
    pence: int


class _Fines(_Page, kw_only=True):
    fines: list[Fine]


def card(number: str, *, at: datetime, seconds: float = records.SECONDS) -> Card | None:
    """Raises NotFound (no connector), LookUpFailed."""
    return records.read(TARGET, f"/cards/{quote(number, safe='')}", Card, at=at, seconds=seconds)


def due_between(first: date, last: date, *, at: datetime) -> Iterator[list[Loan]]:
    """Every loan due on these days, a page at a time, both days included. Raises as `card`, also half-way: ask again another time."""
    for page in _pages("/loans", _Loans, at=at, due_from=first, due_until=last):
        yield page.loans


def fines(*, at: datetime) -> Iterator[list[Fine]]:
    """Every card with a fine to pay, a page at a time. Raises as `card`."""
    for page in _pages("/fines", _Fines, at=at):
        yield page.fines


def _pages(path: str, form: type[Paged], *, at: datetime, **asked: date) -> Iterator[Paged]:
    after = ""
    while True:
        query = urlencode({**asked, "after": after, "limit": PAGE})
        found = records.read(TARGET, f"{path}?{query}", form, at=at, seconds=records.SECONDS * 3)
        if found is None:
            return
        yield found
        if not found.after or found.after == after:
            return
        after = found.after
