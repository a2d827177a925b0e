"""How much each place is used in a month, so that it can be decided where telepresence goes on, ends or begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from townhall.core.db import fetch_all

_USE = """
    SELECT s.name, v.service_code, count(*), count(*) FILTER (WHERE v.ended_at IS NULL),
        coalesce(round(avg(extract(epoch FROM v.ended_at - v.started_at)) / 60)::int, 0),
        coalesce(round(sum(extract(epoch FROM v.ended_at - v.started_at)) / 60)::int, 0)
    FROM telephony_videosession v JOIN places_site s ON s.code = v.site_id
    WHERE v.started_at >= %s AND v.started_at < %s GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Of one service at one place. Minutes are of the sessions that have ended."""

    place: str
    service_code: str
    sessions: int
    still_open: int
    average_minutes: int
    minutes: int


def use(*, since: datetime, until: datetime) -> list[Use]:
    names = Use.__dataclass_fields__
    return [Use(**dict(zip(names, row, strict=True))) for row in fetch_all(_USE, (since, until))]


def by_place(rows: list[Use]) -> list[tuple[str, int]]:
    """Sessions of each place, the most used first."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.place] = counts.get(row.place, 0) + row.sessions
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
