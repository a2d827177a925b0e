"""XML and JSON from one plain tree: dicts in order, `Many` for wrapped lists, and texts, numbers, booleans or None.

JSON is the XML without its outermost wrapper ("Spark"): a list is a plain array, and what is empty is null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec

from townhall.core.time import LONDON

TYPES: Final = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Many:
    """A wrapped list: in XML every row is an element called `item`."""

    __slots__ = ("item", "rows")

    def __init__(self, item: str, rows: Sequence[object]) -> None:
        self.item = item
        self.rows = rows


def stamp(at: datetime) -> str:
    """A datetime as Open311 writes it: to the second, with London's offset."""
    return at.astimezone(LONDON).isoformat(timespec="seconds")


def as_json(tree: object) -> bytes:
    return msgspec.json.encode(tree, enc_hook=_plain)


def as_xml(root: str, tree: object) -> bytes:
    parts = [_DECLARATION]
    _element(root, tree, parts)
    return "".join(parts).encode()


def _plain(value: Any) -> object:
    if isinstance(value, Many):
        return value.rows
    return str(value)  # words that wait to be translated


def _element(name: str, value: object, parts: list[str]) -> None:
    if value is None or value == "":
        parts.append(f"<{name}/>")
        return
    parts.append(f"<{name}>")
    if isinstance(value, Many):
        for row in value.rows:
            _element(value.item, row, parts)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _element(key, inner, parts)
    else:
        parts.append(_text(value))
    parts.append(f"</{name}>")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_XML.sub("", str(value)))
