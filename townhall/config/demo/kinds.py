"""What Aldermere is made of. Coordinates are metres on the National Grid unless a name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

Point = tuple[float, float]  # easting, northing
Ring = tuple[Point, ...]  # closed: the last point is joined to the first


@dataclass(frozen=True, kw_only=True)
class Street:
    usrn: str
    name: str
    ward: str  # code, empty beyond the boundary
    line: tuple[Point, ...]
    width: float  # of the carriageway
    maintained_by: str = "council"  # or the code of a land area

    @property
    def middle(self) -> tuple[int, int]:
        easting, northing = self.line[len(self.line) // 2]
        return round(easting), round(northing)


@dataclass(frozen=True, kw_only=True)
class Building:
    number: str
    street: str
    usrn: str
    ring: Ring


@dataclass(frozen=True, kw_only=True)
class Address:
    uprn: str
    usrn: str
    number: str  # "12", or "Flat 3, 12"
    street: str
    line: str  # "12 Mill Lane, Aldermere"
    postcode: str  # "ZZ1 2AB"
    easting: int
    northing: int
    ward: str
    classification: str  # R residential, C commercial


@dataclass(frozen=True, kw_only=True)
class Area:
    """kind: boundary, ward, land (another body's) or neighbour (beyond the boundary)."""

    kind: str
    code: str
    name: str
    rings: tuple[Ring, ...]
    owner_name: str = ""
    owner_contact: str = ""
    service_codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Green:
    """kind: park, wood, water or square."""

    kind: str
    name: str
    ring: Ring


@dataclass(frozen=True, kw_only=True)
class Line:
    """kind: river, rail or path."""

    kind: str
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Round:
    code: str
    stream: str  # refuse, recycling or garden
    weekday: int  # 0 is Monday
    every_weeks: int
    first_on: date
    ends_at: time


@dataclass(frozen=True, kw_only=True)
class AddressRound:
    uprn: str
    usrn: str
    round: str  # code


@dataclass(frozen=True, kw_only=True)
class Borough:
    streets: tuple[Street, ...]
    buildings: tuple[Building, ...]
    addresses: tuple[Address, ...]
    areas: tuple[Area, ...]
    greens: tuple[Green, ...]
    lines: tuple[Line, ...]
    rounds: tuple[Round, ...]
    address_rounds: tuple[AddressRound, ...]
