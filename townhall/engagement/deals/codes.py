"""The code of a voucher, such as DV-7K3M-92QX: random, and its last character finds what was mistyped."""

from __future__ import annotations

from townhall.core.references import PREFIX, new_reference, parse_reference

MARK = "DV"


def new_code() -> str:
    return MARK + new_reference().removeprefix(PREFIX)


def parse_code(typed: str) -> str | None:
    """The code somebody meant, or None when it cannot be one. Capitals, spaces and dashes do not matter."""
    plain = "".join(character for character in typed.upper() if character.isalnum())
    found = parse_reference(plain[len(MARK) :] if len(plain) > 8 and plain.startswith(MARK) else plain)
    return MARK + found.removeprefix(PREFIX) if found else None
