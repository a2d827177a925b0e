"""Buildings along a street, their numbers (odd on the left, even on the right) and the addresses in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from townhall.config.demo import names
from townhall.config.demo.kinds import Address, Building, Point, Ring, Street
from townhall.config.demo.layout import Plan
from townhall.config.demo.shapes import Spot, length_of, spot_on

_CORNER = 24.0  # metres kept clear at each end of a street


@dataclass(frozen=True, kw_only=True)
class _Style:
    plot: float  # metres of street each building takes
    wide: float
    deep: float
    setback: float  # from the middle of the road to the front
    flats: float  # share of buildings divided into flats
    commercial: float = 0.0


_STYLES = {
    "terrace": _Style(plot=9.0, wide=9.0, deep=9.0, setback=8.5, flats=0.03),
    "semi": _Style(plot=14.5, wide=10.0, deep=9.0, setback=12.0, flats=0.01),
    "detached": _Style(plot=19.0, wide=12.0, deep=10.0, setback=14.0, flats=0.0),
    "shops": _Style(plot=11.0, wide=11.0, deep=15.0, setback=8.0, flats=0.25, commercial=0.8),
}


def build(
    plans: tuple[Plan, ...], postcodes: dict[str, list[str]], random: Random
) -> tuple[list[Building], list[Address]]:
    """Every building and address. postcodes: by ward code; each side of a street takes one."""
    buildings: list[Building] = []
    addresses: list[Address] = []
    left = {ward: iter(codes) for ward, codes in postcodes.items()}
    uprns = iter(range(999_900_000_001, 999_999_999_999))
    for plan in plans:
        for side in plan.sides:
            postcode = next(left[plan.street.ward])
            for building, middle, style in _along(plan, side):
                buildings.append(building)
                for number, kind in _homes(building.number, style, random):
                    addresses.append(
                        _address(str(next(uprns)), number, kind, street=plan.street, middle=middle, postcode=postcode)
                    )
    return buildings, addresses


def _along(plan: Plan, side: str) -> Iterator[tuple[Building, Point, _Style]]:
    style = _STYLES[plan.style]
    sign = 1 if side == "left" else -1
    count = int((length_of(plan.street.line) - 2 * _CORNER) // style.plot)
    for index in range(count):
        spot = spot_on(plan.street.line, _CORNER + (index + 0.5) * style.plot)
        number = str(2 * index + (1 if side == "left" else 2))
        ring = _outline(spot, style, sign)
        middle = spot.aside(0, sign * (style.setback + style.deep / 2))
        yield Building(number=number, street=plan.street.name, usrn=plan.street.usrn, ring=ring), middle, style


def _outline(spot: Spot, style: _Style, sign: int) -> Ring:
    half, front, back = style.wide / 2, sign * style.setback, sign * (style.setback + style.deep)
    return spot.aside(-half, front), spot.aside(half, front), spot.aside(half, back), spot.aside(-half, back)


def _homes(number: str, style: _Style, random: Random) -> list[tuple[str, str]]:
    """What is in one building: (number, R or C) for each address."""
    ground = "C" if random.random() < style.commercial else "R"
    if random.random() >= style.flats:
        return [(number, ground)]
    flats = [(f"Flat {flat}, {number}", "R") for flat in range(1, random.randrange(3, 7))]
    return [(number, "C"), *flats] if ground == "C" else flats


def _address(uprn: str, number: str, kind: str, *, street: Street, middle: Point, postcode: str) -> Address:
    return Address(
        uprn=uprn,
        usrn=street.usrn,
        number=number,
        street=street.name,
        line=f"{number} {street.name}, {names.TOWN}",
        postcode=postcode,
        easting=round(middle[0]),
        northing=round(middle[1]),
        ward=street.ward,
        classification=kind,
    )
