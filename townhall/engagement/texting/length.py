"""How long a text is, as phone companies count it (3GPP TS 23.038 and 23.040): in the 7-bit alphabet, or in UCS-2 for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The default alphabet but for its escape character, and what takes two places in it.
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE: Final = "\f^{}\\[~]|€"
ALONE_7, JOINED_7 = 160, 153  # places of one text alone, and of each part of a longer one
ALONE_16, JOINED_16 = 70, 67
# What word processors write for what a phone's keyboard has.
_PLAIN: Final = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "•": "-", "\t": " "}
)


@dataclass(frozen=True, kw_only=True)
class Length:
    """units: places taken, of which `alone` fit one text. has_strange: some character makes the whole text cost more than twice."""

    parts: int
    units: int
    characters: int
    has_strange: bool


def plain(words: str) -> str:
    """Curly quotes and dashes as a phone has them, so that they do not double the price."""
    return words.translate(_PLAIN).strip()


def strange_in(words: str) -> str:
    """The characters that the 7-bit alphabet lacks, each once."""
    return "".join(dict.fromkeys(one for one in words if one not in BASIC and one not in DOUBLE))


def length_of(words: str) -> Length:
    has_strange = bool(strange_in(words))
    if has_strange:
        sizes, alone, joined = [2 if ord(one) > 0xFFFF else 1 for one in words], ALONE_16, JOINED_16
    else:
        sizes, alone, joined = [2 if one in DOUBLE else 1 for one in words], ALONE_7, JOINED_7
    units = sum(sizes)
    parts = 1 if units <= alone else _split(sizes, joined)
    return Length(parts=parts, units=units, characters=len(words), has_strange=has_strange)


def _split(sizes: list[int], room: int) -> int:
    """No character is cut in two."""
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts
