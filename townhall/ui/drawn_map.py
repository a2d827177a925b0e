"""The borough's own map, drawn on the server: no key, no network, no JavaScript.

Features are GeoJSON in WGS84 (longitude, latitude). `properties.kind` says what each is:
  area   park, water, wood, square   Polygon or MultiPolygon, with a `name` where it has one
  line   street (with `width` of the carriageway in metres and `name`), path, rail, river, boundary
  house  building                    Polygon, with `number` and `street` where it has them
  label  place                       Point, with `name`
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Feature = Mapping[str, Any]
Position = Sequence[float]  # longitude, latitude
Spot = tuple[float, float]  # pixels from the top left
METRES_A_DEGREE = 111_320.0
FILLS = {"park": "#d5e8cf", "wood": "#c3dcbb", "water": "#bcdcec", "square": "#ece8df", "building": "#e3d9cc"}
EDGES = {"building": "#8d8072", "water": "#8fbdd4", "park": "#b5d0ad", "wood": "#a5c59c", "square": "#cfc8ba"}
LINES = {"path": ("#b08d57", 1.5), "rail": ("#7a7a7a", 2.0), "river": ("#8fbdd4", 6.0), "boundary": ("#7b5ea7", 3.0)}
ORDER = ("wood", "park", "square", "river", "water", "boundary", "rail", "path", "street", "building", "place")
FONT = "system-ui, Segoe UI, Roboto, Arial, sans-serif"
LAND, FOOTWAY, KERB, ROAD, INK = "#f6f4ef", "#e4e0d8", "#8f8a80", "#ffffff", "#3a3a3a"
NAMES_BELOW = 2.5  # metres a pixel: closer than this, streets show their names
NUMBERS_BELOW = 0.45  # metres a pixel: closer than this, houses show their numbers


@dataclass(frozen=True, kw_only=True)
class Bounds:
    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lng: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lng <= self.east


@dataclass(frozen=True, kw_only=True)
class Pin:
    lat: float
    lng: float
    label: str = ""  # one or two characters on the pin, such as its number in the list beside
    title: str = ""
    is_chosen: bool = False


def bounds_around(lat: float, lng: float, *, metres: float, width: int, height: int) -> Bounds:
    """A box `metres` wide with the shape of a picture of width x height, centred on a point."""
    across = metres / (METRES_A_DEGREE * math.cos(math.radians(lat))) / 2
    down = metres * height / width / METRES_A_DEGREE / 2
    return Bounds(west=lng - across, south=lat - down, east=lng + across, north=lat + down)


def metres_wide(bounds: Bounds) -> float:
    middle = math.radians((bounds.north + bounds.south) / 2)
    return (bounds.east - bounds.west) * METRES_A_DEGREE * math.cos(middle)


def xy(bounds: Bounds, width: int, height: int, *, lat: float, lng: float) -> tuple[float, float]:
    """Where a point falls on a picture of the bounds, in pixels from its top left."""
    across = (lng - bounds.west) / (bounds.east - bounds.west)
    down = (bounds.north - lat) / (bounds.north - bounds.south)
    return across * width, down * height


def point_at(bounds: Bounds, width: int, height: int, x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude under a pixel: what a click on the picture means."""
    lat = bounds.north - y / height * (bounds.north - bounds.south)
    lng = bounds.west + x / width * (bounds.east - bounds.west)
    return lat, lng


def svg_map(
    features: Iterable[Feature],
    bounds: Bounds,
    width: int,
    height: int,
    pins: Iterable[Pin] = (),
    *,
    title: str = "",
    crosshair: bool = False,
) -> str:
    """The map as one SVG, styled by attributes alone so that it also stands as an image of its own."""
    paper = _Paper(bounds=bounds, width=width, height=height, metres_a_pixel=metres_wide(bounds) / width)
    sorted_features = sorted(features, key=lambda feature: _order(feature["properties"]["kind"]))
    streets = [feature for feature in sorted_features if feature["properties"]["kind"] == "street"]
    parts = [f'<rect width="{width}" height="{height}" fill="{LAND}"/>']
    below = [feature for feature in sorted_features if _order(feature["properties"]["kind"]) < _order("street")]
    above = [feature for feature in sorted_features if _order(feature["properties"]["kind"]) > _order("street")]
    parts += [paper.plain(feature) for feature in below]
    parts += [paper.street(feature, layer) for layer in ("footway", "kerb", "road") for feature in streets]
    parts += [paper.plain(feature) for feature in above]
    parts += paper.street_names(streets) if paper.metres_a_pixel < NAMES_BELOW else []
    parts += [paper.scale_bar(), *(paper.pin(pin) for pin in pins)]
    if crosshair:
        parts.append(_crosshair(width, height))
    name = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="th-map__drawn" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" {name} font-family="{FONT}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True, kw_only=True)
