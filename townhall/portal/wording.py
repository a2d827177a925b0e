"""Answers and promises in words, for the pages of the public site."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.catalogue.pack import Published
from townhall.forms.operations import DRAFT_DAYS
from townhall.forms.questions import Checkboxes, Date, Question, Radios, Select, YesNo
from townhall.ui.words import long_date


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


def days_of_keeping() -> str:
    """How long answers that were not sent are kept: `7 days`."""
    return ngettext("%(num)d day", "%(num)d days", DRAFT_DAYS) % {"num": DRAFT_DAYS}
