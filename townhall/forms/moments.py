"""Times of day, dates with a time, and dates that are known only nearly: as people type them, in; ISO text, out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from townhall.forms.dates import MONTHS, check_when, month_number, read_parts
from townhall.forms.questions import ApproximateDate, DateTime, Time
from townhall.forms.readers import Wrong, text_of, what_of
from townhall.forms.typed import clean_line

_CLOCK = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm|a\.m\.|p\.m\.)?$", re.IGNORECASE)


def read_time(question: Time, raw: Any) -> str:
    if isinstance(raw, Mapping):
        hour, minute = (clean_line(text_of(raw.get(part))) for part in ("hour", "minute"))
        text = f"{hour}:{minute.zfill(2)}" if minute else hour
    else:
        text = clean_line(text_of(raw))
    return _time_in(text, what_of(question.label, _("The time"))) if text else ""


def _time_in(text: str, what: str) -> str:
    wrong = Wrong(_("%(what)s must be a time, like 2:30pm or 14:30") % {"what": what})
    if text.casefold() in ("noon", "midday", "midnight"):
        return "00:00" if text.casefold() == "midnight" else "12:00"
    found = _CLOCK.match(text) if text.isascii() else None
    if found is None or (found[2] is None and found[3] is None):
        raise wrong
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if found[3].casefold().startswith("p") else 0)
    if hour > 23 or minute > 59:
        raise wrong
    return f"{hour:02d}:{minute:02d}"


def read_date_time(question: DateTime, raw: Any, today: date | None) -> str:
    """`raw`: day, month, year and time (or hour and minute); or ISO text."""
    what = what_of(question.label, _("The date"))
    if isinstance(raw, Mapping):
        on = read_parts(raw, what)
        given = raw.get("time") or raw.get("hour")
        if on is None and not given:
            return ""
        if on is None:
            raise Wrong(_("%(what)s must include a %(part)s") % {"what": what, "part": _("day")}, part="-day")
        clock = read_time(Time(code=question.code, label=question.label), raw.get("time") or raw)
        if not clock:
            raise Wrong(_("%(what)s must include a time") % {"what": what}, part="-time")
        found, text = on, f"{on.isoformat()}T{clock}"
    else:
        text = clean_line(text_of(raw))
        if not text:
            return ""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise Wrong(_("%(what)s must be a real date and time, like 2026-03-27T14:30") % {"what": what}) from error
        found, text = moment.date(), f"{moment:%Y-%m-%dT%H:%M}"
    check_when(question.when, found, today, what)
    return text


def read_approximate(question: ApproximateDate, raw: Any) -> str:
    what = what_of(question.label, _("The date"))
    if isinstance(raw, Mapping):
        parts = {part: clean_line(text_of(raw.get(part))) for part in ("day", "month", "year")}
    else:
        text = clean_line(text_of(raw))
        year, _dash, rest = text.partition("-")
        month, _dash, day = rest.partition("-")
        parts = {"day": day, "month": month, "year": year}
        if not (text.isascii() and text.replace("-", "").isdecimal()) and text:
            raise Wrong(_("%(what)s must be a month and a year, like 3 2026") % {"what": what})
    if not any(parts.values()):
        return ""
    return _near(question, parts, what)


def _near(question: ApproximateDate, parts: Mapping[str, str], what: str) -> str:
    if parts["day"] and question.about:
        on = read_parts(parts, what)
        assert on is not None  # a part was given
        return on.isoformat()
    if not parts["month"] and not question.about:
        raise Wrong(_("%(what)s must include a %(part)s") % {"what": what, "part": _("month")}, part="-month")
    if not parts["year"]:
        raise Wrong(_("%(what)s must include a %(part)s") % {"what": what, "part": _("year")}, part="-year")
    if not (parts["year"].isascii() and parts["year"].isdecimal() and len(parts["year"]) == 4 and int(parts["year"])):
        raise Wrong(_("Year must include 4 numbers"), part="-year")
    if not parts["month"]:
        return parts["year"]
    month = month_number(parts["month"])
    if month is None:
        raise Wrong(_("%(what)s must have a month from 1 to 12") % {"what": what}, part="-month")
    assert 1 <= month <= len(MONTHS)
    return f"{parts['year']}-{month:02d}"