class _Paper:
    bounds: Bounds
    width: int
    height: int
    metres_a_pixel: float

    def plain(self, feature: Feature) -> str:
        kind = feature["properties"]["kind"]
        geometry = feature["geometry"]
        if geometry["type"] == "Point":
            return self._words(geometry["coordinates"], feature["properties"].get("name", ""), size=14, weight=700)
        if geometry["type"].endswith("LineString"):
            colour, metres = LINES.get(kind, LINES["path"])
            dash = ' stroke-dasharray="6 4"' if kind in {"path", "boundary"} else ""
            return self._line(geometry, colour=colour, width=max(1.0, metres / self.metres_a_pixel), more=dash)
        return self._area(feature)

    def street(self, feature: Feature, layer: str) -> str:
        """One of three passes over every street, so that junctions join: footway, then kerb line, then carriageway."""
        metres = float(feature["properties"].get("width", 6.5))
        pixels = max(2.0, metres / self.metres_a_pixel)
        footways = 4.0 / self.metres_a_pixel
        colour, width = {
            "footway": (FOOTWAY, pixels + footways),
            "kerb": (KERB, pixels + max(1.2, 0.3 / self.metres_a_pixel)),
            "road": (ROAD, pixels),
        }[layer]
        return self._line(
            feature["geometry"], colour=colour, width=width, more=' stroke-linejoin="round" stroke-linecap="round"'
        )

    def street_names(self, streets: Sequence[Feature]) -> list[str]:
        """Each street's name once, along its longest run in view and never upside down; none where it would not fit."""
        longest: dict[str, tuple[float, list[Spot]]] = {}
        for street in streets:
            name = street["properties"].get("name", "")
            for run in self._runs(street["geometry"]):
                length = sum(itertools.starmap(math.dist, itertools.pairwise(run)))
                if name and length > longest.get(name, (0.0,))[0]:
                    longest[name] = (length, run)
        return [self._along(name, run, length) for name, (length, run) in longest.items() if length > len(name) * 7.5]

    def pin(self, pin: Pin) -> str:
        x, y = xy(self.bounds, self.width, self.height, lat=pin.lat, lng=pin.lng)
        colour = "#b3261e" if pin.is_chosen else "#0c4a52"
        title = f"<title>{escape(pin.title)}</title>" if pin.title else ""
        label = escape(pin.label) or "\N{BULLET}"
        return (
            f'<g transform="translate({x:.1f} {y:.1f})">{title}'
            f'<path d="M0 0C-4-9-13-14-13-24a13 13 0 0 1 26 0c0 10-9 15-13 24Z" fill="{colour}" stroke="#fff" stroke-width="2"/>'
            f'<text y="-19" fill="#fff" font-size="13" font-weight="700" text-anchor="middle">{label}</text></g>'
        )

    def scale_bar(self) -> str:
        metres = next(
            step for step in (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**9) if step >= 60 * self.metres_a_pixel
        )
        pixels, x, y = metres / self.metres_a_pixel, 12, self.height - 12
        words = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
        return (
            f'<path d="M{x} {y - 6}v6h{pixels:.0f}v-6" fill="none" stroke="#fff" stroke-width="5"/>'
            f'<path d="M{x} {y - 6}v6h{pixels:.0f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
            f'<text x="{x + pixels / 2:.0f}" y="{y - 5}" font-size="12" text-anchor="middle" fill="{INK}" '
            f'stroke="#fff" stroke-width="3" paint-order="stroke">{words}</text>'
        )

    def _area(self, feature: Feature) -> str:
        properties, geometry = feature["properties"], feature["geometry"]
        kind = properties["kind"]
        rings = (
            geometry["coordinates"]
            if geometry["type"] == "Polygon"
            else [r for p in geometry["coordinates"] for r in p]
        )
        drawn = "".join(f"M{self._points(ring)}Z" for ring in rings)
        edge = f' stroke="{EDGES[kind]}" stroke-width="{1.2 if kind == "building" else 1}"' if kind in EDGES else ""
        shape = f'<path data-kind="{kind}" d="{drawn}" fill="{FILLS.get(kind, "none")}" fill-rule="evenodd"{edge}/>'
        if kind == "building":
            number = str(properties.get("number", ""))
            close = self.metres_a_pixel < NUMBERS_BELOW and number
            return shape + (self._words(_middle(rings[0]), number, size=11) if close else "")
        name = properties.get("name", "")
        fits = self._wide(rings[0]) > len(name) * 6
        return shape + (self._words(_middle(rings[0]), name, size=12, italic=True) if fits else "")

    def _line(self, geometry: Feature, *, colour: str, width: float, more: str = "") -> str:
        drawn = "".join(f"M{self._points(line)}" for line in _lines(geometry))
        return f'<path d="{drawn}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{more}/>'

    def _points(self, line: Iterable[Position]) -> str:
        return "L".join("{:.1f} {:.1f}".format(*self._place(position)) for position in line)

    def _place(self, position: Position) -> tuple[float, float]:
        return xy(self.bounds, self.width, self.height, lat=position[1], lng=position[0])

    def _wide(self, ring: Iterable[Position]) -> float:
        across = [self._place(position)[0] for position in ring]
        return max(across) - min(across)

    def _words(self, position: Position, text: str, *, size: int, weight: int = 400, italic: bool = False) -> str:
        if not text:
            return ""
        x, y = self._place(position)
        slant = ' font-style="italic"' if italic else ""
        return (
            f'<text x="{x:.1f}" y="{y + size / 3:.1f}" font-size="{size}" font-weight="{weight}"{slant} text-anchor="middle" '
            f'fill="{INK}" stroke="{LAND}" stroke-width="2.5" paint-order="stroke">{escape(str(text))}</text>'
        )

    def _along(self, name: str, run: list[Spot], length: float) -> str:
        half = len(name) * 3.75
        start, middle, end = (_along_line(run, length / 2 + step) for step in (-half, 0, half))
        angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
        return (
            f'<text transform="translate({middle[0]:.1f} {middle[1]:.1f}) rotate({angle:.1f})" y="4" font-size="13" '
            f'font-weight="600" text-anchor="middle" fill="{INK}" stroke="#fff" stroke-width="3.5" '
            f'paint-order="stroke">{escape(name)}</text>'
        )

    def _runs(self, geometry: Feature) -> Iterator[list[Spot]]:
        """The unbroken parts of a line that are in view."""
        for line in _lines(geometry):
            run: list[Spot] = []
            for start, end in itertools.pairwise([self._place(position) for position in line]):
                clipped = _clip(start, end, self.width, self.height)
                if clipped and run and math.dist(run[-1], clipped[0]) < 0.5:
                    run.append(clipped[1])
                else:
                    if run:
                        yield run
                    run = list(clipped or ())
            if run:
                yield run


