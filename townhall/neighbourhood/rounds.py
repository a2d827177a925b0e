"""The days on which a round collects. Pure: rows in, dates out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

SEARCH_DAYS = 120  # how far from a date a collection is looked for; longer than any round's interval with its changes


@dataclass(frozen=True, kw_only=True)
class Change:
    """A collection moved to another day, or cancelled (`to_on` is None)."""

    to_on: date | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A day on which the bin is emptied. `usual_on` differs where it was moved."""

    on: date
    usual_on: date
    reason: str = ""  # why it was moved

    @property
    def is_moved(self) -> bool:
        return self.on != self.usual_on


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When a round comes: every so many weeks from `first_on`, but for the changes (by usual day)."""

    first_on: date
    every_weeks: int
    changes: Mapping[date, Change]

    def usual_days(self, since: date, until: date) -> Iterator[date]:
        """The days by the plan alone, from `since` to `until`, both included."""
        step = timedelta(weeks=self.every_weeks)
        missed = max((since - self.first_on).days, 0)
        on = self.first_on + step * -(-missed // step.days)
        while on <= until:
            yield on
            on += step

    def collections(self, since: date, until: date) -> list[Collection]:
        """What is really collected from `since` to `until`, both included, in order."""
        found = []
        for usual_on in self.usual_days(since - timedelta(days=SEARCH_DAYS), until + timedelta(days=SEARCH_DAYS)):
            change = self.changes.get(usual_on)
            on = usual_on if change is None else change.to_on
            if on is not None and since <= on <= until:
                found.append(Collection(on=on, usual_on=usual_on, reason=change.reason if change else ""))
        return sorted(found, key=lambda one: one.on)

    def last(self, on: date) -> Collection | None:
        """The newest collection on or before `on`."""
        found = self.collections(on - timedelta(days=SEARCH_DAYS), on)
        return found[-1] if found else None

    def next(self, after: date) -> Collection | None:
        """The first collection after `after`."""
        found = self.collections(after + timedelta(days=1), after + timedelta(days=SEARCH_DAYS))
        return found[0] if found else None

    def put_off(self, on: date, *, since: date) -> tuple[date, Change] | None:
        """A collection planned between `since` and `on` that was cancelled or moved past `on`: its usual day and the change."""
        for usual_on in reversed(list(self.usual_days(since, on))):
            change = self.changes.get(usual_on)
            if change is not None and (change.to_on is None or change.to_on > on):
                return usual_on, change
        return None
