"""Where a record is: degrees or metres, in columns, as a GeoJSON geometry or as well-known text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.loading import Given
from townhall.places import grid
from townhall.places.projections import EAST, NATIONAL_GRID, NORTH, Projection

COLUMNS = {
    "easting": ("x_coordinate", "easting", "eastings", "geox", "x", "oseast1m", "east1m"),
    "northing": ("y_coordinate", "northing", "northings", "geoy", "y", "osnrth1m", "north1m"),
    "lat": ("latitude", "lat"),
    "lng": ("longitude", "long", "lng", "lon"),
    "point": ("point", "geometry"),
    "crs": ("crs",),
}
_WKT_POINT = re.compile(r"\s*POINT\s*Z?\s*\(\s*([-+0-9.eE]+)[\s,]+([-+0-9.eE]+)[^()]*\)\s*", re.IGNORECASE)
Spot = tuple[int, int]
_METRES = "27700"  # the National Grid's number, as a file's crs names it


def spot_of(given: Given, *, required: bool = False) -> Spot | None:
    """Whole metres in the council's projection; None when the record gives none, or a wrong one, which is then noted."""
    projection = grid.current()
    easting, northing = given.number("easting"), given.number("northing")
    lat, lng = given.number("lat"), given.number("lng")
    if lat is None and lng is None:
        pair = _point(given)
        if pair is not None and _METRES in given.text("crs"):
            easting, northing = pair
        elif pair is not None:
            lng, lat = pair
    if given.faults.keys() & {"easting", "northing", "lat", "lng", "point"}:
        return None
    if easting and northing and projection == NATIONAL_GRID:
        if not (0 <= easting <= EAST and 0 <= northing <= NORTH):
            given.wrong("easting", _beyond(projection))
            return None
        return round(easting), round(northing)
    if lat is not None and lng is not None and (lat or lng):
        found = projection.to_grid(lat, lng)
        if found is None:
            given.wrong("lat" if given.raw("lat") is not None else "point", _beyond(projection))
        return found
    if required:
        given.wrong("easting", _("It has no place: neither easting and northing nor latitude and longitude."))
    return None


def _beyond(projection: Projection) -> str:
    return _("The place is beyond the council's projection (%(code)s).") % {"code": projection.code}


def _point(given: Given) -> tuple[float, float] | None:
    """x and y of a point as GeoJSON or well-known text; None when there is none, or another kind of shape."""
    value = given.raw("point")
    if isinstance(value, str):
        match = _WKT_POINT.fullmatch(value)
        if match is None:
            return None
        value = {"type": "Point", "coordinates": list(match.groups())}
    if not isinstance(value, dict) or value.get("type") != "Point":
        return None
    pair = pair_of(value.get("coordinates"))
    if pair is None:
        given.wrong("point", _("It is not a point of two numbers."))
    return pair


def pair_of(value: Any) -> tuple[float, float] | None:
    """Two finite numbers, or None."""
    if not isinstance(value, Sequence) or len(value) < 2:
        return None
    try:
        x, y = float(value[0]), float(value[1])
    except (TypeError, ValueError):
        return None
    return (x, y) if abs(x) < 1e9 and abs(y) < 1e9 else None
