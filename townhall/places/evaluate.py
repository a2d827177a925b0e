"""Whether a point is found in its ward: a lattice over each council's real wards, against another way of reckoning.

Ours is in metres on the council's plane, as live. The other is in degrees on the file as it came: shapely where it is installed, else the
winding number.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

import msgspec

from townhall.core.loading import Given, Layout, Refused, listed
from townhall.core.loading.records import of_feed
from townhall.places import projections
from townhall.places.loading.areas import WARDS, read_area
from townhall.places.models import Area
from townhall.places.projections import Projection
from townhall.places.whereabouts import Zone, whereabouts_among, zone

LATTICE = 500  # metres between points
_MARGIN = 1_000  # metres beyond the wards
_ON_BORDER = 1e-6  # degrees, about a tenth of a metre: a point this near to a ward may be said to be in it
Holds = Callable[[float, float], bool]  # longitude, latitude


@dataclass(frozen=True, kw_only=True)
class Council:
    """Its wards as we read them, and by code the same as another reckons."""

    name: str
    projection: Projection
    zones: list[Zone]
    others: dict[str, Holds]


def evaluate(folder: Path) -> str:
    """`points=… agree=… ms_per_point=…` over every file of wards in a folder. A point on a border agrees when it is in one of its wards."""
    paths = sorted(folder.glob("*.geojson")) if folder.is_dir() else [folder]
    if not paths:
        raise Refused(f"There is no .geojson in {folder}.")
    points, agree, seconds = 0, 0, 0.0
    for path in paths:
        council = read_council(path)
        spots = list(lattice(council.zones))
        began = time.perf_counter()
        found = [whereabouts_among(council.zones, x, y).ward_code for x, y in spots]
        seconds += time.perf_counter() - began
        points += len(spots)
        agree += sum(ward in wards_by_the_other(council, *spot) for spot, ward in zip(spots, found, strict=True))
    return f"points={points} agree={agree} ms_per_point={1000 * seconds / max(points, 1):.4f}"


def read_council(path: Path) -> Council:
    """Through the very reader of `townhall import wards`. Raises Refused for a ward that it would refuse."""
    source = of_feed(listed(msgspec.json.decode(path.read_bytes())), name=path.name)
    records = list(source.records())
    projection = _projection(records[0].values["geometry"])
    zones, others = [], {}
    for record in records:
        given = Given(record, WARDS.columns, Layout())
        values = read_area(given, projection=projection)
        if given.faults:
            raise Refused(f"{path.name}, {record.number}: {given.faults}")
        zones.append(zone(Area.Kind.WARD, values["code"], values["name"], values["rings"]))
        others[values["code"]] = _other(record.values["geometry"])
    return Council(name=path.stem, projection=projection, zones=sorted(zones, key=lambda one: one.code), others=others)


def lattice(zones: Sequence[Zone]) -> Iterator[tuple[int, int]]:
    """Every point on whole 500 metres over all the areas and a little beyond."""
    west, south = min(one.box[0] for one in zones) - _MARGIN, min(one.box[1] for one in zones) - _MARGIN
    east, north = max(one.box[2] for one in zones) + _MARGIN, max(one.box[3] for one in zones) + _MARGIN
    for x in range(ceil(west / LATTICE), floor(east / LATTICE) + 1):
        for y in range(ceil(south / LATTICE), floor(north / LATTICE) + 1):
            yield x * LATTICE, y * LATTICE


def wards_by_the_other(council: Council, x: int, y: int) -> set[str]:
    """The codes that the other way gives, several on a border; the empty code alone when there is none."""
    degrees = council.projection.to_wgs84(x, y)
    assert degrees is not None
    return {code for code, holds in council.others.items() if holds(degrees[1], degrees[0])} or {""}


def _projection(geometry: Any) -> Projection:
    point = geometry["coordinates"]
    while isinstance(point[0], list):
        point = point[0]
    return projections.around(point[1], point[0])


def _other(geometry: dict[str, Any]) -> Holds:
    return _by_shapely(geometry) if importlib.util.find_spec("shapely") else by_winding(geometry)


def _by_shapely(geometry: dict[str, Any]) -> Holds:
    import shapely
    from shapely.geometry import shape

    area = shape(geometry)
    shapely.prepare(area)
    return lambda lng, lat: bool(shapely.dwithin(area, shapely.Point(lng, lat), _ON_BORDER))


def by_winding(geometry: dict[str, Any]) -> Holds:
    """Within a polygon when its outer ring winds around the point and none of its holes does."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]

    def holds(x: float, y: float) -> bool:
        return any(
            _winds(outer, x, y) != 0 and all(_winds(hole, x, y) == 0 for hole in holes) for outer, *holes in polygons
        )

    return holds


def _winds(ring: Sequence[Sequence[float]], x: float, y: float) -> int:
    """How often a ring goes around a point, anticlockwise (D. Sunday's crossing form of the winding number)."""
    count = 0
    for (x1, y1, *_), (x2, y2, *_) in zip(ring, [*ring[1:], ring[0]], strict=True):
        left = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        if y1 <= y < y2 and left > 0:
            count += 1
        elif y2 <= y < y1 and left < 0:
            count -= 1
    return count
