"""Where the drawn map's features come from. The app that knows them registers itself in config; ui only draws."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol

from townhall.ui.drawn_map import METRES_A_DEGREE, Bounds, Feature, Position


class FeatureSource(Protocol):
    def __call__(self, bounds: Bounds, *, detail: bool) -> Iterable[Feature]:
        """Features that touch the bounds (shapes: townhall.ui.drawn_map). Houses and paths only when `detail`."""


_sources: list[FeatureSource] = []


def register(source: FeatureSource) -> None:
    """Several apps may add to the map; registering one twice adds it once."""
    if source not in _sources:
        _sources.append(source)


def features_in(bounds: Bounds, *, detail: bool = True) -> list[Feature]:
    return [feature for source in _sources for feature in source(bounds, detail=detail)]


def middle() -> tuple[float, float] | None:
    """Where a map starts that nobody has moved yet; None when no features are known."""
    return next((source.middle() for source in _sources if isinstance(source, Collection)), None)


def is_drawn() -> bool:
    """Whether this borough has a map of its own to draw."""
    return bool(_sources)


CELL = 0.005  # degrees: about 550 m north to south
DETAILS = {"building", "path"}


class Collection:
    """A FeatureSource over features held in memory, loaded when first asked for and found by the cells they touch."""

    def __init__(self, load: Callable[[], Iterable[Feature]]) -> None:
        self._load = load

    def __call__(self, bounds: Bounds, *, detail: bool) -> Iterable[Feature]:
        """In the order they were given."""
        features, cells = self._index
        near = sorted({number for cell in _cells(bounds) for number in cells.get(cell, ())})
        for number in near:
            box, feature = features[number]
            if (detail or feature["properties"]["kind"] not in DETAILS) and _meet(box, bounds):
                yield feature

    def middle(self) -> tuple[float, float] | None:
        """Latitude and longitude of the middle of everything; None when there is nothing."""
        boxes = [box for box, _feature in self._index[0]]
        if not boxes:
            return None
        south, north = min(box.south for box in boxes), max(box.north for box in boxes)
        west, east = min(box.west for box in boxes), max(box.east for box in boxes)
        return (south + north) / 2, (west + east) / 2

    @cached_property
    def _index(self) -> tuple[list[tuple[Bounds, Feature]], dict[tuple[int, int], list[int]]]:
        features = [(_box_of(feature), feature) for feature in self._load()]
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, (box, _feature) in enumerate(features):
            for cell in _cells(box):
                cells[cell].append(number)
        return features, dict(cells)


def _cells(box: Bounds) -> Iterable[tuple[int, int]]:
    across = range(math.floor(box.west / CELL), math.floor(box.east / CELL) + 1)
    up = range(math.floor(box.south / CELL), math.floor(box.north / CELL) + 1)
    return ((east, north) for east in across for north in up)


def _meet(box: Bounds, other: Bounds) -> bool:
    return box.east >= other.west and box.west <= other.east and box.north >= other.south and box.south <= other.north


def _box_of(feature: Feature) -> Bounds:
    points = [point for line in _outline(feature) for point in line]
    lngs, lats = [point[0] for point in points], [point[1] for point in points]
    return Bounds(west=min(lngs), south=min(lats), east=max(lngs), north=max(lats))


def near_what(features: Iterable[Feature], *, lat: float, lng: float, within_metres: float = 60) -> str:
    """The nearest numbered house, or else the nearest named street: "12 Mill Lane"; empty when nothing is near."""
    best: tuple[float, str] = (within_metres, "")
    for feature in features:
        properties = feature["properties"]
        if properties["kind"] == "building" and properties.get("number") and properties.get("street"):
            words = f"{properties['number']} {properties['street']}"
            away = _away(_outline(feature), lat, lng)
        elif properties["kind"] == "street" and properties.get("name"):
            words = str(properties["name"])
            away = _away(_outline(feature), lat, lng) + 15  # a house says more, so it wins when about as near
        else:
            continue
        best = min(best, (away, words))
    return best[1]


def _outline(feature: Feature) -> list[list[Position]]:
    geometry = feature["geometry"]
    if geometry["type"] == "Point":
        return [[geometry["coordinates"]]]
    if geometry["type"] == "LineString":
        return [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        return [ring for polygon in geometry["coordinates"] for ring in polygon]
    return list(geometry["coordinates"])


def _away(lines: list[list[Position]], lat: float, lng: float) -> float:
    """Metres from a point to the nearest edge."""
    stretch = METRES_A_DEGREE * math.cos(math.radians(lat))
    nearest = math.inf
    for line in lines:
        placed = [((p[0] - lng) * stretch, (p[1] - lat) * METRES_A_DEGREE) for p in line]
        for (ax, ay), (bx, by) in itertools.pairwise(placed):
            dx, dy = bx - ax, by - ay
            along = max(0.0, min(1.0, -(ax * dx + ay * dy) / ((dx * dx + dy * dy) or 1.0)))
            nearest = min(nearest, math.hypot(ax + along * dx, ay + along * dy))
    return nearest
