"""Answers in words, for the check of answers, the summary and whoever handles what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.core import sealed_answers
from townhall.core.money import Pence, pounds
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Calculated,
    Checkboxes,
    Contact,
    Date,
    DateTime,
    Declaration,
    Group,
    Money,
    Number,
    Payment,
    Person,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Time,
    Upload,
    YesNo,
)
from townhall.ui.words import long_date


def answer_words(question: Question, value: object) -> str:
    """A clean answer on one line; empty when there is none."""
    return ", ".join(answer_lines(question, value))


def answer_lines(question: Question, value: object) -> list[str]:
    """A clean answer line by line: names for keys, dates in words. Empty when there is none. Whatever is kept, something can be said."""
    if value in (None, "", [], {}):
        return []
    try:
        return _lines(question, value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return [str(value)]  # kept under an earlier version of the form


def _lines(question: Question, value: Any) -> list[str]:
    match question:
        case Radios() | Select() | Checkboxes() | YesNo():
            return _chosen(question, value)
        case Text(sealed=True):
            return [sealed_answers.ending(str(value))]
        case Date() | DateTime() | ApproximateDate() | Time():
            return [_moment(question, str(value))]
        case Money() | Number():
            return [_amount(question, value)]
        case Upload():
            return [ngettext("%(num)d file", "%(num)d files", len(value)) % {"num": len(value)}]
        case Contact() | Person() | Address() | Place():
            return _in_parts(question, value)
        case Declaration() | Payment():
            return [_("Agreed") if isinstance(question, Declaration) else _("Paid")]
        case Group():
            return _items(question, value)
        case Calculated():
            return _worked_out(question, value)
    return str(value).split("\n")


def _amount(question: Money | Number, value: Any) -> str:
    if isinstance(question, Money):
        return pounds(Pence(int(value)))
    return f"{question.prefix}{value:,}{f' {question.suffix}' if question.suffix else ''}"


def _chosen(question: Radios | Select | Checkboxes | YesNo, value: Any) -> list[str]:
    names = {choice.key: choice.name for choice in question.choices}
    given = value if isinstance(value, list) else [value]
    return [names.get(str(one), str(one)) for one in given]


def _moment(question: Question, value: str) -> str:
    if isinstance(question, Time):
        return _clock(time.fromisoformat(value))
    if len(value) == 4:
        return value
    if len(value) == 7:
        return dateformat.format(date.fromisoformat(f"{value}-01"), "F Y")
    words = long_date(date.fromisoformat(value[:10]))
    if len(value) > 10:
        clock = _clock(datetime.fromisoformat(value).time())
        return _("%(date)s at %(time)s") % {"date": words, "time": clock}
    return words


def _clock(value: time) -> str:
    hour = value.hour % 12 or 12
    half = "am" if value.hour < 12 else "pm"
    return f"{hour}:{value.minute:02d}{half}" if value.minute else f"{hour}{half}"


def _in_parts(question: Question, value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return [str(value)]
    if isinstance(question, Person):
        return [" ".join(str(value[part]) for part in ("title", "name", "first", "middle", "last") if value.get(part))]
    if isinstance(question, Address):
        parts = ("line", "line1", "line2", "town", "county", "postcode", "country")
        return [str(value[part]) for part in parts if value.get(part)] or [_("Address %(uprn)s") % value]
    if isinstance(question, Contact):
        return [str(value[part]) for part in ("name", "email", "phone") if value.get(part)]
    return _place(value)


def _place(value: Mapping[str, Any]) -> list[str]:
    if value.get("line"):
        return [str(value["line"])]
    if value.get("words"):
        return [str(value["words"])]
    if value.get("lat") is not None:
        return [f"{float(value['lat']):.5f}, {float(value['lng']):.5f}"]
    return [_("Address %(uprn)s") % {"uprn": value["uprn"]}] if value.get("uprn") else [str(value.get("usrn", ""))]


def _items(question: Group, value: Any) -> list[str]:
    lines = []
    for item in value:
        said = [answer_words(one, item.get(one.code)) for one in question.questions]
        lines.append(", ".join(words for words in said if words))
    return lines


def _worked_out(question: Calculated, value: Any) -> list[str]:
    if question.unit == "pence":
        return [pounds(Pence(int(value)))]
    if question.unit == "date":
        return [long_date(date.fromisoformat(str(value)[:10]))]
    return [f"{value:g}" if isinstance(value, float) else str(value)]
