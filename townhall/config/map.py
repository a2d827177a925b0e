"""Where the drawn map comes from: the demo's generator, or the council's own GeoJSON file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from django.conf import settings

from townhall.ui.drawn_map import Feature
from townhall.ui.map_features import Collection, register


def register_map() -> None:
    """Loaded when the first map is drawn, and then kept by the process."""
    if settings.MAP_FEATURES_FILE:
        register(Collection(_from_file))
    elif settings.DEMO:
        register(Collection(_from_the_demo))


def _from_file() -> Iterable[Feature]:
    collection = msgspec.json.decode(Path(settings.MAP_FEATURES_FILE).read_bytes())
    features: list[Feature] = collection["features"]
    return features


def _from_the_demo() -> Iterable[Feature]:
    from townhall.config.demo.borough import features_geojson

    features: list[Feature] = features_geojson()["features"]
    return features
