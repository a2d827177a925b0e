"""Under which ids a customer is known: old ones go on working, and what is written under them is read as theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import fetch_all, fetch_one

# A record is merged into one that is merged into another: the last of them stands. UNION stops at one that was met before.
_STANDING = """
    WITH RECURSIVE up (id, into_id) AS (
        SELECT id, merged_into_id FROM customers_customer WHERE id = %s
        UNION SELECT c.id, c.merged_into_id FROM customers_customer c JOIN up ON c.id = up.into_id)
    SELECT id FROM up WHERE into_id IS NULL"""
_ALL_STANDING = """
    WITH RECURSIVE up (asked, id, into_id) AS (
        SELECT id, id, merged_into_id FROM customers_customer WHERE id = ANY(%s)
        UNION SELECT up.asked, c.id, c.merged_into_id FROM customers_customer c JOIN up ON c.id = up.into_id)
    SELECT asked, id FROM up WHERE into_id IS NULL"""
_ALSO = """
    WITH RECURSIVE down (id) AS (
        SELECT id FROM customers_customer WHERE merged_into_id = %s
        UNION SELECT c.id FROM customers_customer c JOIN down ON c.merged_into_id = down.id)
    SELECT id FROM down ORDER BY id"""
_MERGES = """
    SELECT m.id, c.id, c.name, m.at, m.by_kind, m.by_id, k.name FROM customers_merge m
    JOIN customers_customer c ON c.id = m.merged_id JOIN customers_customer k ON k.id = m.kept_id
    WHERE m.undone_at IS NULL AND m.merged_id = ANY(%s) ORDER BY m.at DESC, m.id DESC"""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A record that is part of another now. `into`: the name of the one it was merged into, then."""

    id: UUID
    merged_id: UUID
    name: str
    at: datetime
    by_kind: str
    by_id: str
    into: str


def standing(customer_id: UUID) -> UUID | None:
    """The record that this id leads to: its own, or the one it was merged into; None when it is nobody's. One statement."""
    row = fetch_one(_STANDING, (customer_id,))
    return row[0] if row else None


def all_standing(customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By id the record that it leads to, without ids that are nobody's. One statement."""
    return dict(fetch_all(_ALL_STANDING, (list(customer_ids),))) if customer_ids else {}


def also_known_as(customer_id: UUID) -> list[UUID]:
    """The ids of records that were merged into this one, also by way of others. One statement."""
    return [row[0] for row in fetch_all(_ALSO, (customer_id,))]


def merges_of(customer_id: UUID) -> Sequence[Merged]:
    """The merges that made this record what it is, the last first. Two statements, or one when there are none."""
    ids = also_known_as(customer_id)
    rows = fetch_all(_MERGES, (ids,)) if ids else []
    return [
        Merged(id=row[0], merged_id=row[1], name=row[2], at=row[3], by_kind=row[4], by_id=row[5], into=row[6])
        for row in rows
    ]


_COUNTS = """
    SELECT (SELECT count(*) FROM customers_proposal WHERE state = 'proposed' AND (one_id = %(id)s OR other_id = %(id)s)),
      (SELECT count(*) FROM customers_customer WHERE merged_into_id = %(id)s)"""


def counts_of(customer_id: UUID) -> tuple[int, int]:
    """How many others may be the same, and how many records were merged into this one. One statement."""
    row = fetch_one(_COUNTS, {"id": customer_id})
    assert row is not None
    return row[0], row[1]
