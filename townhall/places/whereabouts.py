"""What the council knows of a spot: its ward, whether it is the council's, and who else looks after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from townhall.core.refreshing import Refreshing
from townhall.places import grid
from townhall.places.geometry import Ring, bounds, contains
from townhall.places.models import Area
from townhall.places.place import Place
from townhall.places.projections import LocalMetres


@dataclass(frozen=True, kw_only=True)
class Zone:
    kind: str
    code: str
    name: str
    owner_name: str
    owner_contact: str
    service_codes: frozenset[str]
    rings: list[Ring]
    box: tuple[float, float, float, float]

    def holds(self, easting: float, northing: float) -> bool:
        west, south, east, north = self.box
        return west <= easting <= east and south <= northing <= north and contains(self.rings, easting, northing)


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """`land` is somebody else's area that holds the spot, if any. A spot known by words alone counts as inside."""

    ward_code: str = ""
    inside: bool = True
    land: Zone | None = None


def _load() -> list[Zone]:
    return [
        Zone(
            kind=area.kind,
            code=area.code,
            name=area.name,
            owner_name=area.owner_name,
            owner_contact=area.owner_contact,
            service_codes=frozenset(area.service_codes),
            rings=area.rings,
            box=bounds(area.rings),
        )
        for area in Area.objects.order_by("kind", "code")
    ]


_zones = Refreshing(_load, seconds=30)


def whereabouts(easting: int | None, northing: int | None, *, service_code: str = "") -> Whereabouts:
    """Of a spot on the grid. Reads nothing but memory. With no boundary loaded everywhere is inside."""
    if easting is None or northing is None:
        return Whereabouts()
    ward, land, inside, bounded = "", None, False, False
    for zone in _zones.get():
        bounded = bounded or zone.kind == Area.Kind.BOUNDARY
        if not zone.holds(easting, northing):
            continue
        if zone.kind == Area.Kind.WARD:
            ward = ward or zone.code
        elif zone.kind == Area.Kind.BOUNDARY:
            inside = True
        elif land is None and (not zone.service_codes or service_code in zone.service_codes):
            land = zone
    return Whereabouts(ward_code=ward, inside=inside or not bounded, land=land)


def whole(place: Place) -> Place:
    """The place with grid, degrees and ward filled in from whichever of them is known."""
    easting, northing, lat, lng = place.easting, place.northing, place.lat, place.lng
    if easting is None and lat is not None and lng is not None:
        easting, northing = grid.grid_or_refuse(lat, lng)
    if easting is not None and northing is not None and lat is None:
        found = grid.to_wgs84(easting, northing)
        lat, lng = found or (None, None)
    if lat is None or easting is None:
        return replace(place, easting=None, northing=None, lat=None, lng=None)
    ward = place.ward_code or whereabouts(easting, northing).ward_code
    return replace(place, easting=easting, northing=northing, lat=lat, lng=lng, ward_code=ward)


def middle_of_everywhere() -> tuple[float, float] | None:
    """Latitude and longitude of the middle of the council's boundary, else of all its areas, else of its own projection; or None."""
    zones = _zones.get()
    boxes = [zone.box for zone in zones if zone.kind == Area.Kind.BOUNDARY] or [zone.box for zone in zones]
    if not boxes:
        projection = grid.current()
        return (projection.lat, projection.lng) if isinstance(projection, LocalMetres) else None
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return grid.to_wgs84((west + east) / 2, (south + north) / 2)


def wards() -> list[tuple[str, str]]:
    """Code and name of every ward, in order of name."""
    return sorted(
        ((zone.code, zone.name) for zone in _zones.get() if zone.kind == Area.Kind.WARD), key=lambda one: one[1]
    )
