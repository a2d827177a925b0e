"""Which map is under the pins: the borough's own drawing, OpenStreetMap or Ordnance Survey. Chosen in settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from townhall.core.time import council_date, now

LAYERS = ("drawn", "osm", "os")
OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OS_STYLE = "https://api.os.uk/maps/vector/v1/vts/resources/styles?srs=3857&key={key}"


def layer_settings() -> dict[str, Any]:
    """What the browser needs to draw the layer. Raises ImproperlyConfigured for a layer that cannot work."""
    layer = getattr(settings, "MAP_LAYER", "drawn")
    match layer:
        case "drawn":
            return {"layer": "drawn", "attribution": ""}
        case "osm":
            tiles = getattr(settings, "OSM_TILE_URL", "") or OSM_TILES
            words = getattr(settings, "OSM_ATTRIBUTION", "") or _("© OpenStreetMap contributors")
            return {"layer": "osm", "tiles": tiles, "attribution": words}
        case "os":
            key = getattr(settings, "OS_MAPS_KEY", "")
            if not key:
                raise ImproperlyConfigured("MAP_LAYER is os, so OS_MAPS_KEY must be set.")
            year = council_date(now()).year
            words = _("Contains OS data © Crown copyright and database rights %(year)s") % {"year": year}
            return {"layer": "os", "style": OS_STYLE.format(key=key), "key": key, "attribution": words}
    raise ImproperlyConfigured(f"MAP_LAYER must be one of {', '.join(LAYERS)}, not {layer!r}.")


def outside_sources(layer: str, tile_url: str = OSM_TILES) -> list[str]:
    """Hosts that the content security policy must allow images and connections from; none for the drawn map."""
    if layer == "os":
        return ["https://api.os.uk"]
    if layer == "osm":
        parts = urlsplit(tile_url.replace("{s}", "*"))
        return [f"{parts.scheme}://{parts.netloc}"]
    return []
