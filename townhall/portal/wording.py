"""Answers and promises in words, for the pages of the public site."""

from __future__ import annotations

from datetime import date, time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from townhall.catalogue.pack import Published
from townhall.forms.operations import DRAFT_DAYS
from townhall.forms.questions import Checkboxes, Date, Question, Radios, Select, YesNo
from townhall.places.hours import Days, Different, Stretch
from townhall.ui.words import long_date, time_of_day


def answer_words(question: Question, value: object) -> str:
    """An answer as the reader gave it: names for keys, a date in words. Empty when nothing was answered."""
    if value in (None, "", []):
        return ""
    if isinstance(question, Radios | Select | Checkboxes | YesNo):
        names = {choice.key: choice.name for choice in question.choices}
        given = value if isinstance(value, list) else [value]
        return ", ".join(names.get(str(one), str(one)) for one in given)
    if isinstance(question, Date) and isinstance(value, str):
        return long_date(date.fromisoformat(value[:10]))
    return str(value)


def published_words(published: Published) -> str:
    """The published time, in a sentence."""
    days = published.days
    if days == 0:
        return _("We aim to deal with it the same day.")
    if published.calendar == "CALENDAR":
        text = ngettext(
            "We aim to deal with it within %(num)d day.", "We aim to deal with it within %(num)d days.", days
        )
    else:
        text = ngettext(
            "We aim to deal with it within %(num)d working day.",
            "We aim to deal with it within %(num)d working days.",
            days,
        )
    return text % {"num": days}


WEEKDAYS = (
    _lazy("Monday"),
    _lazy("Tuesday"),
    _lazy("Wednesday"),
    _lazy("Thursday"),
    _lazy("Friday"),
    _lazy("Saturday"),
    _lazy("Sunday"),
)


def days_words(days: Days) -> str:
    """`Monday to Wednesday`."""
    first, last = str(WEEKDAYS[days.first]), str(WEEKDAYS[days.last])
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def hours_words(days: Days) -> str:
    """`9am to 1pm and 2pm to 4:30pm`, or `Closed`."""
    return _(" and ").join(_stretch_words(one) for one in days.stretches) or _("Closed")


def _stretch_words(one: Stretch) -> str:
    if one.opens == time(0) and one.closes >= time(23, 59):
        words = _("all day")
    elif one.latest:
        words = _("%(opens)s to between %(closes)s and %(latest)s") % {
            "opens": time_of_day(one.opens),
            "closes": time_of_day(one.closes),
            "latest": time_of_day(one.latest),
        }
    else:
        words = _("%(opens)s to %(closes)s") % {"opens": time_of_day(one.opens), "closes": time_of_day(one.closes)}
    if one.by_appointment:
        return _("%(hours)s by appointment") % {"hours": words}
    return _("%(hours)s (answerphone)") % {"hours": words} if one.answerphone else words


def days_of_keeping() -> str:
    """How long answers that were not sent are kept: `7 days`."""
    return ngettext("%(num)d day", "%(num)d days", DRAFT_DAYS) % {"num": DRAFT_DAYS}


def different_words(one: Different) -> str:
    """The hours on a date that differs."""
    if one.opens is None or one.closes is None:
        return _("Closed")
    return _("%(opens)s to %(closes)s") % {"opens": time_of_day(one.opens), "closes": time_of_day(one.closes)}
