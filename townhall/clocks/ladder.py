"""A ladder: who is to be told at what age, as data. Each rung has a name and a moment relative to the due date.

    [{"at": "-2 working days", "rung": "due_soon"}, {"at": "due", "rung": "due"}, {"at": "+5 working days", "rung": "overdue_5"}]

`at` is "due", or a signed number of working days, days or hours from it. A warning before a day falls at the start of that
day; what comes after the due date falls at the end of its day, as the due date itself does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from townhall.clocks.calendars import WorkingCalendar
from townhall.core.time import council_date, end_of, start_of

_AT: Final = re.compile(r"(?P<sign>[+-])(?P<amount>\d{1,4}) (?P<unit>working days|working day|days|day|hours|hour)")


@dataclass(frozen=True, kw_only=True)
class Rung:
    name: str
    amount: int = 0  # from the due moment; before it when negative
    unit: str = "due"  # "due", "working day", "day" or "hour"

    def rings_at(self, due: datetime, *, calendar: WorkingCalendar) -> datetime:
        if self.unit == "due" or not self.amount:
            return due
        if self.unit == "hour":
            return due + timedelta(hours=self.amount)
        due_on = council_date(due)
        in_working_days = self.unit == "working day"
        on = calendar.add_working_days(due_on, self.amount) if in_working_days else due_on + timedelta(days=self.amount)
        return start_of(on) if self.amount < 0 else end_of(on)


Ladder = tuple[Rung, ...]


def read_ladder(rungs: Iterable[Mapping[str, str]]) -> Ladder:
    """The rungs of a ladder as written in data. Raises ValueError naming the rung that cannot be read or is there twice."""
    ladder = tuple(_read_rung(rung) for rung in rungs)
    names = [rung.name for rung in ladder]
    if len(set(names)) != len(names):
        raise ValueError(f"Two rungs have one name: {', '.join(names)}.")
    return ladder


def _read_rung(rung: Mapping[str, str]) -> Rung:
    name, at = rung.get("rung", ""), rung.get("at", "")
    if not name:
        raise ValueError(f"A rung needs a name: {dict(rung)}.")
    if at == "due":
        return Rung(name=name)
    match = _AT.fullmatch(at)
    if match is None:
        raise ValueError(
            f"Rung {name}: {at!r} is neither 'due' nor a number of working days, days or hours such as '-2 days'."
        )
    amount = int(match["sign"] + match["amount"])
    return Rung(name=name, amount=amount, unit=match["unit"].removesuffix("s"))


def first_rung_after(
    ladder: Sequence[Rung], at: datetime, *, due: datetime, calendar: WorkingCalendar
) -> tuple[int, datetime | None]:
    """(index, moment) of the first rung still to come at `at`; the ladder's length and None when there is none.

    A warning whose moment had passed before the clock began would only be noise, so it is left out.
    """
    for index, rung in enumerate(ladder):
        rings_at = rung.rings_at(due, calendar=calendar)
        if rings_at > at:
            return index, rings_at
    return len(ladder), None


def rung_at(ladder: Sequence[Rung], index: int, *, due: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When the rung at `index` rings, or None above the top."""
    return ladder[index].rings_at(due, calendar=calendar) if index < len(ladder) else None
