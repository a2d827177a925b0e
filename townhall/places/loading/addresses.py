"""Addresses in the shape of AddressBase Core (CSV) or OS Places (JSON)."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.db import fetch_all
from townhall.core.loading import Batch, Given, Kind, Stored, Values, listed, upsert
from townhall.places.loading.spots import COLUMNS as SPOT
from townhall.places.loading.spots import spot_of
from townhall.places.loading.storing import stored
from townhall.places.text import compact_postcode, folded
from townhall.places.whereabouts import whereabouts

COLUMNS = {
    "uprn": ("uprn",),
    "usrn": ("usrn",),
    "line": ("single_line_address", "address", "full_address"),
    "organisation": ("organisation", "organisation_name"),
    "sub_building": ("sub_building", "sub_building_name"),
    "building_name": ("building_name",),
    "building_number": ("building_number",),
    "street": ("street_name", "thoroughfare_name", "street_description"),
    "locality": ("locality", "dependent_locality", "locality_name"),
    "town": ("town_name", "post_town"),
    "postcode": ("postcode", "postcode_locator"),
    "classification": ("classification_code",),
    **SPOT,
}
_WORD = re.compile(r"[A-Z][A-Z']*")
_DATASETS = ("DPA", "LPI")  # of OS Places: what the postman uses, and what the council named


def _unpack(document: object, _stem: str) -> list[object]:
    """Of OS Places each result is wrapped in its data set's name; an address that is in both comes once."""
    found: list[object] = []
    seen: set[object] = set()
    for one in listed(document):
        wrapped = next((one[name] for name in _DATASETS if name in one), None) if isinstance(one, dict) else None
        if not isinstance(wrapped, dict):
            found.append(one)
        elif wrapped.get("UPRN") not in seen:
            seen.add(wrapped.get("UPRN"))
            found.append(wrapped)
    return found


def _read(given: Given, batch: Batch) -> Values:
    uprn = given.digits("uprn", most=12, required=True)
    usrn = given.digits("usrn", most=8)
    typed = given.text("postcode", most=20)
    postcode = compact_postcode(typed)
    if postcode is None:
        given.wrong("postcode", _("It is not a postcode.") if typed else _("It is empty."))
        postcode = ""
    line = _line(given, _spaced(postcode))
    spot = spot_of(given, required=True) or (0, 0)
    return {
        "uprn": uprn,
        "usrn": usrn or None,
        "line": line,
        "postcode": postcode,
        "search_text": folded(line),
        "easting": spot[0],
        "northing": spot[1],
        "ward_code": whereabouts(*spot).ward_code,
        "classification": given.text("classification", most=10)[:1].upper() or "R",
        "street": _tidy(given.text("street", most=200)),
        "locality": _tidy(given.text("locality", most=200)),
    }


def _line(given: Given, postcode: str) -> str:
    """`12 Mill Lane, Aldermere, ZZ1 2AB`: as it is given in one piece, else put together."""
    whole = given.text("line", most=500)
    if not whole:
        numbered = " ".join(filter(None, (given.text("building_number"), given.text("street"))))
        parts = [given.text(name) for name in ("organisation", "sub_building", "building_name")]
        parts += [numbered, given.text("locality"), given.text("town")]
        whole = ", ".join(dict.fromkeys(filter(None, parts)))
        if not whole:
            return given.wrong("line", _("It has no address."))
    words = re.sub(r"\b([0-9]+[A-Za-z]?), (?=[A-Za-z])", r"\1 ", whole, count=1)  # "12, MILL LANE" is 12 Mill Lane
    short = re.sub(rf"[,\s]*{re.escape(postcode)}\s*$", "", words, flags=re.IGNORECASE)
    return f"{_tidy(short)}, {postcode}"


def _tidy(words: str) -> str:
    """Words in capitals alone, as the gazetteers have them, with a capital each."""
    return _WORD.sub(lambda word: word[0].capitalize(), words) if words.isupper() else words


def _spaced(postcode: str) -> str:
    return f"{postcode[:-3]} {postcode[-3:]}" if postcode else ""


def _store(rows: list[Values], batch: Batch) -> Stored:
    """The streets that are not there yet come in with their addresses; a street without a name is not kept."""
    _make_streets(rows)
    wanted = {row["usrn"] for row in rows if row["usrn"]}
    known = {usrn for (usrn,) in fetch_all("SELECT usrn FROM places_street WHERE usrn = ANY(%s)", (list(wanted),))}
    addresses = [
        {
            **{name: value for name, value in row.items() if name not in ("street", "locality")},
            "usrn": row["usrn"] if row["usrn"] in known else None,
        }
        for row in rows
    ]
    return stored("places_address", addresses, batch, key=["uprn"])


def _make_streets(rows: list[Values]) -> None:
    made: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["usrn"] and row["street"]:
            made.setdefault(
                row["usrn"],
                {
                    "usrn": row["usrn"],
                    "name": row["street"],
                    "locality": row["locality"],
                    "search_text": folded(f"{row['street']} {row['locality']}"),
                    "lines": [],
                    "easting": row["easting"],
                    "northing": row["northing"],
                    "maintained_by": "council",
                },
            )
    there = fetch_all("SELECT usrn FROM places_street WHERE usrn = ANY(%s)", (list(made),)) if made else []
    for (usrn,) in there:
        del made[usrn]  # what the street gazetteer says is not changed by an address
    upsert("places_street", list(made.values()), key=["usrn"])


ADDRESSES = Kind(
    code="addresses",
    columns=COLUMNS,
    id="uprn",
    read=_read,
    key=lambda values: str(values["uprn"]),
    store=_store,
    required=("uprn", "postcode"),
    unpack=_unpack,
)
