"""What the map component asks for while a page is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from townhall.ui.drawn_map import NUMBERS_BELOW, Pin, bounds_around, svg_map
from townhall.ui.map_features import features_in
from townhall.ui.map_layers import layer_settings
from townhall.ui.map_view import MapView
from townhall.ui.paths import url


def map_setup(view: MapView) -> dict[str, Any]:
    """Everything map.js needs, words included, so that they are translated with the rest."""
    return {
        **layer_settings(),
        "lat": view.lat,
        "lng": view.lng,
        "metres": view.metres,
        "features": reverse("ui:map_features"),
        "words": {
            "label": _("Map. Arrow keys move it, plus and minus change the scale."),
            "use": _("Use this place"),
            "here": _("Use my location"),
            "closer": _("Closer"),
            "further": _("Further out"),
            "hint": _(
                "Move the map until the cross is on the place, then select “Use this place”. You can also click or tap the place."
            ),
            "set": _("The place is set."),
            "near": _("The place is set near %(what)s."),
            "finding": _("Finding where you are."),
            "notFound": _("We could not find where you are. Move the map instead."),
        },
    }


def map_picture(view: MapView, point: tuple[float, float] | None, nearby: Sequence[Mapping[str, Any]] = ()) -> str:
    """The address of the picture that stands for the map without JavaScript."""
    query = [("view", view.text())]
    if point:
        query.append(("point", f"{point[0]:.6f},{point[1]:.6f}"))
    query += [("pin", f"{report['lat']:.6f},{report['lng']:.6f}") for report in nearby[:30]]
    return f"{url('ui:map_picture')}?{urlencode(query)}"


def small_map(lat: float, lng: float, *, metres: float, width: int, height: int, title: str) -> SafeString:
    """A picture drawn into the page itself."""
    bounds = bounds_around(lat, lng, metres=metres, width=width, height=height)
    pins = [Pin(lat=lat, lng=lng, is_chosen=True)]
    features = features_in(bounds, detail=metres / width < NUMBERS_BELOW * 4)
    return SafeString(svg_map(features, bounds, width, height, pins, title=title))