def _along_line(run: Sequence[Spot], wanted: float) -> Spot:
    """The spot so many pixels along a line."""
    for start, end in itertools.pairwise(run):
        length = math.dist(start, end)
        if wanted <= length and length > 0:
            part = wanted / length
            return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
        wanted -= length
    return run[-1]


def _order(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else 0


def _lines(geometry: Feature) -> list[list[Position]]:
    return [geometry["coordinates"]] if geometry["type"] == "LineString" else list(geometry["coordinates"])


def _middle(ring: Sequence[Position]) -> Position:
    lngs, lats = [point[0] for point in ring], [point[1] for point in ring]
    return (min(lngs) + max(lngs)) / 2, (min(lats) + max(lats)) / 2


def _clip(start: Spot, end: Spot, width: int, height: int) -> tuple[Spot, Spot] | None:
    """The part of a stretch inside the picture (Liang and Barsky's way), or None when none is."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    first, last = 0.0, 1.0
    for slope, room in ((-dx, start[0]), (dx, width - start[0]), (-dy, start[1]), (dy, height - start[1])):
        if slope == 0:
            if room < 0:
                return None
        elif slope < 0:
            first = max(first, room / slope)
        else:
            last = min(last, room / slope)
    if first >= last:
        return None
    return (start[0] + dx * first, start[1] + dy * first), (start[0] + dx * last, start[1] + dy * last)


def _crosshair(width: int, height: int) -> str:
    x, y = width / 2, height / 2
    return "".join(
        f'<path d="M{x - 16} {y}h12m8 0h12M{x} {y - 16}v12m0 8v12" fill="none" stroke="{colour}" stroke-width="{thick}"/>'
        for colour, thick in (("#fff", 5), ("#0b0c0c", 2))
    )
