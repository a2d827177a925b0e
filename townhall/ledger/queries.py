"""What happened and what was looked at. Every list is keyset-paged and read by an index, one statement a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from townhall.core.db import fetch_all, fetch_one
from townhall.core.paging import Page, page_of, read_cursor

PAGE = 50
Key = tuple[datetime, UUID]
_FIRST: Final[Key] = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_LAST: Final[Key] = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=(1 << 128) - 1))


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One entry. Whose names and words belong to the ids is for the reader's app to look up."""

    id: UUID
    at: datetime
    position: int
    actor_kind: str
    actor_id: str
    verb: str
    subject_kind: str
    subject_id: UUID
    customer_id: UUID | None
    case_id: UUID | None
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One time that somebody saw a record, or a list when there is no one customer."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str
    customer_id: UUID | None
    case_id: UUID | None
    page: str
    reason: str


_HAPPENED = tuple(field.name for field in fields(Happened))
_LOOKED = tuple(field.name for field in fields(Looked))


def _entries(where: str) -> str:
    return " ".join(("SELECT", ", ".join(_HAPPENED), "FROM ledger_entry WHERE", where))


def _looks(where: str) -> str:
    return " ".join(("SELECT", ", ".join(_LOOKED), "FROM ledger_look WHERE", where))


def _merged(each: str) -> str:
    """The newest of several customers' rows, from the newest of each: reads a page of each, however long their histories."""
    # Two constants of ours put together; nothing typed by anybody is in them.
    return f"SELECT r.* FROM unnest(%s) c(id), LATERAL ({each}) r ORDER BY r.at DESC, r.id DESC LIMIT %s"  # noqa: S608


_CASE = _entries("case_id = %s AND (at, id) > (%s, %s) ORDER BY at, id LIMIT %s")
_LATEST = _entries("case_id = %s AND verb = ANY(%s) ORDER BY at DESC, id DESC LIMIT %s")
_CUSTOMER = _merged(_entries("customer_id = c.id AND (at, id) < (%s, %s) ORDER BY at DESC, id DESC LIMIT %s"))
_SETTLED = _entries(
    "position >= %s AND (position, id) > (%s, %s) AND position < (SELECT ledger_horizon()) ORDER BY position, id LIMIT %s"
)
_LOOKS_AT = _merged(
    _looks("customer_id = c.id AND at >= %s AND at < %s AND (at, id) < (%s, %s) ORDER BY at DESC, id DESC LIMIT %s")
)


def history_of_case(case_id: UUID, *, after: str = "", size: int = 200) -> Page[Happened]:
    """What happened to a case, oldest first."""
    return _happened(_CASE, (case_id, *_read(after, _FIRST)), size=size)


def latest_of_case(case_id: UUID, *, verbs: Collection[str], size: int = 20) -> list[Happened]:
    """The newest of what happened to a case under these verbs, newest first."""
    return [_entry(row) for row in fetch_all(_LATEST, (case_id, list(verbs), size))]


def history_of_customer(
    customer_id: UUID, *, also: Collection[UUID] = (), after: str = "", size: int = PAGE
) -> Page[Happened]:
    """Everything that happened with a customer, newest first. `also`: the ids of records that were merged into this one."""
    ids = list({customer_id, *also})
    return _happened(_CUSTOMER, (ids, *_read(after, _LAST), size + 1), size=size)


def looks_at_customer(
    customer_id: UUID,
    *,
    since: datetime,
    until: datetime,
    also: Collection[UUID] = (),
    after: str = "",
    size: int = PAGE,
) -> Page[Looked]:
    """Who saw this customer's record, since <= at < until, newest first. For the data protection officer."""
    ids = list({customer_id, *also})
    return _looked(_LOOKS_AT, (ids, since, until, *_read(after, _LAST), size + 1), size=size)


def position_before(at: datetime) -> int:
    """The place in the ledger after which stands everything that happened from `at` on. The end of it, when nothing has since."""
    row = fetch_one("SELECT min(position) FROM ledger_entry WHERE at >= %s", (at,))
    assert row is not None
    if row[0] is not None:
        return int(row[0]) - 1
    end = fetch_one("SELECT ledger_horizon()")
    assert end is not None
    return int(end[0]) - 1


def settled(*, position: int, entry_id: UUID, limit: int) -> list[Happened]:
    """Entries after (position, id), in that order, for whoever follows the ledger.

    Only those that no late commit can still precede, so a follower that goes on from the last one it saw never skips any.
    """
    rows = fetch_all(_SETTLED, (position, position, entry_id, limit))
    return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> Happened:
    *columns, data = row
    return Happened(**dict(zip(_HAPPENED, (*columns, msgspec.json.decode(data)), strict=True)))


def _happened(query: str, parameters: tuple[object, ...], *, size: int) -> Page[Happened]:
    rows = [_entry(row) for row in fetch_all(query, (*parameters, size + 1))]
    return page_of(rows, size=size, key=lambda row: (row.at.isoformat(), row.id))


def _looked(query: str, parameters: tuple[object, ...], *, size: int) -> Page[Looked]:
    rows = [Looked(**dict(zip(_LOOKED, row, strict=True))) for row in fetch_all(query, (*parameters, size + 1))]
    return page_of(rows, size=size, key=lambda row: (row.at.isoformat(), row.id))


def _read(after: str, start: Key) -> Key:
    """Where a page begins: a cursor that does not make sense gives the first page."""
    values = read_cursor(after, length=2) if after else None
    if values is None:
        return start
    try:
        return datetime.fromisoformat(values[0]), UUID(values[1])
    except ValueError:
        return start
