"""How dates, times and money read on screen and in messages: GOV.UK style, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import dateformat
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from townhall.core.time import LONDON, aware


def in_sentence(place: str) -> str:
    """A place as it reads after other words: `near 7 Wherry Lane`, where by itself it is `Near 7 Wherry Lane`."""
    return place[:1].lower() + place[1:] if _is_near(place) else place


def at_place(place: str) -> str:
    """`at 12 Mill Lane`, or `near 7 Wherry Lane` for a place that is only near an address."""
    return in_sentence(place) if _is_near(place) else _place_words(get_language())[0] % {"place": place}


def _is_near(place: str) -> bool:
    near = _place_words(get_language())[1]
    return bool(near) and place.startswith((near, "Near "))


@lru_cache(maxsize=20)
def _place_words(_language: str | None) -> tuple[str, str]:
    """`at …` with room for the place, and how a place that is only near an address begins, as a point on the map is kept."""
    return _("at %(place)s"), _("Near %(address)s").partition("%(address)s")[0]


_PHONE = re.compile(r"\b(?:0\d{2,4} ?\d{3,4} ?\d{3,4}|(?<![\d,.£])(?:999|112|105|101|111)(?![\d,]))\b")


def phone_links(text: str) -> SafeString:
    """Plain text whose telephone numbers can be tapped: our own, and the short ones for emergencies."""
    return mark_safe(  # noqa: S308 - escaped here
        _PHONE.sub(lambda m: f'<a class="govuk-link" href="tel:{m[0].replace(" ", "")}">{m[0]}</a>', escape(text))
    )


def local(value: date | datetime | time) -> date | datetime | time:
    """A moment as it reads on a clock in London; dates and bare times as they are."""
    return aware(value).astimezone(LONDON) if isinstance(value, datetime) else value


def long_date(value: date | datetime | None) -> str:
    """`3 May 2026`; empty when there is none."""
    return "" if value is None else _shown(_day(value), "j F Y", get_language())


def short_date(value: date | datetime | None) -> str:
    """`3 May`, for tables whose year is plain from their heading."""
    return "" if value is None else _shown(_day(value), "j M", get_language())


def weekday_date(value: date | datetime | None) -> str:
    """`Sunday 3 May 2026`: for appointments and collections, where the day of the week is what people remember."""
    return "" if value is None else _shown(_day(value), "l j F Y", get_language())


def time_of_day(value: datetime | time | None) -> str:
    """`10:30am`, `9am`, `midday`, `midnight`."""
    if value is None:
        return ""
    shown = local(value)
    assert isinstance(shown, datetime | time)
    if (shown.hour, shown.minute) == (12, 0):
        return _("midday")
    if (shown.hour, shown.minute) == (0, 0):
        return _("midnight")
    minutes = f":{shown.minute:02d}" if shown.minute else ""
    return f"{shown.hour % 12 or 12}{minutes}{_('am') if shown.hour < 12 else _('pm')}"


def moment(value: datetime | None) -> str:
    """`3 May 2026 at 10:30am`."""
    if value is None:
        return ""
    shown = local(value)
    assert isinstance(shown, datetime)
    return _moment(shown.date(), shown.hour, shown.minute, get_language())


@lru_cache(maxsize=10_000)
def _moment(day: date, hour: int, minute: int, language: str | None) -> str:
    return _("%(date)s at %(time)s") % {"date": long_date(day), "time": time_of_day(time(hour, minute))}


def deadline(value: datetime | None) -> str:
    """`the end of 3 May 2026` for the last second of that day or the first of the next; else as `moment`."""
    if value is None:
        return ""
    shown = local(value)
    assert isinstance(shown, datetime)
    last = shown - timedelta(seconds=1) if shown.time() == time.min else shown
    if (last.hour, last.minute, last.second) == (23, 59, 59):
        return _("the end of %(date)s") % {"date": long_date(last)}
    return moment(value)


def ago(days: int) -> str:
    """`today`, `yesterday`, `3 days ago`, from a count of days since."""
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return _("%(days)d days ago") % {"days": days}


def nl2br(value: str | None) -> SafeString:
    """Typed text with its line breaks kept and everything else escaped."""
    return SafeString(escape(str(value or "").replace("\r\n", "\n")).replace("\n", "<br>\n"))


def iso(value: date | datetime) -> str:
    """For the `datetime` attribute of `<time>`."""
    shown = local(value)
    return shown.isoformat(timespec="minutes") if isinstance(shown, datetime) else shown.isoformat()


@lru_cache(maxsize=5_000)
def _shown(day: date, shape: str, language: str | None) -> str:
    """Remembered: a list shows few different days, and each is a dozen look-ups of its parts in words."""
    return dateformat.format(day, shape)


def _day(value: date | datetime) -> date:
    shown = local(value)
    assert isinstance(shown, date)
    return shown.date() if isinstance(shown, datetime) else shown


def date_parts(value: object) -> dict[str, str]:
    """What stands in the boxes of a date: the parts as typed, or those of ISO text such as 2026-03, 2026-03-27 or 2026-03-27T14:30."""
    if isinstance(value, Mapping):
        return {str(name): str(part) for name, part in value.items()}
    day, _t, clock = str(value or "").partition("T")
    year, month, number = (*day.split("-"), "", "", "")[:3]
    return {"year": year, "month": month.lstrip("0"), "day": number.lstrip("0"), "time": clock[:5]}
