"""Postcodes in the shape of the ONS Postcode Directory, or of the Scottish index of small and large users, which has no headings."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from townhall.core.loading import Batch, Given, Kind, Layout, Stored, Values
from townhall.places.loading.spots import COLUMNS as SPOT
from townhall.places.loading.spots import spot_of
from townhall.places.loading.storing import stored
from townhall.places.text import compact_postcode
from townhall.places.whereabouts import whereabouts

# Where a border cuts through a postcode the Scottish index has it in parts, with the letter of each at its end.
_SPLIT = re.compile(r"(.*\d[A-Z]{2})([A-C])")


def _without_headings(first: list[str]) -> Layout | None:
    """The Scottish index: a large user has the small user beside it in one more column before its place."""
    if len(first) < 10 or compact_postcode(first[0]) is None:
        return None
    place = 6 if first[5].isdigit() else 7
    return Layout(
        headings=False,
        columns={
            "postcode": 1,
            "ended": 5,
            "easting": place,
            "northing": place + 1,
            "lat": place + 2,
            "lng": place + 3,
        },
    )


def _read(given: Given, batch: Batch) -> Values:
    typed = given.text("postcode", most=20)
    code = compact_postcode(typed)
    if code is None and (split := _SPLIT.fullmatch(typed)):
        code = compact_postcode(split[1])
        if split[2] != "A":
            given.wrong("postcode", _("A border cuts through this postcode: its part A stands for it."))
    if code is None:
        given.wrong("postcode", _("It is not a postcode.") if typed else _("It is empty."))
    spot = spot_of(given, required=True) or (0, 0)
    return {
        "code": code or "",
        "easting": spot[0],
        "northing": spot[1],
        "ward_code": whereabouts(*spot).ward_code,
        "ended_on": _ended(given),
    }


def _ended(given: Given) -> object:
    """ONSPD ends a postcode with a month (`201706`), others with a date."""
    text = given.text("ended")
    if len(text) == 6 and text.isdigit() and 1 <= int(text[4:]) <= 12:
        return f"{text[:4]}-{text[4:]}-01"
    return given.on("ended")


def _store(rows: list[Values], batch: Batch) -> Stored:
    return stored("places_postcode", rows, batch, key=["code"])


POSTCODES = Kind(
    code="postcodes",
    columns={
        "postcode": ("pcds", "pcd8", "pcd2", "pcd", "pcd7", "postcode"),
        "ended": ("doterm", "datedeletion", "dateofdeletion", "date_of_termination"),
        **SPOT,
    },
    id="postcode",
    read=_read,
    key=lambda values: str(values["code"]),
    store=_store,
    required=("postcode",),
    without_headings=_without_headings,
)
