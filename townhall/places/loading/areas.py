"""Wards, the council's boundary, and land in others' care: GeoJSON, or CSV with well-known text as planning.data.gov.uk has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values, listed
from townhall.places import grid
from townhall.places.loading.spots import pair_of
from townhall.places.loading.storing import find_wards_again, stored
from townhall.places.models import Area
from townhall.places.projections import NATIONAL_GRID, Projection

_YEARS = [f"{year:02}" for year in range(30, 8, -1)]  # of the codes that the ONS publishes: WD24CD
_CODES = ("code", "reference", "gss", "gss_code", "ons_code", "entity", "id")
_NAMES = ("name", "nm", "title", "label")
_SHAPE = re.compile(r"\s*(MULTIPOLYGON|POLYGON)\s*Z?\s*(\(.*\))\s*", re.IGNORECASE | re.DOTALL)
_NUMBER = r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
_PAIR = re.compile(rf"({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*")
_METRES = "27700"

Ring = list[tuple[float, float]]


def _columns(letters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {
        "code": (*(f"{one}{year}CD" for one in letters for year in _YEARS), *_CODES),
        "name": (*(f"{one}{year}NM" for one in letters for year in _YEARS), *_NAMES),
        "shape": ("geometry", "the_geom", "wkt"),
        "crs": ("crs",),
        "ended": ("end-date",),
        "owner_name": ("owner_name", "owner", "organisation"),
        "owner_contact": ("owner_contact", "contact"),
        "services": ("service_codes", "services"),
    }


def read_area(given: Given, *, projection: Projection) -> Values:
    """Code, name and rings in metres."""
    code = given.text("code", most=100, required=True)
    return {
        "code": code,
        "name": given.text("name", most=200) or code,
        "rings": _rings(given, projection),
    }


def _rings(given: Given, projection: Projection) -> list[Ring]:
    """Every ring of a Polygon or MultiPolygon, holes too, without the point that closes it."""
    parts = _parts(given)
    if parts is None:
        given.wrong("shape", _("It is neither a Polygon nor a MultiPolygon."))
        return []
    found: list[Ring] = []
    for part in parts:
        pairs = [pair_of(point) for point in part] if isinstance(part, list) else []
        points = [pair for pair in pairs if pair is not None]
        if points and points[0] == points[-1]:
            points.pop()
        if len(points) < 3 or None in pairs:
            given.wrong("shape", _("One of its rings is not a list of at least three points."))
            return []
        ring = _in_metres(points, given, projection)
        if ring is None:
            given.wrong(
                "shape", _("It reaches beyond the council's projection (%(code)s).") % {"code": projection.code}
            )
            return []
        found.append(ring)
    return found


def _in_metres(points: Ring, given: Given, projection: Projection) -> Ring | None:
    if _METRES in given.text("crs"):
        return points if projection == NATIONAL_GRID else None
    if any(abs(lng) > 180 or abs(lat) > 90 for lng, lat in points):
        return None
    return projection.line_to_grid([(lat, lng) for lng, lat in points])


def _parts(given: Given) -> list[Any] | None:
    """The rings as they stand, each a list of points; None when it is no area."""
    shape = given.raw("shape")
    if isinstance(shape, str):
        return _of_text(shape)
    if not isinstance(shape, dict) or not isinstance(shape.get("coordinates"), list):
        return None
    coordinates = shape["coordinates"]
    if shape.get("type") == "Polygon":
        return coordinates or None
    if shape.get("type") == "MultiPolygon" and all(isinstance(part, list) for part in coordinates):
        return [ring for part in coordinates for ring in part] or None
    return None


def _of_text(text: str) -> list[Any] | None:
    """Well-known text: every innermost bracket is a ring, by the even-odd rule."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    rings = re.findall(r"\(([^()]*)\)", match[2])
    return [[pair.groups() for pair in _PAIR.finditer(ring)] for ring in rings] or None


def _reader(kind: str) -> Callable[[Given, Batch], Values]:
    def read(given: Given, batch: Batch) -> Values:
        services = [one.strip() for one in given.text("services", most=2_000).split(",") if one.strip()]
        return {
            "id": uuid7(),
            "kind": kind,
            **read_area(given, projection=grid.current()),
            "owner_name": given.text("owner_name", most=200),
            "owner_contact": given.text("owner_contact", most=500),
            "service_codes": services,
        }

    return read


def _store(rows: list[Values], batch: Batch) -> Stored:
    return stored("places_area", rows, batch, key=["kind", "code"], once=["id"])


def _end_others(kind: str) -> Callable[[set[str], Batch], int]:
    def end(keys: set[str], batch: Batch) -> int:
        gone, _by_table = Area.objects.filter(kind=kind).exclude(code__in=keys).delete()
        return gone

    return end


def _in_force(document: object, _stem: str) -> list[object]:
    """Without areas that have ended."""
    return [one for one in listed(document) if not (isinstance(one, dict) and one.get("end-date"))]


def _kind(code: str, kind: Area.Kind, *letters: str) -> Kind:
    return Kind(
        code=code,
        columns=_columns(letters),
        id="code",
        read=_reader(kind.value),
        key=lambda values: str(values["code"]),
        store=_store,
        required=("code", "shape"),
        unpack=_in_force,
        end_others=_end_others(kind.value),
        finish=find_wards_again,
    )


WARDS = _kind("wards", Area.Kind.WARD, "WD", "CED")
BOUNDARY = _kind("boundary", Area.Kind.BOUNDARY, "LAD", "CTYUA", "UTLA")
LAND = _kind("land", Area.Kind.LAND, "")
ZONES = _kind("zones", Area.Kind.ZONE, "")
