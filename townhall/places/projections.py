"""From WGS84 degrees to metres and back: the National Grid, or a plane of our own around any spot on Earth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from convertbng import cutil

EAST, NORTH = 700_000, 1_300_000  # how far the National Grid reaches, in metres

# WGS84 and the series of Krüger to the third power of the flattening, right to a millimetre within 3,000 km of the meridian.
_RADIUS, _FLATTENING = 6_378_137.0, 1 / 298.257223563
_N = _FLATTENING / (2 - _FLATTENING)
_MEAN_RADIUS = _RADIUS / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_TO_PLANE: Final = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16,
    13 * _N**2 / 48 - 3 * _N**3 / 5,
    61 * _N**3 / 240,
)
_FROM_PLANE: Final = (_N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96, _N**2 / 48 + _N**3 / 15, 17 * _N**3 / 480)
_LATITUDE: Final = (2 * _N - 2 * _N**2 / 3 - 2 * _N**3, 7 * _N**2 / 3 - 8 * _N**3 / 5, 56 * _N**3 / 15)
_ECCENTRIC = 2 * math.sqrt(_N) / (1 + _N)

FALSE_EAST = FALSE_NORTH = 300_000  # metres given to the middle of a local plane, so that none are negative
REACH = 200_000  # metres from the middle; lengths are right to 1 part in 2,000 there, and better nearer


class Projection(Protocol):
    """Metres on a plane, so that near by is plain geometry."""

    @property
    def code(self) -> str:
        """As typed and kept: `bng`, or `local:42.33,-71.08`."""

    def to_grid(self, lat: float, lng: float) -> tuple[int, int] | None:
        """Easting and northing of a point, to the metre; None beyond the plane."""

    def to_wgs84(self, easting: float, northing: float) -> tuple[float, float] | None:
        """Latitude and longitude of a point; None beyond the plane."""

    def line_to_grid(self, degrees: Sequence[tuple[float, float]]) -> list[tuple[float, float]] | None:
        """Eastings and northings of latitudes and longitudes, to the centimetre; None when any is beyond the plane."""


@dataclass(frozen=True)
class NationalGrid:
    """EPSG:27700 through OSTN15, exact to well under a metre and offline."""

    @property
    def code(self) -> str:
        return "bng"

    def to_grid(self, lat: float, lng: float) -> tuple[int, int] | None:
        if not (math.isfinite(lat) and math.isfinite(lng) and 49 <= lat <= 62 and -9.5 <= lng <= 3.5):
            return None
        eastings, northings = cutil.convert_bng([lng], [lat])
        if math.isnan(eastings[0]) or math.isnan(northings[0]):
            return None
        return round(float(eastings[0])), round(float(northings[0]))

    def to_wgs84(self, easting: float, northing: float) -> tuple[float, float] | None:
        if not (0 <= easting <= EAST and 0 <= northing <= NORTH):
            return None
        lngs, lats = cutil.convert_lonlat([round(easting)], [round(northing)])
        if math.isnan(lngs[0]) or math.isnan(lats[0]):
            return None
        return round(float(lats[0]), 7), round(float(lngs[0]), 7)

    def line_to_grid(self, degrees: Sequence[tuple[float, float]]) -> list[tuple[float, float]] | None:
        if not all(math.isfinite(lat) and math.isfinite(lng) for lat, lng in degrees):
            return None
        eastings, northings = cutil.convert_bng([lng for _lat, lng in degrees], [lat for lat, _lng in degrees])
        found = [
            (round(float(east), 2), round(float(north), 2)) for east, north in zip(eastings, northings, strict=True)
        ]
        return None if any(math.isnan(east) or math.isnan(north) for east, north in found) else found


NATIONAL_GRID = NationalGrid()


@dataclass(frozen=True)
class LocalMetres:
    """A transverse Mercator plane through a spot in degrees, true along its meridian, for a council outside Great Britain."""

    lat: float
    lng: float

    @property
    def code(self) -> str:
        return f"local:{self.lat:g},{self.lng:g}"

    @cached_property
    def _north(self) -> float:
        return transverse_mercator(self.lat, 0)[1]

    def to_grid(self, lat: float, lng: float) -> tuple[int, int] | None:
        found = self._metres(lat, lng)
        return (round(found[0]), round(found[1])) if found else None

    def line_to_grid(self, degrees: Sequence[tuple[float, float]]) -> list[tuple[float, float]] | None:
        found = [self._metres(lat, lng) for lat, lng in degrees]
        inside = [(round(one[0], 2), round(one[1], 2)) for one in found if one]
        return inside if len(inside) == len(found) else None

    def _metres(self, lat: float, lng: float) -> tuple[float, float] | None:
        east_of = (lng - self.lng + 180) % 360 - 180 if math.isfinite(lng) else math.inf
        if not (abs(lat) <= 89 and abs(east_of) <= 45):
            return None
        east, north = transverse_mercator(lat, east_of)
        if max(abs(east), abs(north - self._north)) > REACH:
            return None
        return east + FALSE_EAST, north - self._north + FALSE_NORTH

    def to_wgs84(self, easting: float, northing: float) -> tuple[float, float] | None:
        east, north = easting - FALSE_EAST, northing - FALSE_NORTH
        if not max(abs(east), abs(north)) <= REACH:
            return None
        lat, east_of = degrees_of(east, north + self._north)
        return round(lat, 7), round((self.lng + east_of + 180) % 360 - 180, 7)


def transverse_mercator(lat: float, lng: float) -> tuple[float, float]:
    """Metres east of the meridian 0 and north of the equator, scale 1 on the meridian. L. Krüger's series, 1912."""
    sine = math.sin(math.radians(lat))
    tangent = math.sinh(math.atanh(sine) - _ECCENTRIC * math.atanh(_ECCENTRIC * sine))
    east_of = math.radians(lng)
    up = math.atan2(tangent, math.cos(east_of))
    across = math.atanh(math.sin(east_of) / math.hypot(1, tangent))
    east, north = across, up
    for j, factor in enumerate(_TO_PLANE, start=1):
        east += factor * math.cos(2 * j * up) * math.sinh(2 * j * across)
        north += factor * math.sin(2 * j * up) * math.cosh(2 * j * across)
    return _MEAN_RADIUS * east, _MEAN_RADIUS * north


