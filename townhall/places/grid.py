"""WGS84 degrees and National Grid metres (EPSG:27700) through OSTN15, exact to well under a metre and offline."""

from __future__ import annotations

import math

from convertbng import cutil

from townhall.core.errors import BadInput

_EAST, _NORTH = 700_000, 1_300_000  # how far the grid reaches, in metres


def to_grid(lat: float, lng: float) -> tuple[int, int] | None:
    """Easting and northing of a point, to the metre; None beyond the grid."""
    if not (math.isfinite(lat) and math.isfinite(lng) and 49 <= lat <= 62 and -9.5 <= lng <= 3.5):
        return None
    eastings, northings = cutil.convert_bng([lng], [lat])
    if math.isnan(eastings[0]) or math.isnan(northings[0]):
        return None
    return round(float(eastings[0])), round(float(northings[0]))


def to_wgs84(easting: float, northing: float) -> tuple[float, float] | None:
    """Latitude and longitude of a grid point; None beyond the grid."""
    if not (0 <= easting <= _EAST and 0 <= northing <= _NORTH):
        return None
    lngs, lats = cutil.convert_lonlat([round(easting)], [round(northing)])
    if math.isnan(lngs[0]) or math.isnan(lats[0]):
        return None
    return round(float(lats[0]), 7), round(float(lngs[0]), 7)


def grid_or_refuse(lat: float, lng: float) -> tuple[int, int]:
    """As `to_grid`; raises BadInput with a sentence beyond the grid."""
    found = to_grid(lat, lng)
    if found is None:
        raise BadInput({"place": "That place is outside Great Britain."})
    return found
