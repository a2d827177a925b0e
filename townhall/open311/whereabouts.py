"""Where a request is: degrees, an address of the gazetteer, or the sender's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

from django.utils.translation import gettext as _

from townhall.catalogue.pack import ServicePack
from townhall.forms.typed import clean_line
from townhall.places import grid
from townhall.places import queries as places
from townhall.places.place import Place, Source
from townhall.places.whereabouts import whole

LONGEST_WORDS = 500
NEAR = 50  # metres from a point to the address meant, where a service needs one


def place_of(pack: ServicePack, given: Mapping[str, str], problems: list[str]) -> Place | None:
    """The best of what was given: an address, then degrees or grid metres, then words. None, and a problem, without any.

    Degrees get the address that they are near, in one query; words that are just one address or street are that one.
    """
    words = clean_line(given.get("address_string", ""))[:LONGEST_WORDS]
    uprn = _digits(given.get("address_id", "")) or _digits(given.get("attribute[uprn]", ""))
    if uprn and (found := places.address(uprn)) is not None:
        return replace(found.place, words=words)
    if (
        (given.get("address_id", "").strip() and _digits(given.get("address_id", "")))
        and not _has_point(given)
        and not words
    ):
        problems.append(_("address_id was not found: it is a UPRN."))
        return None
    point = _point(given, problems) or _from_grid(given)
    if point is not None:
        at_point = replace(whole(point), words=words)
        return _at_address(point, problems) if pack.place.needs_address else places.beside_address(at_point)
    if problems:
        return None
    found = places.exactly(words, addresses_only=pack.place.needs_address) if words else None
    if found is not None:
        return found.place
    if pack.place.needs_address:
        problems.append(_("This service needs address_id (a UPRN), or lat and long at the address."))
        return None
    if words:
        return Place(source=Source.WORDS, words=words)
    problems.append(_("A place is missing: send lat and long, address_string or address_id."))
    return None


def _has_point(given: Mapping[str, str]) -> bool:
    return bool(given.get("lat", "").strip() and given.get("long", "").strip())


def _point(given: Mapping[str, str], problems: list[str]) -> Place | None:
    lat, long = given.get("lat", "").strip(), given.get("long", "").strip()
    if not lat and not long:
        return None
    try:
        degrees = float(lat), float(long)
    except ValueError:
        degrees = (float("nan"), 0.0)
    if not (isfinite(degrees[0]) and isfinite(degrees[1]) and abs(degrees[0]) <= 90 and abs(degrees[1]) <= 180):
        problems.append(_("lat and long must both be numbers of degrees (WGS84)."))
        return None
    metres = grid.to_grid(*degrees)
    if metres is None:
        problems.append(_("lat and long are outside Great Britain."))
        return None
    return Place(source=Source.MAP, easting=metres[0], northing=metres[1], lat=degrees[0], lng=degrees[1])


def _from_grid(given: Mapping[str, str]) -> Place | None:
    """What some senders give instead of degrees: metres of the National Grid, as attributes."""
    easting, northing = _digits(given.get("attribute[easting]", "")), _digits(given.get("attribute[northing]", ""))
    if not easting or not northing or grid.to_wgs84(int(easting), int(northing)) is None:
        return None
    return Place(source=Source.MAP, easting=int(easting), northing=int(northing))


def _at_address(point: Place, problems: list[str]) -> Place | None:
    assert point.easting is not None
    assert point.northing is not None
    found = places.nearest_address(point.easting, point.northing, within=NEAR)
    if found is None:
        problems.append(
            _("This service needs an address, and there is none near lat and long. Send address_id (a UPRN).")
        )
        return None
    return found.place


def _digits(text: str) -> str:
    found = clean_line(text)
    return found.lstrip("0") if found.isascii() and found.isdigit() and len(found) <= 12 else ""
