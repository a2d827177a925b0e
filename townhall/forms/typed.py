"""What people and machines type, made safe to keep: every text that enters a form passes through here."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from townhall.core.db import dump_json
from townhall.forms.errors import TooMuch

LARGEST_ANSWERS = 100_000  # bytes of JSON

_NEWLINES = str.maketrans({"\r": "\n", "\v": "\n", "\f": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
# Control characters, halves of characters, and marks that force the direction of the text after them, so that what is read is not
# what is there. Right-to-left letters and the plain marks and isolates stay.
_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202d\u202e]")


def clean_text(text: str) -> str:
    """The same words without what cannot be kept or shown: NUL and other control characters, half characters, overrides.

    Emoji, accents and right-to-left text stay as they are (composed form, NFC). Line ends become \\n, and spaces at both ends go.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").translate(_NEWLINES)
    return unicodedata.normalize("NFC", _NOT_KEPT.sub("", text)).strip()


def clean_line(text: str) -> str:
    """`clean_text` on one line."""
    return " ".join(clean_text(text).split())


def clean_value(value: Any, *, depth: int = 0) -> Any:
    """Any JSON value with every text in it cleaned, keys too, so that PostgreSQL can keep it. Too deep becomes null."""
    if isinstance(value, str):
        return clean_text(value)
    if depth > 10:
        return None
    if isinstance(value, dict):
        return {clean_line(str(key)): clean_value(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(item, depth=depth + 1) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def small(answers: Any) -> dict[str, Any]:
    """The answers, when they may be kept. Raises TooMuch above LARGEST_ANSWERS."""
    assert isinstance(answers, dict)
    if len(dump_json(answers)) > LARGEST_ANSWERS:
        raise TooMuch
    return answers
