"""Finding what happened and what was looked at: by whom, about whom, where, why and when. For the data protection officer.

Newest first, keyset-paged, one statement a page. With somebody named it is read by an index; by a time alone it reads the months of
that time, which is why whoever asks bounds it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.ledger.queries import Happened, Looked

PAGE = 50
_NEWEST: Final = UUID(int=(1 << 128) - 1)
_HAPPENED = tuple(field.name for field in fields(Happened))
_LOOKED = tuple(field.name for field in fields(Looked))


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is looked for: since <= at < until, and every part that is given. None: whoever or whatever it is.

    staff: ids of users. codes: pages of looks or verbs of entries, each as it is or with everything after its first dot ("case").
    """

    since: datetime
    until: datetime
    staff: Collection[str] | None = None
    customers: Collection[UUID] | None = None
    case_id: UUID | None = None
    codes: Collection[str] | None = None
    reason: str = ""


def looks(sought: Sought, *, after: str = "", size: int = PAGE) -> Page[Looked]:
    rows = _found("ledger_look", _LOOKED, sought, code="page", reason="reason", after=after, size=size)
    return _page([Looked(**dict(zip(_LOOKED, row, strict=True))) for row in rows], size)


def entries(sought: Sought, *, after: str = "", size: int = PAGE) -> Page[Happened]:
    rows = _found("ledger_entry", _HAPPENED, sought, code="verb", reason="data ->> 'reason'", after=after, size=size)
    found = [
        Happened(**dict(zip(_HAPPENED, (*columns, msgspec.json.decode(data)), strict=True))) for *columns, data in rows
    ]
    return _page(found, size)


def _page(rows: list[Any], size: int) -> Page[Any]:
    return page_of(rows, size=size, key=lambda row: (row.at.isoformat(), row.id))


def _found(
    table: str, columns: Collection[str], sought: Sought, *, code: str, reason: str, after: str, size: int
) -> list[tuple[Any, ...]]:
    at, key = _cursor(after, sought.until)
    conditions: list[tuple[str, tuple[object, ...]]] = [
        ("at >= %s AND at < %s AND (at, id) < (%s, %s)", (sought.since, sought.until, at, key))
    ]
    if sought.staff is not None:
        conditions.append(("actor_kind = 'staff' AND actor_id = ANY(%s)", (list(sought.staff),)))
    if sought.customers is not None:
        conditions.append(("customer_id = ANY(%s)", (list(sought.customers),)))
    if sought.case_id is not None:
        conditions.append(("case_id = %s", (sought.case_id,)))
    if sought.codes is not None:
        codes = list(sought.codes)
        conditions.append((f"({code} = ANY(%s) OR split_part({code}, '.', 1) = ANY(%s))", (codes, codes)))
    if sought.reason:
        conditions.append((f"{reason} = %s", (sought.reason,)))
    where = " AND ".join(words for words, _values in conditions)
    values = [value for _words, given in conditions for value in given]
    # Names of our own columns and conditions; nothing typed by anybody is in the statement.
    statement = f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY at DESC, id DESC LIMIT %s"  # noqa: S608
    return fetch_all(statement, (*values, size + 1))


def _cursor(after: str, until: datetime) -> tuple[datetime, UUID]:
    """Where a page begins: a cursor that does not make sense gives the first page."""
    values = read_cursor(after, length=2) if after else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else (until, _NEWEST)
    except ValueError:
        return until, _NEWEST
