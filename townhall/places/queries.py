"""Finding a place by what somebody typed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.db import fetch_all, fetch_one
from townhall.places import grid
from townhall.places.place import Place, Source
from townhall.places.text import compact_postcode, folded

LIMIT = 20
BESIDE = 150  # metres from a point to the address that it is said to be near

_ADDRESS = "SELECT uprn, coalesce(usrn, ''), line, easting, northing, ward_code FROM places_address"
_BY_POSTCODE = f"{_ADDRESS} WHERE postcode = %s ORDER BY length(line), line LIMIT 100"
_BY_UPRN = f"{_ADDRESS} WHERE uprn = %s"
# Words first as typed, then by likeness: the trigram index answers both.
_BY_WORDS = f"""{_ADDRESS} WHERE search_text LIKE %s OR search_text %%> %s
    ORDER BY (search_text LIKE %s) DESC, word_similarity(%s, search_text) DESC, length(line), line LIMIT %s"""
_STREETS = """SELECT usrn, name, locality, easting, northing FROM places_street
    WHERE search_text LIKE %s OR search_text %%> %s
    ORDER BY (search_text LIKE %s) DESC, word_similarity(%s, search_text) DESC, name LIMIT %s"""
_STREET = "SELECT usrn, name, locality, easting, northing FROM places_street WHERE usrn = %s"
_NEAREST = f"""{_ADDRESS} WHERE point(easting, northing) <@ box(point(%s::int, %s::int), point(%s::int, %s::int))
    ORDER BY point(easting, northing) <-> point(%s::int, %s::int) LIMIT 1"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """An address or a street to choose. `code` is a UPRN or a USRN."""

    kind: str  # address or street
    code: str
    label: str
    place: Place


def find(typed: str, *, addresses_only: bool = False) -> list[Found]:
    """Addresses and streets for a postcode, a house and street, or a street name with slips of spelling; best first."""
    postcode = compact_postcode(typed)
    if postcode:
        return [_address(row) for row in fetch_all(_BY_POSTCODE, (postcode,))]
    words = folded(typed)[:100]
    if len(words) < 3:
        return []
    start = f"{words}%"
    found = [_address(row) for row in fetch_all(_BY_WORDS, (start, words, start, words, LIMIT))]
    if addresses_only:
        return found
    streets = [_street(row) for row in fetch_all(_STREETS, (start, words, start, words, 5))]
    return streets + found if not words[:1].isdigit() else found + streets


def address(uprn: str) -> Found | None:
    rows = fetch_all(_BY_UPRN, (uprn.lstrip("0"),))
    return _address(rows[0]) if rows else None


def postcode(typed: str) -> Place | None:
    """The middle of a postcode, for an address that is not known; None when it is not known either."""
    code = compact_postcode(typed)
    rows = (
        fetch_all("SELECT easting, northing, ward_code FROM places_postcode WHERE code = %s", (code,)) if code else []
    )
    if not code or not rows:
        return None
    easting, northing, ward_code = rows[0]
    return _placed(Source.ADDRESS, easting, northing, address=f"{code[:-3]} {code[-3:]}", ward_code=ward_code)


def postcode_of(uprn: str) -> str:
    """An address's compact postcode, or empty when the address is not known."""
    rows = fetch_all("SELECT postcode FROM places_address WHERE uprn = %s", (uprn.lstrip("0"),))
    return str(rows[0][0]) if rows else ""


def street(usrn: str) -> Found | None:
    rows = fetch_all(_STREET, (usrn.lstrip("0"),))
    return _street(rows[0]) if rows else None


def nearest_address(easting: int, northing: int, *, within: int = BESIDE) -> Found | None:
    """The address nearest to a point, to say where a pin is; None when there is none within so many metres."""
    row = _nearest(easting, northing, within)
    return _address(row) if row else None


def _nearest(easting: int, northing: int, within: int) -> tuple[Any, ...] | None:
    box = (easting - within, northing - within, easting + within, northing + within)
    return fetch_one(_NEAREST, (*box, easting, northing))


def exactly(typed: str, *, addresses_only: bool = False) -> Found | None:
    """The one address or street that is just what was typed, with or without its town and postcode; None when several are, or none."""
    words = folded(typed)
    found = [one for one in find(typed, addresses_only=addresses_only) if words in _ways_to_write(one.label)]
    return found[0] if len(found) == 1 else None


def choices(typed: str) -> list[Found]:
    """The addresses to choose among: the one that is just what was typed, alone but for the flats in it; or else all found, best first."""
    words, found = folded(typed), find(typed, addresses_only=True)
    meant = [one for one in found if words in _ways_to_write(one.label)]
    if len(meant) != 1:
        return found
    return meant + [one for one in found if one.label.endswith(f", {meant[0].label}")]


def _ways_to_write(label: str) -> set[str]:
    """`12 Mill Lane, Aldermere, ZZ1 1AA` in full, without its end, and without both."""
    parts = label.split(",")
    return {folded(",".join(parts[:count])) for count in range(1, len(parts) + 1)}


def beside_address(place: Place) -> Place:
    """A point with the address that it is near, and the street, so that it is found and routed like one. At most one query."""
    if place.address or place.easting is None or place.northing is None:
        return place
    nearest = _nearest(place.easting, place.northing, BESIDE)
    if nearest is None:
        return place
    _uprn, usrn, line, *_where = nearest
    return replace(place, address=_("Near %(address)s") % {"address": line}, usrn=usrn)


def _address(row: tuple[Any, ...]) -> Found:
    uprn, usrn, line, easting, northing, ward_code = row
    place = _placed(Source.ADDRESS, easting, northing, address=line, uprn=uprn, usrn=usrn, ward_code=ward_code)
    return Found(kind="address", code=uprn, label=line, place=place)


def _street(row: tuple[Any, ...]) -> Found:
    usrn, name, locality, easting, northing = row
    label = f"{name}, {locality}" if locality else name
    return Found(
        kind="street", code=usrn, label=label, place=_placed(Source.STREET, easting, northing, address=label, usrn=usrn)
    )


def _placed(source: Source, easting: int, northing: int, **more: str) -> Place:
    degrees = grid.to_wgs84(easting, northing)
    lat, lng = degrees or (None, None)
    return Place(source=source, easting=easting, northing=northing, lat=lat, lng=lng, **more)
