"""Pairs of customers that may be one, as staff decide on them: the list, and two records side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from townhall.accounts import fields
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.customers.merging.evidence import Reason, in_words
from townhall.customers.merging_models import Proposal
from townhall.customers.queries import Record

SIZE = 30
TOP = (1e6, UUID(int=2**128 - 1))
# Bits, and how likely one customer that is.
SCORES = ((0.0, "50"), (6.64, "99"), (13.3, "99.99"))

_PAIRS = """
    SELECT p.id, p.bits, p.evidence::text, p.state, p.reason, p.proposed_at, p.decided_at, p.decided_by,
      a.id, a.kind, a.name, a.date_of_birth, x.line, b.id, b.name, b.date_of_birth, y.line
    FROM customers_proposal p
    JOIN customers_customer a ON a.id = p.one_id JOIN customers_customer b ON b.id = p.other_id
    LEFT JOIN LATERAL (SELECT line FROM customers_customeraddress WHERE customer_id = a.id
      ORDER BY until_on DESC NULLS FIRST, id DESC LIMIT 1) x ON true
    LEFT JOIN LATERAL (SELECT line FROM customers_customeraddress WHERE customer_id = b.id
      ORDER BY until_on DESC NULLS FIRST, id DESC LIMIT 1) y ON true
    WHERE p.state = %s AND p.bits >= %s AND (p.bits, p.id) < (%s, %s)
      AND (%s = '' OR EXISTS (SELECT FROM cases_case c WHERE c.customer_id IN (p.one_id, p.other_id) AND c.service_code = %s))
    ORDER BY p.bits DESC, p.id DESC LIMIT %s"""


@dataclass(frozen=True, kw_only=True)
class Side:
    id: UUID
    name: str
    born: date | None
    address: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two customers that may be one. `percent`: how likely they are, by the records."""

    id: UUID
    percent: str
    reasons: Sequence[Reason]
    state: str
    reason: str
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str
    one: Side
    other: Side
    bits: float


def pairs(
    *,
    by: Actor,
    state: str = Proposal.State.PROPOSED,
    least: float = 0.0,
    service: str = "",
    after: str = "",
    size: int = SIZE,
) -> Page[Pair]:
    """The surest first. `least`: bits. `service`: the code of one that either has a case with. One statement."""
    bits, key = _from(after)
    sees_born = fields.sees(by, "customer.date_of_birth")
    rows = fetch_all(_PAIRS, (state, least, bits, key, service, service, size + 1))
    return page_of([_pair(row, sees_born=sees_born) for row in rows], size=size, key=lambda one: (one.bits, one.id))


def _from(after: str) -> tuple[float, UUID]:
    values = read_cursor(after, length=2) if after else None
    try:
        return (float(values[0]), UUID(values[1])) if values else TOP
    except ValueError:
        return TOP


def _pair(row: tuple[Any, ...], *, sees_born: bool) -> Pair:
    key, bits, evidence, state, reason, proposed_at, decided_at, decided_by = row[:8]
    kind = row[9]
    return Pair(
        id=key,
        percent=percent(bits),
        reasons=in_words(kind, msgspec.json.decode(evidence)),
        state=state,
        reason=reason,
        proposed_at=proposed_at,
        decided_at=decided_at,
        decided_by=decided_by,
        one=Side(id=row[8], name=row[10], born=row[11] if sees_born else None, address=row[12] or ""),
        other=Side(id=row[13], name=row[14], born=row[15] if sees_born else None, address=row[16] or ""),
        bits=bits,
    )


def percent(bits: float) -> str:
    """As one reads odds: from 50 to over 99.99."""
    share = 100 / (1 + 2.0**-bits)
    if share >= 99.99:
        return ">99.99"
    return f"{share:.2f}" if share >= 99 else f"{share:.0f}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One detail of both records. `choice`: the name of the field by which one of them is chosen; empty where both are kept."""

    label: str
    one: str
    other: str
    choice: str = ""

    @property
    def is_same(self) -> bool:
        return self.one == self.other


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A contact point or address of either: it goes along, and is ended when somebody says that it holds no more."""

    id: UUID
    text: str
    of: str


def kept(records: Sequence[Record]) -> list[Kept]:
    """What holds at present, each once; of two that say the same the first is shown."""
    found: dict[str, Kept] = {}
    for record in records:
        for point in record.points:
            if point.ended_at is None:
                found.setdefault(
                    f"{point.kind} {point.value.casefold()}", Kept(id=point.id, text=point.value, of=record.name)
                )
        for address in record.addresses:
            if address.until_on is None:
                found.setdefault(address.line.casefold(), Kept(id=address.id, text=address.line, of=record.name))
    return list(found.values())


def points_of(record: Record, kind: str) -> str:
    """Those in force, on one line."""
    return ", ".join(one.value for one in record.points if one.kind == kind and one.ended_at is None)


def addresses_of(record: Record, *, past: bool = False) -> str:
    return "; ".join(one.line for one in record.addresses if (one.until_on is not None) is past)
