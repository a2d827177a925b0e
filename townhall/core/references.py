"""Public references such as TH-7K3M-92QX: short, random, unambiguous, with a check character.

Seven random characters from 31 (27 thousand million) and one check character. There is no I, L, O, U or 0; an I or L typed for
a 1 is read as 1, and a U as V. The check is a weighted sum modulo 31, a prime, so it finds every single mistyped character
and every swap of two.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: index for index, character in enumerate(ALPHABET)}
_MEANT = {"I": "1", "L": "1", "U": "V"}
_RANDOM_LENGTH = 7
_HOW_MANY = len(ALPHABET) ** _RANDOM_LENGTH
PREFIX = "TH"
_SHAPE = re.compile(rf"\b{PREFIX}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}\b", re.IGNORECASE)


def _check_character(body: str) -> str:
    total = sum(weight * _VALUE[character] for weight, character in enumerate(body, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def new_reference() -> str:
    """A fresh reference, as shown: `TH-7K3M-92QX`. Unique by a constraint where it is stored."""
    number, body = secrets.randbelow(_HOW_MANY), ""
    for _place in range(_RANDOM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        body += ALPHABET[digit]
    text = body + _check_character(body)
    return f"{PREFIX}-{text[:4]}-{text[4:]}"


def new_code(length: int) -> str:
    """Random characters to be printed on material and asked for: those of references without the 1, which an I and an L look like."""
    return "".join(secrets.choice(ALPHABET.removeprefix("1")) for _place in range(length))


def parse_reference(typed: str) -> str | None:
    """The reference someone meant, as stored, or None when it cannot be one. Case, spaces and dashes do not matter."""
    text = "".join(character for character in typed.upper() if character.isalnum())
    if len(text) > _RANDOM_LENGTH + 1:  # else what looks like the prefix is the reference's own beginning
        text = text.removeprefix(PREFIX)
    text = "".join(_MEANT.get(character, character) for character in text)
    if len(text) != _RANDOM_LENGTH + 1 or any(character not in _VALUE for character in text):
        return None
    if _check_character(text[:-1]) != text[-1]:
        return None
    return f"{PREFIX}-{text[:4]}-{text[4:]}"


def references_in(text: str) -> list[str]:
    """Whatever in a text looks like a reference, as it was written; `parse_reference` says which one was meant, if any."""
    return _SHAPE.findall(text)
