"""A street report as the comparison sees it. No tables here, so live search and evaluation share it."""

from datetime import datetime

from msgspec import Struct


class Report(Struct, frozen=True, kw_only=True):
    id: str
    opened: datetime  # aware
    kind: str  # service or type: a code or its words
    group: str = ""  # the broader family: department, group
    easting: float | None = None  # metres; None when no point was given
    northing: float | None = None
    vague_point: bool = False  # the point stands for a whole area, so only the address tells the place
    address: str = ""
    words: str = ""  # title and description
    asset: str = ""  # the street light, bin or tree itself
    closed: datetime | None = None  # None while open
    says_when_closed: bool = True  # False when the source never tells, so nobody knows whether it is still open
