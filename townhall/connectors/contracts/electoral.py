"""Whether somebody is on the electoral register. POST /electors/find, so that a name stands in no address that is logged."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from townhall.connectors import records
from townhall.connectors.protocol import LookUpFailed, Refused

TARGET = "electoral"


class Elector(msgspec.Struct, frozen=True, kw_only=True):
    status: str  # registered, applied, not_registered
    since: date | None = None
    polling_place: str = ""


def elector(uprn: str, name: str, *, key: str, at: datetime, seconds: float = records.SECONDS) -> Elector | None:
    """Raises NotFound (no connector), LookUpFailed."""
    found = records.act(
        TARGET, "/electors/find", {"uprn": uprn, "name": name}, Elector, key=key, at=at, seconds=seconds
    )
    if isinstance(found, Refused):
        raise LookUpFailed(found.error)
    return found
