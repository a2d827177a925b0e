"""Who is linked to a property: the customers whose present address it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.customers.permissions import SEE

MOST = 30  # of one property: a block of flats in one number has more
_AT: str = """
    SELECT a.uprn, c.id, c.name, c.kind, a.from_on
    FROM customers_customeraddress a JOIN customers_customer c ON c.id = a.customer_id AND c.merged_into_id IS NULL
    WHERE a.uprn = ANY(%s) AND a.uprn <> '' AND (a.until_on IS NULL OR a.until_on > %s)
    ORDER BY a.uprn, c.search_name, c.id LIMIT %s"""


@dataclass(frozen=True, kw_only=True)
class LivesHere:
    """Somebody whose present address a property is."""

    uprn: str
    id: UUID
    name: str
    kind: str
    from_on: date | None


def at_properties(uprns: Collection[str], *, by: Actor, on: date) -> list[LivesHere]:
    """The customers of these properties, for staff who may see customers; nobody for anyone else. The caller logs the look. One query."""
    if not uprns or not permissions.may(by, SEE).allowed:
        return []
    rows = fetch_all(_AT, (list(uprns), on, MOST))
    return [LivesHere(uprn=row[0], id=row[1], name=row[2], kind=row[3], from_on=row[4]) for row in rows]
