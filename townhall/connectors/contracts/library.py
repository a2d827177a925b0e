"""Loans and fines. GET /cards/<number>; GET /loans?due_from=&due_until=&after= for telling many people of what is soon due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
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


class _Loans(msgspec.Struct):
    loans: list[Loan]
    after: str = ""


class Fine(msgspec.Struct, frozen=True, kw_only=True):
    card: str
    pence: int


class _Fines(msgspec.Struct):
    fines: list[Fine]
    after: str = ""


def card(number: str, *, at: datetime, seconds: float = records.SECONDS) -> Card | None:
    """Raises NotFound (no connector), LookUpFailed."""
    return records.read(TARGET, f"/cards/{quote(number, safe='')}", Card, at=at, seconds=seconds)


def due_between(first: date, last: date, *, at: datetime) -> Iterator[list[Loan]]:
    """Every loan due on these days, a page at a time, both days included. Raises as `card`, also half-way: ask again another time."""
    after = ""
    while True:
        query = urlencode({"due_from": first, "due_until": last, "after": after, "limit": PAGE})
        found = records.read(TARGET, f"/loans?{query}", _Loans, at=at, seconds=records.SECONDS * 3)
        if found is None:
            return
        yield found.loans
        if not found.after or found.after == after:
            return
        after = found.after


def fines(*, at: datetime) -> Iterator[list[Fine]]:
    """Every card with a fine to pay, a page at a time. Raises as `card`."""
    after = ""
    while True:
        query = urlencode({"after": after, "limit": PAGE})
        found = records.read(TARGET, f"/fines?{query}", _Fines, at=at, seconds=records.SECONDS * 3)
        if found is None:
            return
        yield found.fines
        if not found.after or found.after == after:
            return
        after = found.after
