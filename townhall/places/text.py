"""Folding what people type and what the gazetteer holds to the same plain words."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SHORT = {"rd": "road", "st": "street", "ave": "avenue", "av": "avenue", "ln": "lane", "cl": "close", "dr": "drive"} | {
    "ct": "court",
    "gdns": "gardens",
    "sq": "square",
    "cres": "crescent",
    "tce": "terrace",
    "pl": "place",
}
# A full postcode without its space; ZZ, which is nobody's, is used for the demo borough.
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{2}")


def folded(text: str) -> str:
    """Lower case, without accents or punctuation, with street types spelt out: "12 Harbour Rd." is "12 harbour road"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(_SHORT.get(word, word) for word in _NOT_WORD.sub(" ", plain).split())


def compact_postcode(text: str) -> str | None:
    """A full postcode without its space, or None when it cannot be one. Spaces, hyphens and brackets do not matter."""
    compact = re.sub(r"[^A-Z0-9]", "", text.upper())
    return compact if _POSTCODE.fullmatch(compact) else None
