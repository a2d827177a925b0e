"""Whether each service is reached by telephone throughout the corporate day, and whenever its counter is open (HOUR-02).

An answerphone and hours by appointment count as nobody answering. Where closing may move, the earlier time counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.utils.translation import gettext as _

from townhall.catalogue import queries as catalogue
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now
from townhall.places.hours import in_force, kept_hours
from townhall.places.hours_words import WEEKDAYS
from townhall.places.models import OpeningHours
from townhall.registers.sources import Thing
from townhall.telephony.cover.stretches import without
from townhall.telephony.night.report import corporate_day
from townhall.ui.words import time_of_day

CORPORATE, COUNTER = "corporate", "counter"
PHONE = "phone"
Stretch = tuple[time, time]


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """A service is not answered at these times of a usual week. `days`: weekday (0 is Monday) with its stretches."""

    service_code: str
    name: str
    against: str  # CORPORATE or COUNTER
    days: Sequence[tuple[int, Sequence[Stretch]]]

    @property
    def key(self) -> str:
        return f"{self.service_code}:{self.against}"

    @property
    def minutes(self) -> int:
        return sum(_minutes(one) for _day, stretches in self.days for one in stretches)

    @property
    def words(self) -> list[str]:
        """`Monday to Friday: 8:30am to 8:45am and 5:15pm to 5:30pm`, a line for days in a row that are alike."""
        lines: list[tuple[int, int, Sequence[Stretch]]] = []
        for day, stretches in self.days:
            if lines and lines[-1][1] == day - 1 and list(lines[-1][2]) == list(stretches):
                lines[-1] = (lines[-1][0], day, stretches)
            else:
                lines.append((day, day, stretches))
        return [f"{_days(first, last)}: {_times(stretches)}" for first, last, stretches in lines]


def shortfalls(*, on: date) -> list[Shortfall]:
    """Of every service whose hours are kept, as they hold in the week of a date; by name."""
    day = corporate_day()
    corporate = [(day.opens, day.closes)]
    found = []
    for code in sorted({one.service_code for one in kept_hours() if one.service_code}):
        phone, counter = _week(code, PHONE, on), _counter(code, on)
        if not _answers(code):
            continue  # only a web form or an answerphone: nobody says that it is answered
        for against, wanted in ((CORPORATE, dict.fromkeys(range(5), corporate)), (COUNTER, counter)):
            days = [
                (weekday, gaps)
                for weekday in range(7)
                if (gaps := without(wanted.get(weekday, []), phone.get(weekday, [])))
            ]
            if days:
                found.append(Shortfall(service_code=code, name=_name(code), against=against, days=days))
    return sorted(found, key=lambda one: (one.name, one.against))


def _answers(code: str) -> bool:
    return any(
        one.service_code == code and one.channel in ("", PHONE, "counter") and _is_staffed(one) for one in kept_hours()
    )


def _week(code: str, channel: str, on: date) -> dict[int, list[Stretch]]:
    """When somebody answers on each weekday: hours of the channel, else those kept for the service as a whole."""
    kept = [one for one in kept_hours() if one.service_code == code and not one.site_id]
    rows = [one for one in kept if one.channel == channel] or [one for one in kept if not one.channel]
    return _staffed(rows, on)


def _counter(code: str, on: date) -> dict[int, list[Stretch]]:
    """When its counter is open, at any site."""
    rows = [
        one
        for one in kept_hours()
        if one.service_code == code and (one.channel == "counter" or (one.site_id and not one.channel))
    ]
    return _staffed(rows, on)


def _staffed(rows: Iterable[OpeningHours], on: date) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = {}
    for weekday in range(7):
        day = in_force([one for one in rows if one.weekday == weekday], on)
        found[weekday] = sorted((one.opens, one.closes) for one in day if _is_staffed(one))
    return found


def _is_staffed(one: OpeningHours) -> bool:
    return not one.answerphone and not one.by_appointment


def things() -> Iterator[Thing]:
    """Rows of the register `hours-shortfalls`: what a shortfall says now is its digest, so a change comes up again."""
    for one in shortfalls(on=council_date(now())):
        words = "\n".join(one.words)
        yield Thing(
            key=one.key,
            title=f"{one.name}: {against_words()[one.against]}",
            digest=hashlib.sha256(words.encode()).hexdigest(),
            given={"service": one.name, "shortfall": words, "minutes": str(one.minutes)},
        )


def against_words() -> dict[str, str]:
    return {CORPORATE: _("the corporate day"), COUNTER: _("its counter hours")}


def _name(code: str) -> str:
    try:
        return catalogue.service(code).name
    except NotFound:
        return code.replace("-", " ").capitalize()


def _minutes(one: Stretch) -> int:
    return (one[1].hour - one[0].hour) * 60 + one[1].minute - one[0].minute


def _days(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS[first])
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def _times(stretches: Sequence[Stretch]) -> str:
    told = [
        _("%(opens)s to %(closes)s") % {"opens": time_of_day(one[0]), "closes": time_of_day(one[1])}
        for one in stretches
    ]
    return _(" and ").join(told)
