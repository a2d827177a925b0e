"""Where a report is: metres on the ground, and addresses compared when metres are missing or vague."""

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from typing import Final

from townhall.street.likeness.words import alike, plain

METRES_PER_DEGREE: Final = 111_195.0  # of latitude, on a sphere of 6,371 km
METRES_PER_HOUSE_NUMBER: Final = 5.0  # numbers run odd and even, so next door is two numbers and about 10 m
SAME_HOUSE_METRES: Final = 10.0
SAME_STREET_METRES: Final = 150.0  # when nothing but the street is known
_JUNCTION = re.compile(r"\b(?:intersection|junction|corner|jct|cnr)\b(?:\s+of)?|\s(?:&|and|/|at|with)\s")
_NUMBER = re.compile(r"^(\d+)[a-z]?(?:\s*[-–/]\s*(\d+)[a-z]?)?$")
_SHORT = {
    "st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive", "cl": "close",
    "ct": "court", "cres": "crescent", "gdns": "gardens", "gdn": "garden", "grn": "green", "gr": "grove", "hl": "hill",
    "pl": "place", "plz": "plaza", "sq": "square", "ter": "terrace", "terr": "terrace", "pk": "park", "pkwy": "parkway",
    "blvd": "boulevard", "hwy": "highway", "wy": "way", "yd": "yard", "ms": "mews", "n": "north", "s": "south",
    "e": "east", "w": "west",
}  # fmt: skip
_STREET_WORDS = frozenset(_SHORT.values()) - {"north", "south", "east", "west"} | {
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


@lru_cache(maxsize=50_000)
def read_address(text: str) -> Address | None:
    """Street and house number out of one line such as "Flat 2, 145-151 High St, Aldermere ZZ1 1AA". None if no street.

    A street ends at its street word ("road", "close"), so town and postcode are left out; a street without one
    ("Broadway") ends at the comma or the double space.
    """
    streets: set[str] = set()
    numbers: tuple[int, int] | None = None
    for part in _JUNCTION.sub(" & ", plain(text)).split("&"):
        for chunk in re.split(r",|\s{2,}|\n", part.strip()):
            name, found = _street(chunk)
            numbers = numbers or found
            if name:
                streets.add(name)
                break
    return Address(streets=frozenset(streets), numbers=None if len(streets) > 1 else numbers) if streets else None


def _street(chunk: str) -> tuple[str, tuple[int, int] | None]:
    """("high street", (145, 151)) of "145-151 high st"; an empty name when there is none."""
    numbers: tuple[int, int] | None = None
    name: list[str] = []
    for word in chunk.replace("'", "").replace(".", "").split():
        number = _NUMBER.match(word)
        if number and not name:
            low = int(number[1])
            numbers = (low, max(low, int(number[2] or low)))
        elif name and (_SHORT.get(word, word) in _STREET_WORDS):
            return " ".join([*name, _SHORT.get(word, word)]), numbers
        elif not any(letter.isdigit() for letter in word):
            name.append(_SHORT.get(word, word) if word != "st" else "st")  # a leading "st" is a saint
    return ("", None) if not name or name[0] in {"flat", "unit", "apartment"} else (" ".join(name), numbers)


def same_address(a: Address, b: Address) -> bool:
    """One house, or one junction. The street alone is not enough."""
    if len(a.streets) > 1 or len(b.streets) > 1:
        return a.streets == b.streets
    return a.numbers is not None and b.numbers is not None and _share_street(a, b) and _numbers_apart(a, b) == 0


def metres_by_address(a: Address, b: Address) -> float | None:
    """About how far two addresses are from each other, or None when they are on different streets."""
    if same_address(a, b):
        return SAME_HOUSE_METRES
    if not _share_street(a, b):
        return None
    apart = _numbers_apart(a, b)
    return SAME_STREET_METRES if apart is None else SAME_HOUSE_METRES + METRES_PER_HOUSE_NUMBER * apart


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
