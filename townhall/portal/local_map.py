"""One picture with the numbered places of a list. Only where the council draws its own map; elsewhere the words stand alone."""

from __future__ import annotations

from collections.abc import Sequence

from townhall.places.place import Place
from townhall.ui.drawn_map import METRES_A_DEGREE
from townhall.ui.map_features import is_drawn
from townhall.ui.map_macros import map_picture
from townhall.ui.map_view import MapView

MOST = 30  # pins
Degrees = tuple[float, float]  # latitude, longitude


def picture_of(places: Sequence[Degrees | None]) -> str:
    """The address of a map that holds all of them; empty when none has a place. Numbered in order, without those that have none."""
    placed = [place for place in places if place is not None][:MOST]
    if not placed or not is_drawn():
        return ""
    lats, lngs = [lat for lat, _lng in placed], [lng for _lat, lng in placed]
    wide = max((max(lngs) - min(lngs)) * METRES_A_DEGREE * 0.6, (max(lats) - min(lats)) * METRES_A_DEGREE * 1.6)
    middle = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
    view = MapView(lat=middle[0], lng=middle[1], metres=max(300.0, wide * 1.25))
    return map_picture(view, None, [{"lat": lat, "lng": lng} for lat, lng in placed])


def picture_around(place: Place, places: Sequence[Degrees | None], *, metres: int) -> str:
    """As `picture_of`, around a place that is marked too; empty when there is nothing to number."""
    placed = [one for one in places if one is not None][:MOST]
    if not placed or place.lat is None or place.lng is None or not is_drawn():
        return ""
    view = MapView(lat=place.lat, lng=place.lng, metres=metres * 2 * 640 / 420)  # the circle fits the picture's height
    return map_picture(view, (place.lat, place.lng), [{"lat": lat, "lng": lng} for lat, lng in placed])
