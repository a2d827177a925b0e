"""The property view: by its UPRN, from a customer's page, from the look-up, or from a place on the map."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.time import now
from townhall.places import grid
from townhall.places import queries as places
from townhall.places.whereabouts import middle_of_everywhere
from townhall.ui.map_view import MapView, read_choice
from townhall.workspace import property_page
from townhall.workspace.desk_fields import text
from townhall.workspace.views.desk import draw

MAP_METRES = 3_000.0
WITHIN = 200  # metres from the place on the map to an address


@staff(may="cases.see")
@never_cache
@require_safe
def show(request: HttpRequest, uprn: str) -> HttpResponse:
    found = property_page.of(uprn, by=actor(request), at=now()) if uprn.isdecimal() and len(uprn) <= 12 else None
    if found is None:
        raise Http404
    place = found.place
    view = MapView(lat=place.lat, lng=place.lng, metres=400.0) if place.lat and place.lng else None
    return draw(request, "property", found=found, map_view=view)


@staff(may="cases.see")
@never_cache
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """An address by its words, or the one nearest to a place on the map."""
    typed = text(request.GET, "q")[:200]
    problems: dict[str, str] = {}
    found = places.find(typed, addresses_only=True) if typed else []
    if len(found) == 1:
        return redirect("workspace:property", found[0].code)
    if typed and not found:
        problems["q"] = _("There is no such address. Try the house number and the street")
    middle = middle_of_everywhere()
    chosen = (
        read_choice(request.GET, name="place", start=MapView(lat=middle[0], lng=middle[1], metres=MAP_METRES))
        if middle
        else None
    )
    if chosen is not None and chosen.point is not None and not typed:
        point = grid.to_grid(*chosen.point)
        nearest = places.nearest_address(*point, within=WITHIN) if point else None
        if nearest is not None:
            return redirect("workspace:property", nearest.code)
        problems["place"] = _("There is no address within %(metres)d metres of that place") % {"metres": WITHIN}
    context: dict[str, Any] = {"typed": typed, "found": found, "map": chosen}
    return draw(request, "property_find", problems=problems, **context)
