"""How likely two reports are the same problem, and why, in words a resident can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import exp, hypot, log, log1p
from typing import Final

from django.utils.translation import gettext, ngettext

from townhall.street.likeness.kinds import KindRelations, Kinship
from townhall.street.likeness.places import metres_by_address, read_address, same_address
from townhall.street.likeness.report import Report
from townhall.street.likeness.words import likeness_of_words

SEARCH_RADIUS_M: Final = 200.0
SEARCH_DAYS: Final = 90
ALERT_AT: Final = 0.025

# Weights in log odds.
BASE: Final = -4.6
KINSHIP: Final = {Kinship.OTHER: -4.3, Kinship.FAMILY: -3.0, Kinship.RELATED: -2.0, Kinship.SAME: 0.0}
SPOT_M: Final = 20.0  # within this, points are too rough to tell apart
PER_DISTANCE: Final = -2.2  # for each e-fold of distance beyond the spot
SAME_SPOT: Final = 1.3
OPEN: Final = 3.7
PER_AGE: Final = -0.2  # for each e-fold of days
WORDS: Final = 1.5
SAME_ASSET: Final = 3.0
OTHER_ASSET: Final = -3.0  # same kind, and two assets that are both known
SIMILAR_WORDS: Final = 0.5  # from here the phrase says so


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two reports are, and the facts that say so. `metres` is None when only one asset tells the place."""

    kinship: Kinship
    metres: float | None
    same_spot: bool
    asset: bool | None  # the same, another, or not known of both
    words: float  # 0..1
    age: timedelta
    since_closed: timedelta | None  # None while open

    @cached_property
    def score(self) -> float:
        """0 to 1."""
        odds = BASE + KINSHIP[self.kinship] + WORDS * self.words
        odds += PER_DISTANCE * log(1 + ((self.metres or 0.0) / SPOT_M) ** 2) / 2
        odds += SAME_SPOT * self.same_spot + PER_AGE * log1p(_days(self.age))
        if self.since_closed is None:
            odds += OPEN
        if self.asset is not None:
            odds += SAME_ASSET if self.asset else OTHER_ASSET * (self.kinship is Kinship.SAME)
        return 1 / (1 + exp(-odds))

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
            return gettext("same asset")
        if self.same_spot or self.metres is None:
            return gettext("same place")
        return gettext("%(metres)d m away") % {"metres": max(1, round(self.metres))}

    def _when(self) -> list[str]:
        said = [_ago(self.age, gettext("reported today"), "reported %(days)d day ago", "reported %(days)d days ago")]
        if self.since_closed is not None:
            said.append(
                _ago(self.since_closed, gettext("closed today"), "closed %(days)d day ago", "closed %(days)d days ago")
            )
        return said

    def _said(self) -> str:
        return gettext("similar words") if self.words >= SIMILAR_WORDS else ""


@dataclass(frozen=True, kw_only=True)
class Match:
    report: Report
    likeness: Likeness


def score(new: Report, earlier: Report, *, kinds: KindRelations) -> Likeness | None:
    """How alike a new report is to an earlier one, knowing only what was known when the new one was opened.

    None when there is nothing to compare: opened later, too old, too far, places unknown, or nothing in common.
    """
    age = new.opened - earlier.opened
    if new.id == earlier.id or age < timedelta(0) or age > timedelta(days=SEARCH_DAYS):
        return None
    asset = new.asset == earlier.asset if new.asset and earlier.asset else None
    metres, same_spot = _apart(new, earlier)
    if not asset and (metres is None or metres > SEARCH_RADIUS_M):
        return None
    kinship = kinds.between(new, earlier)
    words = likeness_of_words(kinds.own_words(new), kinds.own_words(earlier))
    if kinship is Kinship.OTHER and not asset and words < SIMILAR_WORDS:
        return None
    closed = earlier.closed if earlier.closed is not None and earlier.closed <= new.opened else None
    return Likeness(
        kinship=kinship,
        metres=metres,
        same_spot=same_spot,
        asset=asset,
        words=words,
        age=age,
        since_closed=None if closed is None else new.opened - closed,
    )


def rank(new: Report, candidates: Iterable[Report], *, kinds: KindRelations, limit: int = 10) -> list[Match]:
    """The likeliest originals of a new report, best first; the older first among equals."""
    found = [
        Match(report=earlier, likeness=likeness)
        for earlier in candidates
        if (likeness := score(new, earlier, kinds=kinds)) is not None
    ]
    found.sort(key=lambda match: (-match.likeness.score, match.report.opened, match.report.id))
    return found[:limit]


def _apart(new: Report, earlier: Report) -> tuple[float | None, bool]:
    """(metres between them or None if unknown, whether it is the same spot): by points if both are good, else by address."""
    here, there = read_address(new.address), read_address(earlier.address)
    same = here is not None and there is not None and same_address(here, there)
    metres = _metres_by_points(new, earlier)
    if metres is None:
        return (None if here is None or there is None else metres_by_address(here, there)), same
    return metres, same or (metres < 1.0 and (here is None or there is None))


def _metres_by_points(a: Report, b: Report) -> float | None:
    if a.easting is None or a.northing is None or b.easting is None or b.northing is None:
        return None
    return None if a.vague_point or b.vague_point else hypot(a.easting - b.easting, a.northing - b.northing)


def _days(span: timedelta) -> float:
    return span.total_seconds() / 86_400


def _ago(span: timedelta, today: str, one: str, many: str) -> str:
    return ngettext(one, many, span.days) % {"days": span.days} if span.days else today
