"""How a customer stands with other systems, asked of them now; what they said last, when they do not answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import structlog
from psycopg import sql

from townhall.connectors import records, registry
from townhall.connectors.protocol import LookUpFailed
from townhall.core.db import fetch_all, fetch_one
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.customers.typed import normalised_number
from townhall.standing import keeping, kinds
from townhall.standing.kinds import Kind, Who

log = structlog.get_logger(__name__)
MOST = 4  # numbers of one kind
_NUMBERS = """SELECT kind, value FROM customers_customernumber WHERE customer_id = %s ORDER BY kind, value, id"""
# As `numbers_of`, for a page that asks this of many things in one statement: whether there is a number of one kind, and the kinds held.
HAS_NUMBER = "EXISTS (SELECT FROM customers_customernumber WHERE customer_id = %(customer)s AND kind = {kind})"
KINDS_HELD = "ARRAY(SELECT DISTINCT kind FROM customers_customernumber WHERE customer_id = %(customer)s)"
_HOME = """
    SELECT c.name, coalesce((SELECT a.uprn FROM customers_customeraddress a WHERE a.customer_id = c.id AND a.until_on IS NULL
      AND a.uprn <> '' ORDER BY a.from_on DESC NULLS LAST, a.id DESC LIMIT 1), '')
    FROM customers_customer c WHERE c.id = %s"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One account. `it` is of the kind's form; None with `is_live`: the system knows no such number."""

    kind: Kind
    number: str
    it: Any = None
    as_at: datetime | None = None
    is_live: bool = False

    @property
    def owed_pence(self) -> int:
        return getattr(self.it, self.kind.owed, 0) if self.it is not None else 0


def numbers_of(customer_id: UUID, *, at: datetime) -> dict[str, list[str]]:
    """The numbers a customer has, by kind of number. One query in a request, however many tiles ask."""
    return _numbers(customer_id, at)


@lru_cache(maxsize=256)
def _numbers(customer_id: UUID, _at: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, value in fetch_all(_NUMBERS, (customer_id,)):
        found.setdefault(kind, []).append(value)
    return found


def known_by(customer_id: UUID, kind: Kind, *, at: datetime) -> list[Who]:
    """By what a system knows them; nothing: there is nothing to ask. One or two queries."""
    if kind.number_kind:
        return [Who(number=one) for one in numbers_of(customer_id, at=at).get(kind.number_kind, [])[:MOST]]
    row = fetch_one(_HOME, (customer_id,))
    return [Who(number="", uprn=row[1], name=row[0], key=str(uuid7()))] if row and row[1] else []


def look(customer_id: UUID, kind: Kind, *, at: datetime, seconds: float = records.SECONDS) -> list[Standing]:
    """How one kind of account stands. Calls the other system, so never inside a transaction; never longer than `seconds` each."""
    return [_asked(customer_id, kind, who, at=at, seconds=seconds) for who in known_by(customer_id, kind, at=at)]


def look_at_all(
    customer_id: UUID, *, at: datetime, seconds: float = records.SECONDS, among: Sequence[Kind] | None = None
) -> list[Standing]:
    """Every account of a customer, all systems asked at once, so that it takes as long as the slowest may. among: these kinds only."""
    wanted = kinds.every() if among is None else among
    asked = [(kind, who) for kind in wanted for who in known_by(customer_id, kind, at=at)]
    if not asked:
        return []
    for kind, _who in asked:
        registry.known(kind.target)  # before the threads, which have no business with the database
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(lambda one: _called(*one, at=at, seconds=seconds), asked))
    return [_kept(customer_id, one, who, at=at) for one, (_kind, who) in zip(found, asked, strict=True)]


def owned(customer_id: UUID, kind: Kind, number: str, *, at: datetime) -> str | None:
    """The number as held, if it is this customer's."""
    wanted = normalised_number(number)
    return next((one.number for one in known_by(customer_id, kind, at=at) if _key(one) == wanted), None)


def _asked(customer_id: UUID, kind: Kind, who: Who, *, at: datetime, seconds: float) -> Standing:
    return _kept(customer_id, _called(kind, who, at=at, seconds=seconds), who, at=at)


def _called(kind: Kind, who: Who, *, at: datetime, seconds: float) -> Standing:
    try:
        found = kind.read(who, at, seconds)
    except (LookUpFailed, NotFound, KeyError) as error:
        log.warning("standing.not_told", kind=kind.code, error=type(error).__name__)
        return Standing(kind=kind, number=who.number)
    return Standing(kind=kind, number=who.number, it=found, as_at=at, is_live=True)


def _kept(customer_id: UUID, found: Standing, who: Who, *, at: datetime) -> Standing:
    """Remember what was said; or say what was said last."""
    key = _key(who)
    if found.is_live:
        keeping.keep(customer_id, found.kind.code, key, found.it, at=at)
        return found
    last = keeping.last(customer_id, found.kind.code, key, at=at)
    if last is None:
        return found
    data, seen_at = last
    try:
        return replace(found, it=msgspec.convert(data, type=found.kind.form), as_at=seen_at)
    except msgspec.ValidationError:  # kept before the form changed
        return found


def _key(who: Who) -> str:
    return normalised_number(who.number) or who.uprn


def has_number(kind: Kind) -> str:
    """SQL that says whether the customer has a number of this kind; empty for accounts known by home and name."""
    if not kind.number_kind:
        return ""
    return sql.SQL(HAS_NUMBER).format(kind=sql.Literal(kind.number_kind)).as_string(None)


def without_number(held: Collection[str]) -> Sequence[Kind]:
    """The kinds of account that we do not know a number of. held: the kinds of number that we know."""
    return [one for one in kinds.every() if one.number_kind and one.number_kind not in held and not one.at_desk_only]