def degrees_of(east: float, north: float) -> tuple[float, float]:
    """The way back: latitude, and degrees east of the meridian."""
    up, across = north / _MEAN_RADIUS, east / _MEAN_RADIUS
    true_up, true_across = up, across
    for j, factor in enumerate(_FROM_PLANE, start=1):
        true_up -= factor * math.sin(2 * j * up) * math.cosh(2 * j * across)
        true_across -= factor * math.cos(2 * j * up) * math.sinh(2 * j * across)
    conformal = math.asin(math.sin(true_up) / math.cosh(true_across))
    lat = conformal + sum(factor * math.sin(2 * j * conformal) for j, factor in enumerate(_LATITUDE, start=1))
    return math.degrees(lat), math.degrees(math.atan2(math.sinh(true_across), math.cos(true_up)))


def read(code: str) -> Projection:
    """The projection that a code names. Raises ValueError with a sentence."""
    kind, _colon, where = code.partition(":")
    if code == NATIONAL_GRID.code:
        return NATIONAL_GRID
    try:
        lat, lng = (float(part) for part in where.split(","))
    except ValueError:
        lat = lng = math.nan
    if kind != "local" or not (abs(lat) <= 85 and abs(lng) <= 180):
        raise ValueError(
            f"{code!r} is not a projection: say bng, or local:LATITUDE,LONGITUDE such as local:42.33,-71.08"
        )
    return LocalMetres(lat, lng)


def around(lat: float, lng: float) -> Projection:
    """What suits a spot: the National Grid where it reaches, else a plane around the spot to a hundredth of a degree."""
    if NATIONAL_GRID.to_grid(lat, lng) is not None:
        return NATIONAL_GRID
    return LocalMetres(round(lat, 2), round(lng, 2))
