"""Where something is: however it was given, the result is the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    ADDRESS = "address"
    STREET = "street"
    MAP = "map"
    DEVICE = "device"
    WORDS = "words"
    IMPORT = "import"


@dataclass(frozen=True, kw_only=True)
class Place:
    """easting/northing: metres on the National Grid; lat/lng: WGS84 degrees. All four are None when only words are known."""

    source: Source
    easting: int | None = None
    northing: int | None = None
    lat: float | None = None
    lng: float | None = None
    address: str = ""  # one line, as shown
    words: str = ""  # the reporter's own: "by the bus shelter opposite the school"
    uprn: str = ""
    usrn: str = ""
    ward_code: str = ""
