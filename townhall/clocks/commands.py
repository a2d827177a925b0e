"""What `townhall calendars …` does, in words to print."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from townhall.clocks import closures
from townhall.clocks.models import Calendar
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now


def load(path: Path | None) -> str:
    """Bank holidays from a file in the shape of GOV.UK's bank-holidays.json, or else from the `holidays` package."""
    changed = closures.load(path, at=now())
    return f"{changed} days added or taken away; {_recount()}"


def close(on: date, title: str) -> str:
    closures.close_day(on, title=title, by=SYSTEM, at=now())
    return f"{on.isoformat()} is a closure day of the council; {_recount()}"


def reopen(on: date) -> str:
    closures.reopen_day(on, by=SYSTEM, at=now())
    return f"{on.isoformat()} is no closure day any more; {_recount()}"


def _recount() -> str:
    return f"{closures.recount_changed(now())} running promises moved"


def show() -> str:
    """Each calendar with its closed days from today to the end of next year."""
    today = council_date(now())
    lines = []
    for calendar in Calendar.objects.order_by("code"):
        lines.append(f"{calendar.code}: {calendar.name}")
        coming = calendar.closed_days.filter(on__gte=today, on__lte=date(today.year + 1, 12, 31)).order_by("on")
        lines += [f"  {day.on.isoformat()}  {day.title}" for day in coming]
    return "\n".join(lines)
