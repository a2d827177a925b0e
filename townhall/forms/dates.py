"""Dates as people type them: day, month (a number or a name) and year; or ISO text from another system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from townhall.forms.questions import Date
from townhall.forms.readers import Wrong, text_of, what_of
from townhall.forms.typed import clean_line
from townhall.ui.words import long_date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = ("day", "month", "year")


def read_date(question: Date, raw: Any, today: date | None) -> str:
    """ISO text: a date, or a datetime when one was given. Empty when nothing was. Raises Wrong at the first faulty part."""
    what = what_of(question.label, _("The date"))
    if isinstance(raw, Mapping):
        given = read_parts(raw, what)
        if given is None:
            return ""
        found, text = given, given.isoformat()
    else:
        text = clean_line(text_of(raw))
        if not text:
            return ""
        found, text = _from_iso(text, what)
    check_when(question.when, found, today, what)
    _check_days(question, found, today, what)
    return text


def read_parts(raw: Mapping[str, Any], what: str) -> date | None:
    """The date in day, month and year; None when nothing was typed. Raises Wrong at the first faulty part."""
    parts = {part: clean_line(text_of(raw.get(part))) for part in _PARTS}
    return _from_parts(parts, what) if any(parts.values()) else None


def _from_parts(parts: Mapping[str, str], what: str) -> date:
    names = {"day": _("day"), "month": _("month"), "year": _("year")}
    for part in _PARTS:
        if not parts[part]:
            raise Wrong(_("%(what)s must include a %(part)s") % {"what": what, "part": names[part]}, part=f"-{part}")
    month = month_number(parts["month"])
    real = _("%(what)s must be a real date") % {"what": what}
    if not parts["day"].isdecimal() or len(parts["day"]) > 2:
        raise Wrong(real, part="-day")
    if month is None:
        raise Wrong(real, part="-month")
    if not parts["year"].isdecimal() or len(parts["year"]) != 4:
        raise Wrong(_("Year must include 4 numbers"), part="-year")
    try:
        return date(int(parts["year"]), month, int(parts["day"]))
    except ValueError as error:
        raise Wrong(real, part="-day") from error


def month_number(text: str) -> int | None:
    if text.isdecimal() and len(text) <= 2:
        return int(text) if 1 <= int(text) <= 12 else None
    short = text[:3].casefold()
    return MONTHS.index(short) + 1 if short in MONTHS and text.isalpha() else None


def _from_iso(text: str, what: str) -> tuple[date, str]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(_("%(what)s must be a real date, like 2026-03-27") % {"what": what}) from error
    return moment.date(), moment.isoformat() if len(text) > 10 else moment.date().isoformat()


def check_when(when: str, found: date, today: date | None, what: str) -> None:
    if today is None:
        return
    if when == "past" and found > today:
        raise Wrong(_("%(what)s must be today or in the past") % {"what": what})
    if when == "future" and found < today:
        raise Wrong(_("%(what)s must be today or in the future") % {"what": what})


def _check_days(question: Date, found: date, today: date | None, what: str) -> None:
    """`days_past` and `days_ahead`, when they are given."""
    if today is None:
        return
    if question.days_past is not None and (today - found).days > question.days_past:
        earliest = today.toordinal() - question.days_past
        raise Wrong(
            _("%(what)s must be on or after %(date)s")
            % {"what": what, "date": long_date(date.fromordinal(max(earliest, 1)))}
        )
    if question.days_ahead is not None and (found - today).days > question.days_ahead:
        latest = min(today.toordinal() + question.days_ahead, date.max.toordinal())
        raise Wrong(
            _("%(what)s must be on or before %(date)s") % {"what": what, "date": long_date(date.fromordinal(latest))}
        )
