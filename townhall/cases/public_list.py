"""Open reports as anybody may see them: for the list, the map and the feeds. No words of the reporter, no more of a place than shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from townhall.cases.public import shown_place
from townhall.cases.states import OPEN, State
from townhall.catalogue import queries as catalogue
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_SELECT = """SELECT id, reference, service_code, state, opened_at, updated_at, easting, northing, lat, lng, address, ward_code,
    followers FROM cases_case WHERE is_public AND opened_at <= %s AND (opened_at, id) < (%s, %s) AND state IN ("""
_ORDER = " ORDER BY opened_at DESC, id DESC LIMIT %s"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_HIGHEST = UUID(int=2**128 - 1)


@dataclass(frozen=True, kw_only=True)
class PublicLine:
    """One open report. `lat` and `lng` are blurred, or None, as its service says."""

    id: UUID
    reference: str
    service_code: str
    service: str
    state: State
    opened_at: datetime
    updated_at: datetime
    place: str
    lat: float | None
    lng: float | None
    ward_code: str
    followers: int


def open_reports(
    *, at: datetime, service: str = "", ward: str = "", after: str = "", size: int = 20
) -> Page[PublicLine]:
    """Open public reports up to `at`, the newest first, of one service and one ward where given. One statement."""
    cursor = _cursor(after)
    filters: list[str] = [name for name, value in (("service_code", service), ("ward_code", ward)) if value]
    query = _SELECT + _OPEN + ")" + "".join(f" AND {name} = %s" for name in filters) + _ORDER
    wanted = [value for value in (service, ward) if value]
    rows = fetch_all(query, (at, *cursor, *wanted, size + 1))
    return page_of([_line(row) for row in rows], size=size, key=lambda one: (one.opened_at.isoformat(), one.id))


def _cursor(text: str) -> tuple[datetime, UUID]:
    values = read_cursor(text, length=2) if text else None
    if values is None:
        return _LATEST, _HIGHEST
    try:
        at = datetime.fromisoformat(values[0])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)), UUID(values[1])
    except ValueError:
        return _LATEST, _HIGHEST


def _line(row: tuple[Any, ...]) -> PublicLine:
    (case_id, reference, code, state, opened_at, updated_at, easting, northing, lat, lng, address, ward, followers) = (
        row
    )
    pack = catalogue.service(code)
    shown = shown_place(pack, easting=easting, northing=northing, lat=lat, lng=lng, address=address)
    return PublicLine(
        id=case_id,
        reference=reference,
        service_code=code,
        service=pack.name,
        state=State(state),
        opened_at=opened_at,
        updated_at=updated_at,
        place=shown.address,
        lat=shown.lat,
        lng=shown.lng,
        ward_code=ward if pack.public.place != "hidden" else "",
        followers=followers,
    )
