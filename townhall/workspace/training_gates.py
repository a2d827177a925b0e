"""Whether training opens something to somebody now, and why not: said in its place on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django_stubs_ext import StrOrPromise

from townhall.core.actors import Actor
from townhall.core.errors import NotAllowed
from townhall.core.time import council_date
from townhall.workforce import gates, queries
from townhall.workforce.queries import Standing


@dataclass(frozen=True, kw_only=True)
class Closed:
    """lapsed_on: the last day on which the pass held; None: it was never passed."""

    title: StrOrPromise
    module: str  # its name
    lapsed_on: date | None


def closed(gate: str, title: StrOrPromise, *, by: Actor, at: datetime) -> Closed | None:
    """None: it is open. At most two queries for all that one page asks, and none for what asks for no training."""
    module = gates.module_of(gate)
    if not module or not by.is_staff:
        return None
    on = council_date(at)
    held = _standings(by.id, at).get(module)
    if held is not None and held.is_in_date(on):
        return None
    name = held.name if held else queries.names([module]).get(module, module)
    return Closed(title=title, module=name, lapsed_on=held.expires_on if held else None)


@lru_cache(maxsize=64)
def _standings(user_id: str, at: datetime) -> dict[str, Standing]:
    """Remembered for the moment of one request, however many parts of its page ask."""
    return queries.standings_of(user_id, on=council_date(at))


def require(gate: str, *, by: Actor, at: datetime) -> None:
    """Raises NotAllowed where training closes it."""
    if closed(gate, "", by=by, at=at) is not None:
        raise NotAllowed
