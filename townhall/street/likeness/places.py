"""Where a report is: metres on the ground, and addresses compared when metres are missing or vague."""

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, inf, radians
from typing import Final

from townhall.street.likeness.words import alike, plain, telling_words

METRES_PER_DEGREE: Final = 111_195.0  # of latitude, on a sphere of 6,371 km
METRES_PER_HOUSE_NUMBER: Final = 5.0  # numbers run odd and even, so next door is two numbers and about 10 m
SAME_HOUSE_METRES: Final = 10.0
SAME_STREET_METRES: Final = 150.0  # when nothing but the street is known
_JUNCTION = re.compile(r"\b(?:intersection|junction|corner|jct|cnr)\b(?:\s+of)?|\s(?:&|and|/|at|with)\s")
_NUMBER = re.compile(r"^(\d+)[a-z]?(?:\s*[-–/]\s*(\d+)[a-z]?)?$")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b|\b\d{5}(?:-\d{4})?\b")
_SHORT = {
    "st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive", "cl": "close",
    "ct": "court", "cres": "crescent", "gdns": "gardens", "gdn": "garden", "grn": "green", "gr": "grove", "hl": "hill",
    "pl": "place", "plz": "plaza", "sq": "square", "ter": "terrace", "terr": "terrace", "pk": "park", "pkwy": "parkway",
    "blvd": "boulevard", "hwy": "highway", "wy": "way", "yd": "yard", "ms": "mews", "n": "north", "s": "south",
    "e": "east", "w": "west",
}  # fmt: skip
_INSIDE = frozenset({"flat", "unit", "apartment", "room", "floor"})
_BESIDE = frozenset(
    {"outside", "opposite", "opp", "near", "by", "behind", "beside", "facing"}
)  # "outside 12 High Street"
_TELLING = _BESIDE | {"the", "in", "on", "of", "next", "between", "past", "from", "front", "back", "end"}
_STREET_WORDS = frozenset(_SHORT.values()) - {"north", "south", "east", "west", "park", "hill", "green"} | {
    "walk", "row", "rise", "vale", "view", "wharf", "parade", "alley", "bridge", "circus", "broadway", "mall", "path",
}  # fmt: skip


def metres(latitude: float, longitude: float, *, around: float) -> tuple[float, float]:
    """(easting, northing) in metres by an equirectangular projection true at latitude `around`, in degrees.

    Good for comparing points within a county: 1 km is right to about a metre within 5 km north or south of `around`.
    """
    return longitude * METRES_PER_DEGREE * cos(radians(around)), latitude * METRES_PER_DEGREE


@dataclass(frozen=True, kw_only=True)
class Address:
    streets: frozenset[str]  # one, or two and more at a junction
    numbers: tuple[int, int] | None  # lowest and highest house number
    town: frozenset[str]  # words after the street: town and postcode
    exact: bool  # a street by name, not a description such as "behind the church"


@lru_cache(maxsize=50_000)
def read_address(text: str) -> Address | None:
    """Street and house number out of one line such as "Flat 2, 145-151 High St, Aldermere ZZ1 1AA". None if no words.

    A street ends at its street word ("road", "close"); one without ("Broadway") ends at a comma or double space.
    """
    parts = [_read_part(part) for part in _JUNCTION.sub(" & ", plain(text)).split("&")]
    streets = frozenset(street for street, _, _ in parts if street)
    if not streets:
        return None
    numbers = next((numbers for _, numbers, _ in parts if numbers), None) if len(streets) == 1 else None
    return Address(
        streets=streets,
        numbers=numbers,
        town=telling_words(_POSTCODE.sub(" ", parts[-1][2])),
        exact=all(_is_named(street) for street in streets)
        and (numbers is not None or any(map(_has_street_word, streets))),
    )


def _is_named(street: str) -> bool:
    """A name rather than a description: "the avenue", not "the bandstand in lowfield gardens"."""
    return _TELLING.isdisjoint(street.split()[1:])


