"""Every collection planned at an address for some days, with those that moved or were cancelled: what a calendar needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from townhall.neighbourhood.models import Collections
from townhall.neighbourhood.queries import _visits


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A collection planned for `usual_on`: on the day itself, moved to another (`on`), or cancelled (`on` is None)."""

    stream: str
    usual_on: date
    on: date | None
    reason: str


def planned(uprn: str, *, since: date, until: date) -> list[Planned]:
    """By day. Dates that the waste system publishes for the address go before what its rounds say. Three queries."""
    found = _published(uprn, since=since, until=until)
    published = {one.stream.casefold() for one in found}
    for visit in _visits(uprn, on=since):
        if visit.round.stream.casefold() in published:
            continue
        for usual_on in visit.plan.usual_days(since, until):
            change = visit.plan.changes.get(usual_on)
            found.append(
                Planned(
                    stream=visit.round.stream,
                    usual_on=usual_on,
                    on=change.to_on if change else usual_on,
                    reason=change.reason if change else "",
                )
            )
    return sorted(found, key=lambda one: (one.usual_on, one.stream))


def _published(uprn: str, *, since: date, until: date) -> list[Planned]:
    bins = Collections.objects.filter(pk=uprn).values_list("bins", flat=True).first()
    days = [(one["stream"], date.fromisoformat(one["on"])) for one in bins or []]
    return [Planned(stream=stream, usual_on=on, on=on, reason="") for stream, on in days if since <= on <= until]
