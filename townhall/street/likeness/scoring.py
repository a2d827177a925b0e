"""How likely two reports are the same problem, and why, in words a resident can read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from math import exp, hypot, log1p
from typing import Final, TypedDict

from django.utils.translation import gettext, ngettext
from msgspec import Struct

from townhall.street.likeness.kinds import KindRelations, Kinship
from townhall.street.likeness.places import metres_by_address, read_address, same_address
from townhall.street.likeness.report import Report
from townhall.street.likeness.words import likeness_of_words, telling_words

SEARCH_RADIUS_M: Final = 200.0
SEARCH_DAYS: Final = 90
ALERT_AT: Final = 0.022  # "already reported?" is shown from this score of the best match
_NO_TIME, _LONGEST = timedelta(0), timedelta(days=SEARCH_DAYS)
SPOT_M: Final = 30.0  # within this, points given by people are too rough to tell apart
SIMILAR_WORDS: Final = 0.5  # from here the phrase says so
SIMILAR_PLACE: Final = 0.6  # from here two places told in words alone count as one
OPEN_UNKNOWN: Final = 0.65  # how open a report counts when its source never says; keeps the same alert rate

# Log odds, added up. Found by logistic regression (townhall.street.learn) on half a year of a city's real reports, 527 of
# them closed as duplicates of a known one, then rounded; weights learnt on either quarter hold in the other. By judgement:
# the two of assets, which that city does not publish, and that of repeats, which only settles the order at one spot.
WEIGHTS: Final[Mapping[str, float]] = {
    "base": -5.8,
    "related_kind": -1.2,
    "family_kind": -2.6,
    "other_kind": -3.5,
    "distance": -2.6,  # each e-fold of metres beyond the spot
    "same_spot": 1.0,
    "told_place": -1.7,  # the place is known by words alone
    "open": 4.2,  # not closed when the new report was opened
    "age": -0.2,  # each e-fold of days
    "words": 1.0,  # all words shared; the words usual for the kind are left out first
    "repeat": -0.2,  # each e-fold of open reports of its kind at the spot before it
    "same_asset": 3.0,
    "other_asset": -3.0,
}


_KIND_FACTS: Final = {kinship: f"{kinship.name.lower()}_kind" for kinship in Kinship}


class Likeness(Struct, frozen=True, kw_only=True, dict=True):
    """How alike two reports are, and the facts that say so. `metres` is None when only words or an asset tell the place."""

    kinship: Kinship
    metres: float | None
    same_spot: bool
    asset: bool | None  # the same, another, or not known of both
    words: float  # 0..1
    age: timedelta
    since_closed: timedelta | None  # None while open, or when nobody knows
    open_known: bool = True
    repeats: int = 0  # open reports of the same kind at the spot before this one

    @cached_property
    def facts(self) -> dict[str, float]:
        """The named facts that WEIGHTS weighs; a fact left out is 0."""
        placed = self.metres is not None and not self.asset
        return {
            "base": 1.0,
            _KIND_FACTS[self.kinship]: 1.0,
            "distance": log1p((self.metres / SPOT_M) ** 2) / 2 if placed and self.metres else 0.0,
            "same_spot": float(self.same_spot),
            "told_place": float(self.metres is None and not self.asset),
            "open": float(self.since_closed is None) if self.open_known else OPEN_UNKNOWN,
            "age": log1p(self.age.total_seconds() / 86_400),
            "words": self.words,
            "repeat": log1p(self.repeats),
            "same_asset": float(self.asset is True),
            "other_asset": float(self.asset is False and self.kinship is Kinship.SAME),
        }

    @cached_property
    def score(self) -> float:
        """0 to 1: a rough chance that the earlier report is the original."""
        return 1 / (1 + exp(-sum([WEIGHTS.get(name, 0.0) * value for name, value in self.facts.items()])))

    @cached_property
    def because(self) -> str:
        """For example "same kind of problem, 12 m away, reported 3 days ago, similar words"."""
        return ", ".join(phrase for phrase in (self._what(), self._where(), *self._when(), self._said()) if phrase)

    def _what(self) -> str:
        if self.kinship is Kinship.SAME:
            return gettext("same kind of problem")
        return "" if self.kinship is Kinship.OTHER else gettext("related kind of problem")

    def _where(self) -> str:
        if self.asset:
            return gettext("the same item on our map")
        if self.same_spot:
            return gettext("same place")
        if self.metres is None:
            return gettext("place described alike")
        return gettext("%(metres)d m away") % {"metres": max(1, round(self.metres))}

    def _when(self) -> list[str]:
        said = [
            ngettext("reported %(days)d day ago", "reported %(days)d days ago", self.age.days) % {"days": self.age.days}
            if self.age.days
            else gettext("reported in the last 24 hours")
        ]
        if self.since_closed is not None:
            days = self.since_closed.days
            said.append(
                ngettext("closed %(days)d day ago", "closed %(days)d days ago", days) % {"days": days}
                if days
                else gettext("closed in the last 24 hours")
            )
        return said

    def _said(self) -> str:
        return gettext("similar words") if self.words >= SIMILAR_WORDS else ""


class _Facts(TypedDict):
    """Of a Likeness, but for the repeats, which the others at the spot tell."""

    kinship: Kinship
    metres: float | None
    same_spot: bool
    asset: bool | None
    words: float
    age: timedelta
    since_closed: timedelta | None
    open_known: bool


class Match(Struct, frozen=True, kw_only=True):
    report: Report
    likeness: Likeness


def score(new: Report, earlier: Report, *, kinds: KindRelations) -> Likeness | None:
    """How alike a new report is to an earlier one, knowing only what was known when the new one was opened.

    None when there is nothing to compare: opened later, too old, too far, places unknown, or nothing in common.
    """
    found = _Comparison(new, kinds).facts_of(earlier)
    return None if found is None else Likeness(**found)


def rank(new: Report, candidates: Iterable[Report], *, kinds: KindRelations, limit: int = 10) -> list[Match]:
    """The likeliest originals of a new report, best first."""
    comparison = _Comparison(new, kinds)
    found = [(earlier, facts) for earlier in candidates if (facts := comparison.facts_of(earlier)) is not None]
    found.sort(key=lambda one: (one[0].opened, one[0].id))
    return sorted(_with_repeats(found), key=lambda match: -match.likeness.score)[:limit]


class _Comparison:
    """A new report, with what is asked of it for each earlier one."""

    def __init__(self, new: Report, kinds: KindRelations) -> None:
        self.new = new
        self._kinds = kinds
        self._words = kinds.own_words(new)
        self._address = read_address(new.address)
        self._kinships: dict[tuple[str, str], Kinship] = {}

    def facts_of(self, earlier: Report) -> _Facts | None:
        """What a Likeness is made of; None as `score` says."""
        new = self.new
        age = new.opened - earlier.opened
        if new.id == earlier.id or not _NO_TIME <= age <= _LONGEST:
            return None
        asset = new.asset == earlier.asset if new.asset and earlier.asset else None
        metres, same_spot = self._apart(earlier)
        if metres is not None and metres > SEARCH_RADIUS_M and not asset:
            return None
        if metres is None and not asset and not self._told_alike(earlier):
            return None
        kinship = self._kinship(earlier)
        words = likeness_of_words(self._words, self._kinds.own_words(earlier)) if self._words else 0.0
        if kinship is Kinship.OTHER and not asset and not same_spot and words < SIMILAR_WORDS:
            return None
        closed = earlier.closed if earlier.closed is not None and earlier.closed <= new.opened else None
        return {
            "kinship": kinship,
            "metres": metres,
            "same_spot": same_spot,
            "asset": asset,
            "words": words,
            "age": age,
            "since_closed": None if closed is None else new.opened - closed,
            "open_known": earlier.says_when_closed,
        }

    def _kinship(self, earlier: Report) -> Kinship:
        key = earlier.kind, earlier.group
        found = self._kinships.get(key)
        if found is None:
            found = self._kinships[key] = self._kinds.between(self.new, earlier)
        return found

    def _apart(self, earlier: Report) -> tuple[float | None, bool]:
        """(metres between them or None if unknown, whether it is the same spot): by points if both are good, else by address."""
        here, there = self._address, read_address(earlier.address)
        same = here is not None and there is not None and same_address(here, there)
        metres = _metres_by_points(self.new, earlier)
        if metres is None:
            return (None if here is None or there is None else metres_by_address(here, there)), same
        return metres, same or (metres < 1.0 and (here is None or there is None))

    def _told_alike(self, earlier: Report) -> bool:
        """Both places are known by words alone, and those are nearly the same: "by the duck pond, Lowfield Park"."""
        here = telling_words(self.new.address) | self._words
        there = telling_words(earlier.address) | self._kinds.own_words(earlier)
        return not here.isdisjoint(there) and likeness_of_words(here, there) >= SIMILAR_PLACE


def _with_repeats(oldest_first: list[tuple[Report, _Facts]]) -> Iterator[Match]:
    """Each match told how many open reports of its kind were at the spot before it: the first is the one to follow."""
    open_before: Counter[str] = Counter()
    for earlier, facts in oldest_first:
        likeness = Likeness(**facts, repeats=open_before[earlier.kind])
        yield Match(report=earlier, likeness=likeness)
        if likeness.since_closed is None and likeness.metres is not None and likeness.metres < SPOT_M:
            open_before[earlier.kind] += 1


def _metres_by_points(a: Report, b: Report) -> float | None:
    if a.easting is None or a.northing is None or b.easting is None or b.northing is None:
        return None
    return None if a.vague_point or b.vague_point else hypot(a.easting - b.easting, a.northing - b.northing)