def _has_street_word(street: str) -> bool:
    return street.rsplit(maxsplit=1)[-1] in _STREET_WORDS


def _read_part(part: str) -> tuple[str, tuple[int, int] | None, str]:
    """("high street", (145, 151), "aldermere zz1 1aa") of "145-151 high st, aldermere zz1 1aa"."""
    chunks = re.split(r",|\s{2,}|\n", part.strip())
    earlier: tuple[int, int] | None = None
    for place, chunk in enumerate(chunks):
        street, numbers, rest = _read_chunk(chunk)
        if street:
            return street, numbers or earlier, " ".join([rest, *chunks[place + 1 :]])
        earlier = numbers or earlier
    return "", None, ""


def _read_chunk(chunk: str) -> tuple[str, tuple[int, int] | None, str]:
    """(street, house numbers, what follows), the street empty when there is only a number or a flat."""
    words = chunk.replace("'", "").replace(".", "").split()
    while words and words[0] in _BESIDE:
        del words[0]
    numbers: tuple[int, int] | None = None
    name: list[str] = []
    for place, word in enumerate(words):
        number = _NUMBER.match(word)
        if number and not name:
            low = int(number[1])
            numbers = (low, max(low, int(number[2] or low)))
            continue
        name.append(word if word == "st" and not name else _SHORT.get(word, word))  # a leading "st" is a saint
        if len(name) > 1 and name[-1] in _STREET_WORDS:
            return " ".join(name), numbers, " ".join(words[place + 1 :])
    if not name:
        return "", numbers, ""
    return ("", None, "") if name[0] in _INSIDE else (" ".join(name), numbers, "")


def same_address(a: Address, b: Address) -> bool:
    """One house, or one junction. The street alone is not enough."""
    if not (a.exact and b.exact) or _other_towns(a, b):
        return False
    if len(a.streets) > 1 or len(b.streets) > 1:
        return a.streets == b.streets
    return a.numbers is not None and b.numbers is not None and _numbers_apart(a, b) == 0 and _share_street(a, b)


def metres_by_address(a: Address, b: Address) -> float | None:
    """About how far apart two addresses are: infinitely on different streets, None when either is only a description."""
    if not (a.exact and b.exact):
        return None
    if same_address(a, b):
        return SAME_HOUSE_METRES
    if _other_towns(a, b) or not _share_street(a, b):
        return inf
    apart = _numbers_apart(a, b)
    return SAME_STREET_METRES if apart is None else SAME_HOUSE_METRES + METRES_PER_HOUSE_NUMBER * apart


def _other_towns(a: Address, b: Address) -> bool:
    """Every town has a High Street."""
    return bool(a.town) and bool(b.town) and a.town.isdisjoint(b.town)


def _share_street(a: Address, b: Address) -> bool:
    return any(_same_street(x, y) for x in a.streets for y in b.streets)


def _same_street(a: str, b: str) -> bool:
    return a == b or alike(a, b)


def _numbers_apart(a: Address, b: Address) -> int | None:
    if a.numbers is None or b.numbers is None:
        return None
    return max(0, b.numbers[0] - a.numbers[1], a.numbers[0] - b.numbers[1])


class VaguePoints:
    """Points that stand for "somewhere": the town hall's own, or a map's centre, given when nobody knew the place.

    They show as one exact point holding far more reports than any real spot does. Fed in the order of opening, it
    only ever knows earlier reports.
    """

    AT_LEAST = 50  # reports on the very same point
    SHARE = 0.01  # of all reports so far

    def __init__(self) -> None:
        self._here: Counter[Hashable] = Counter()
        self._all = 0

    def is_vague(self, point: Hashable) -> bool:
        return self._here[point] >= max(self.AT_LEAST, self.SHARE * self._all)

    def add(self, point: Hashable) -> None:
        self._here[point] += 1
        self._all += 1
