"""What systems know of a home: GET /premises/<uprn>/collections of the waste system, GET /premises/<uprn>/permits of the parking system."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

import msgspec

from townhall.connectors import records


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    stream: str  # refuse, recycling …
    on: date


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """The crew's last visit. `result` in the system's words, such as "collected" or "bin not out"."""

    stream: str
    on: date
    result: str


class Waste(msgspec.Struct, frozen=True, kw_only=True):
    next: list[Coming] = []  # soonest first
    last: list[Came] = []  # latest first


class Held(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    zone: str
    state: str
    ends_on: date | None = None


class Permits(msgspec.Struct, frozen=True, kw_only=True):
    permits: list[Held] = []


def waste(uprn: str, *, at: datetime, seconds: float = records.SECONDS) -> Waste | None:
    """None: no rounds come there. Raises NotFound (no connector), LookUpFailed."""
    return records.read("waste", f"/premises/{quote(uprn, safe='')}/collections", Waste, at=at, seconds=seconds)


def permits(uprn: str, *, at: datetime, seconds: float = records.SECONDS) -> Permits | None:
    """Those of everybody at this home. Raises NotFound (no connector), LookUpFailed."""
    return records.read("permits", f"/premises/{quote(uprn, safe='')}/permits", Permits, at=at, seconds=seconds)
