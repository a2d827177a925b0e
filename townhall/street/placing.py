"""Where it is, told in any of four ways: an address or street, the map, the device's position, or words. All end as a Place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from townhall.catalogue.pack import ServicePack
from townhall.core.errors import BadInput
from townhall.forms.typed import clean_text
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.queries import Found
from townhall.places.whereabouts import middle_of_everywhere, whole
from townhall.ui.map_features import is_drawn
from townhall.ui.map_layers import layer_settings
from townhall.ui.map_view import MapChoice, MapView, read_choice

LONGEST_WORDS = 500
MAP = "place"  # the name of the map's fields
FIRST_METRES = 900.0  # across, before anything is known
NEAR_METRES = 240.0
ANYWHERE = MapView(lat=54.0, lng=-2.0)  # for reading a point where no map is drawn


def offers_map(pack: ServicePack) -> bool:
    """Whether there is a map to set the place on: not where an address is needed, or nothing can be drawn."""
    return not pack.place.needs_address and (is_drawn() or layer_settings()["layer"] != "drawn")


def read_map(posted: Mapping[str, str], start: MapView) -> MapChoice:
    return read_choice(posted, name=MAP, start=start)


def first_view(place: Place | None, found: Sequence[Found]) -> MapView | None:
    """Where the map begins: at the place chosen before, the best of what was found, or the middle of the council's area."""
    for known in (place, found[0].place if found else None):
        if known and known.lat is not None and known.lng is not None:
            return MapView(lat=known.lat, lng=known.lng, metres=NEAR_METRES)
    middle = middle_of_everywhere()
    return MapView(lat=middle[0], lng=middle[1], metres=FIRST_METRES) if middle else None


def chosen_place(pack: ServicePack, posted: Mapping[str, str], *, point: tuple[float, float] | None) -> Place:
    """The place that was chosen, by whichever way. Raises BadInput."""
    words = _words(posted.get("words", ""), field="in-words" if posted.get("how") == "words" else "words")
    kind, _colon, code = posted.get("choice", "").partition(":")
    if kind in ("address", "street") and code.isdecimal():
        found = places.address(code) if kind == "address" else places.street(code)
        if found is not None and (kind == "address" or not pack.place.needs_address):
            return whole(replace(found.place, words=words))
    if pack.place.needs_address:
        raise BadInput({_first_box(posted): _("Search for your address and select it from the list")})
    if posted.get("how") in ("map", "device"):
        if point is None:
            raise BadInput({MAP: _("Set the place on the map")})
        return at_point(point, words, Source.DEVICE if posted["how"] == "device" else Source.MAP)
    if posted.get("how") == "words":
        if not words:
            raise BadInput({"in-words": _("Describe where it is")})
        return Place(source=Source.WORDS, words=words)
    raise BadInput({_first_box(posted): _("Select the place, or use the map or words instead")})


def _first_box(posted: Mapping[str, str]) -> str:
    return "choice" if posted.get("q", "").strip() else "q"


def _words(typed: str, *, field: str) -> str:
    words = clean_text(typed)
    if len(words) > LONGEST_WORDS:
        raise BadInput({field: _("Where it is must be %(most)d characters or fewer") % {"most": LONGEST_WORDS}})
    return words


def at_point(point: tuple[float, float], words: str, source: Source) -> Place:
    """A point, with the street it is in, so that it is found and routed like an address there. Raises BadInput."""
    try:
        place = whole(Place(source=source, lat=point[0], lng=point[1], words=words))
    except BadInput as error:
        raise BadInput({MAP: next(iter(error.problems.values()))}) from error
    return places.beside_address(place)
