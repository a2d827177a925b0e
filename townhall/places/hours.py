"""When a site or a service is open, as a week reads on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Q

from townhall.core.refreshing import Refreshing
from townhall.places.models import HoursException, OpeningHours, Site


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Open from `opens` to `closes`, London time. `latest`: closing may move until then."""

    opens: time
    closes: time
    latest: time | None = None
    by_appointment: bool = False
    answerphone: bool = False


@dataclass(frozen=True, kw_only=True)
class Days:
    """Days in a row with the same hours; `first` and `last` are weekdays, 0 is Monday. No stretches: closed."""

    first: int
    last: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, kw_only=True)
class Different:
    """A date to come on which the usual hours do not hold. Without times it is closed."""

    on: date
    opens: time | None
    closes: time | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class OpenSite:
    code: str
    name: str
    address: str
    phone: str
    week: tuple[Days, ...]
    different: tuple[Different, ...]


_hours = Refreshing(lambda: list(OpeningHours.objects.order_by("weekday", "opens")), seconds=30)
_sites = Refreshing(lambda: list(Site.objects.order_by("name")), seconds=30)


def week_of(*, on: date, service: str = "", site: str = "", channel: str = "") -> tuple[Days, ...]:
    """The usual week of exactly this service, site and channel, as on a date; empty when no hours are kept for it."""
    kept = [
        one for one in _hours.get() if (one.service_code, one.site_id or "", one.channel) == (service, site, channel)
    ]
    found = [one for day in range(7) for one in in_force([row for row in kept if row.weekday == day], on)]
    return tuple(_grouped(found)) if found else ()


def kept_hours() -> list[OpeningHours]:
    """Every stretch that is kept, by weekday and opening; a little old."""
    return _hours.get()


def site_names() -> dict[str, str]:
    """Code to name, in order of name."""
    return {site.code: site.name for site in _sites.get()}


def in_force(rows: list[OpeningHours], on: date) -> list[OpeningHours]:
    """Of one weekday's stretches those that hold on a date: the season's own when there are any, else the usual ones."""
    seasonal = [one for one in rows if (one.from_on or one.until_on) and _in_season(one, on)]
    return seasonal or [one for one in rows if not one.from_on and not one.until_on]


def _in_season(one: OpeningHours, on: date) -> bool:
    return (one.from_on is None or one.from_on <= on) and (one.until_on is None or on <= one.until_on)


def _grouped(kept: Iterable[OpeningHours]) -> Iterable[Days]:
    days: dict[int, list[Stretch]] = {weekday: [] for weekday in range(7)}
    for one in kept:
        days[one.weekday].append(
            Stretch(
                opens=one.opens,
                closes=one.closes,
                latest=one.closes_latest,
                by_appointment=one.by_appointment,
                answerphone=one.answerphone,
            )
        )
    first = 0
    for weekday in range(1, 8):
        if weekday == 7 or days[weekday] != days[first]:
            yield Days(first=first, last=weekday - 1, stretches=tuple(days[first]))
            first = weekday


def open_sites(*, on: date) -> list[OpenSite]:
    """Every site with hours of its own, in order of name, with the dates to come that differ. One query."""
    coming = HoursException.objects.filter(Q(site__isnull=False), service_code="", on__gte=on).order_by("on")
    differ: dict[str, list[Different]] = {}
    for one in coming[:200]:
        differ.setdefault(str(one.site_id), []).append(
            Different(on=one.on, opens=one.opens, closes=one.closes, reason=one.reason)
        )
    found = [(site, week_of(on=on, site=site.code)) for site in _sites.get()]
    return [
        OpenSite(
            code=site.code,
            name=site.name,
            address=site.address,
            phone=site.phone,
            week=week,
            different=tuple(differ.get(site.code, [])[:10]),
        )
        for site, week in found
        if week
    ]
