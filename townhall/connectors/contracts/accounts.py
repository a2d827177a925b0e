"""Accounts with money: council tax, rent, leasehold. GET /accounts/<kind>/<number>, money in whole pence, owed is positive."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

import msgspec

from townhall.connectors import records

COUNCIL_TAX, RENT, LEASEHOLD, BENEFIT = "council_tax", "rent", "leasehold", "benefit"


class Instalment(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    pence: int
    is_paid: bool = False


class CouncilTax(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    balance_pence: int
    year: str  # for example "2026 to 2027"
    band: str = ""
    instalments: list[Instalment] = []
    by_direct_debit: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a statement. A payment is negative."""

    on: date
    words: str
    pence: int
    balance_pence: int


class Arrangement(msgspec.Struct, frozen=True, kw_only=True):
    pence: int  # each week beside the rent
    since: date


class Rent(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    balance_pence: int
    weekly_pence: int
    arrears_pence: int = 0
    entries: list[Entry] = []  # newest first
    by_direct_debit: bool = False
    arrangement: Arrangement | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    words: str
    pence: int


class Works(msgspec.Struct, frozen=True, kw_only=True):
    """Works planned on the building. Leaseholders may say what they think of them until `comments_until`."""

    code: str
    title: str
    stage: str
    words: str
    estimate_pence: int | None = None
    comments_from: date | None = None
    comments_until: date | None = None


class Leasehold(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    balance_pence: int
    year: str
    parts: list[Part] = []  # of the year's charge
    works: list[Works] = []


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of housing benefit or council tax support, under the number of the household's council tax account."""

    number: str
    state: str  # in payment, being assessed, suspended, ended
    weekly_pence: int = 0
    paid_to: str = ""  # the landlord, the rent account, themselves
    next_on: date | None = None
    next_pence: int = 0


def council_tax(number: str, *, at: datetime, seconds: float = records.SECONDS) -> CouncilTax | None:
    return records.read("revenues", _path(COUNCIL_TAX, number), CouncilTax, at=at, seconds=seconds)


def rent(number: str, *, at: datetime, seconds: float = records.SECONDS) -> Rent | None:
    return records.read("housing", _path(RENT, number), Rent, at=at, seconds=seconds)


def leasehold(number: str, *, at: datetime, seconds: float = records.SECONDS) -> Leasehold | None:
    return records.read("housing", _path(LEASEHOLD, number), Leasehold, at=at, seconds=seconds)


def benefit(number: str, *, at: datetime, seconds: float = records.SECONDS) -> Benefit | None:
    """None: no claim is known at this council tax account."""
    return records.read("benefits", _path(BENEFIT, number), Benefit, at=at, seconds=seconds)


def _path(kind: str, number: str) -> str:
    return f"/accounts/{kind}/{quote(number, safe='')}"
