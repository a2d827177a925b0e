"""Aldermere: an openly fictional borough on a piece of the National Grid at sea, the same each time for the same seed.

Pure functions: nothing here knows of the database. `borough()` gives everything; `features_geojson()` gives what is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any

from convertbng import cutil

from townhall.config.demo import bins, houses, layout, names
from townhall.config.demo.kinds import Borough, Point

SEED = 1_066


@lru_cache(maxsize=2)
def borough(seed: int = SEED) -> Borough:
    random = Random(seed)
    plan = layout.lay_out(random)
    codes = {code: names.postcodes(random, index) for index, (code, _name) in enumerate(names.WARDS)}
    buildings, addresses = houses.build(plan.plans, codes, random)
    streets = tuple(one.street for one in plan.plans)
    return Borough(
        streets=streets,
        buildings=tuple(buildings),
        addresses=tuple(addresses),
        areas=plan.areas,
        greens=plan.greens,
        lines=plan.lines,
        rounds=bins.rounds(),
        address_rounds=bins.address_rounds(streets, addresses, random),
    )


@lru_cache(maxsize=2)
def features_geojson(seed: int = SEED) -> dict[str, Any]:
    """A GeoJSON FeatureCollection in WGS84 with `properties.kind` as `townhall.ui.drawn_map` reads it."""
    place = borough(seed)
    shapes: list[tuple[str, tuple[tuple[Point, ...], ...], dict[str, Any]]] = [
        *(("Polygon", (green.ring,), {"kind": green.kind, "name": green.name}) for green in place.greens),
        *(("LineString", (line.points,), {"kind": line.kind, "name": line.name}) for line in place.lines),
        *(
            (
                "LineString",
                (street.line,),
                {"kind": "street", "name": street.name, "width": street.width, "usrn": street.usrn},
            )
            for street in place.streets
        ),
        *(
            ("Polygon", (one.ring,), {"kind": "building", "number": one.number, "street": one.street})
            for one in place.buildings
        ),
        *(
            ("LineString", ((*ring, ring[0]),), {"kind": "boundary", "name": area.name})
            for area in place.areas
            if area.kind == "boundary"
            for ring in area.rings
        ),
        *(
            ("Point", ((_middle(area.rings[0]),),), {"kind": "place", "name": area.name})
            for area in place.areas
            if area.kind == "ward"
        ),
    ]
    return {"type": "FeatureCollection", "features": _features(shapes)}


def _features(shapes: list[tuple[str, tuple[tuple[Point, ...], ...], dict[str, Any]]]) -> list[dict[str, Any]]:
    """All coordinates are turned into degrees in one go, which is what makes this fast."""
    points = [point for _type, parts, _properties in shapes for part in parts for point in part]
    lngs, lats = cutil.convert_lonlat([east for east, _ in points], [north for _, north in points])
    degrees = iter([[round(float(lng), 7), round(float(lat), 7)] for lng, lat in zip(lngs, lats, strict=True)])
    features = []
    for kind, parts, properties in shapes:
        placed = [[next(degrees) for _ in part] for part in parts]
        coordinates: Any = placed[0][0] if kind == "Point" else placed[0]
        if kind == "Polygon":
            coordinates = [[*ring, ring[0]] for ring in placed]
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}
        )
    return features


def _middle(ring: tuple[Point, ...]) -> Point:
    return sum(east for east, _ in ring) / len(ring), sum(north for _, north in ring) / len(ring)
