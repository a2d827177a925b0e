"""What the council knows of a spot: its ward, whether it is the council's, and who else looks after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import Struct

from townhall.core.refreshing import Refreshing
from townhall.places import grid
from townhall.places.geometry import Box, Ring, Shape
from townhall.places.models import Area
from townhall.places.place import Place
from townhall.places.projections import LocalMetres

_WARD, _BOUNDARY, _LAND = Area.Kind.WARD.value, Area.Kind.BOUNDARY.value, Area.Kind.LAND.value
BORDER_METRES = 0.1  # a spot this near to a border is on it: coordinates are kept to the centimetre


@dataclass(frozen=True, kw_only=True)
class Zone:
    kind: str
    code: str
    name: str
    owner_name: str
    owner_contact: str
    service_codes: frozenset[str]
    shape: Shape

    @property
    def box(self) -> Box:
        return self.shape.box

    def holds(self, easting: float, northing: float) -> bool:
        return self.shape.holds(easting, northing)


class Whereabouts(Struct, frozen=True, kw_only=True):
    """`land` is somebody else's area that holds the spot, if any. A spot known by words alone counts as inside."""

    ward_code: str = ""
    inside: bool = True
    land: Zone | None = None


def _load() -> list[Zone]:
    return [
        zone(
            area.kind,
            area.code,
            area.name,
            area.rings,
            owner_name=area.owner_name,
            owner_contact=area.owner_contact,
            service_codes=frozenset(area.service_codes),
        )
        for area in Area.objects.order_by("kind", "code")
    ]


def zone(
    kind: str,
    code: str,
    name: str,
    rings: Sequence[Ring],
    *,
    owner_name: str = "",
    owner_contact: str = "",
    service_codes: frozenset[str] = frozenset(),
) -> Zone:
    """An area ready to be asked about."""
    return Zone(
        kind=kind,
        code=code,
        name=name,
        owner_name=owner_name,
        owner_contact=owner_contact,
        service_codes=service_codes,
        shape=Shape(rings),
    )


_zones = Refreshing(_load, seconds=30)


def forget() -> None:
    """Read the areas again at the next use."""
    _zones.forget()


def whereabouts(easting: int | None, northing: int | None, *, service_code: str = "") -> Whereabouts:
    """Of a spot on the grid. Reads nothing but memory. With no boundary loaded everywhere is inside."""
    if easting is None or northing is None:
        return Whereabouts()
    return whereabouts_among(_zones.get(), easting, northing, service_code=service_code)


def parking_zone(easting: int | None, northing: int | None) -> str:
    """The code of the permit zone that holds a spot; empty where no permit is needed. Reads nothing but memory."""
    if easting is None or northing is None:
        return ""
    zones = (one for one in _zones.get() if one.kind == Area.Kind.ZONE)
    return next((one.code for one in zones if one.holds(easting, northing)), "")


def whereabouts_among(zones: Sequence[Zone], x: float, y: float, *, service_code: str = "") -> Whereabouts:
    """As `whereabouts`, among these areas. A spot on a border is in exactly one of the wards beside it."""
    ward, land, inside, bounded = "", None, False, False
    for one in zones:
        kind = one.kind
        bounded = bounded or kind == _BOUNDARY
        west, south, east, north = one.shape.box  # most areas are elsewhere, and this is on the way of every report
        if not (west <= x <= east and south <= y <= north and one.shape.holds(x, y)):
            continue
        if kind == _WARD:
            ward = ward or one.code
        elif kind == _BOUNDARY:
            inside = True
        elif kind == _LAND and land is None and (not one.service_codes or service_code in one.service_codes):
            land = one
    ward = ward or _bordering(zones, Area.Kind.WARD, x, y)
    inside = inside or not bounded or bool(_bordering(zones, Area.Kind.BOUNDARY, x, y))
    return Whereabouts(ward_code=ward, inside=inside, land=land)


def _bordering(zones: Sequence[Zone], kind: str, x: float, y: float) -> str:
    """The first area with the spot on its edge: on the outer border, or in a gap between borders that were drawn apart."""
    return next(
        (one.code for one in zones if one.kind == kind and one.shape.is_on_edge(x, y, within=BORDER_METRES)), ""
    )


def whole(place: Place) -> Place:
    """The place with grid, degrees and ward filled in from whichever of them is known."""
    if place.ward_code and None not in (place.easting, place.northing, place.lat, place.lng):
        return place
    return whole_and_spot(place)[0]


def whole_and_spot(place: Place, *, service_code: str = "") -> tuple[Place, Whereabouts]:
    """`whole` and `whereabouts` of a place, in one look at the areas."""
    easting, northing, lat, lng = place.easting, place.northing, place.lat, place.lng
    if easting is None and lat is not None and lng is not None:
        easting, northing = grid.grid_or_refuse(lat, lng)
    if easting is not None and northing is not None and lat is None:
        found = grid.to_wgs84(easting, northing)
        lat, lng = found or (None, None)
    if lat is None or easting is None:
        return replace(place, easting=None, northing=None, lat=None, lng=None), Whereabouts()
    spot = whereabouts(easting, northing, service_code=service_code)
    ward = place.ward_code or spot.ward_code
    if (ward, easting, northing, lat, lng) == (place.ward_code, place.easting, place.northing, place.lat, place.lng):
        return place, spot
    return replace(place, easting=easting, northing=northing, lat=lat, lng=lng, ward_code=ward), spot


def middle_of_everywhere() -> tuple[float, float] | None:
    """Latitude and longitude of the middle of the council's boundary, else of all its areas, else of its own projection; or None."""
    zones = _zones.get()
    boxes = [one.box for one in zones if one.kind == Area.Kind.BOUNDARY] or [one.box for one in zones]
    if not boxes:
        projection = grid.current()
        return (projection.lat, projection.lng) if isinstance(projection, LocalMetres) else None
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return grid.to_wgs84((west + east) / 2, (south + north) / 2)


def wards() -> list[tuple[str, str]]:
    """Code and name of every ward, in order of name."""
    return sorted(
        ((one.code, one.name) for one in _zones.get() if one.kind == Area.Kind.WARD), key=lambda pair: pair[1]
    )
