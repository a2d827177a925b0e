"""A made-up hamlet at sea for the tests: two streets that cross, houses on both sides, a pond and a green."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from townhall.ui.drawn_map import METRES_A_DEGREE, Bounds, Feature

LAT, LNG = 54.6, 1.4  # the crossing
LONG_LANE = "Long Lane"
POND_LANE = "Pond Lane"


def at(east: float, north: float) -> list[float]:
    """Longitude and latitude so many metres from the crossing."""
    return [LNG + east / (METRES_A_DEGREE * math.cos(math.radians(LAT))), LAT + north / METRES_A_DEGREE]


def borough(bounds: Bounds, *, detail: bool) -> Iterable[Feature]:
    """Everything that touches the bounds."""
    return [feature for feature in everything(detail=detail) if _touches(feature, bounds)]


def everything(*, detail: bool = True) -> Iterator[Feature]:
    yield _feature("park", "Polygon", [_box(40, 40, 170, 130)], name="Lower Green")
    yield _feature(
        "water",
        "Polygon",
        [[at(60 + 22 * math.cos(a / 3), -80 + 15 * math.sin(a / 3)) for a in range(20)]],
        name="Duck Pond",
    )
    yield _feature("street", "LineString", [at(-300, 0), at(0, 0), at(300, 20)], name=LONG_LANE, width=7.0)
    yield _feature("street", "LineString", [at(0, -260), at(0, 0), at(-10, 260)], name=POND_LANE, width=5.5)
    if detail:
        yield _feature("path", "LineString", [at(30, 20), at(100, 80), at(180, 140)])
        for number in range(1, 13):
            east = -25 - 20 * ((number - 1) // 2)
            yield _house(east, 12 if number % 2 else -24, number, LONG_LANE)
    yield {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at(0, 150)},
        "properties": {"kind": "place", "name": "Hamlet"},
    }


def _house(east: float, north: float, number: int, street: str) -> Feature:
    return _feature("building", "Polygon", [_box(east - 8, north, east + 4, north + 11)], number=number, street=street)


def _box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)]


def _feature(kind: str, shape: str, coordinates: list[Any], **properties: object) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"kind": kind, **properties},
    }


def _touches(feature: Feature, bounds: Bounds) -> bool:
    geometry = feature["geometry"]
    shapes = {"Point": [geometry["coordinates"]], "LineString": geometry["coordinates"]}
    points: list[list[float]] = shapes.get(geometry["type"]) or geometry["coordinates"][0]
    lngs, lats = [point[0] for point in points], [point[1] for point in points]
    across = max(lngs) >= bounds.west and min(lngs) <= bounds.east
    return across and max(lats) >= bounds.south and min(lats) <= bounds.north
