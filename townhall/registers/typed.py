"""Reading what was typed into a row, and writing it for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from townhall.catalogue import queries as catalogue
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput
from townhall.core.money import Pence, pounds
from townhall.registers.definition import Definition, Field
from townhall.ui.words import long_date, short_date

LONGEST_LINE, LONGEST_TEXT = 300, 4_000
_MONEY = re.compile(r"£?\s*(\d{1,9})(?:\.(\d\d))?")
_LINK = re.compile(r"(https?://[^\s<>\"]{3,500}|/[!-~]{0,300})")
_A_LEAP_YEAR = 2024


def read_values(definition: Definition, given: Mapping[str, str]) -> dict[str, Any]:
    """Values by field; one with nothing typed is left out. given: without control characters.

    Raises BadInput with a sentence for each that cannot be read.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in definition.fields:
        text = typed_text(field, given.get(field.code, ""))
        if not text:
            if field.required:
                problems[field.code] = _("Enter: %(what)s") % {"what": field.label.lower()}
            continue
        try:
            values[field.code] = _value(field, text)
        except ValueError as error:
            problems[field.code] = str(error)
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(**{code: value for code, value in values.items() if isinstance(value, str)})
    return values


def typed_text(field: Field, text: str) -> str:
    return text.strip()[: LONGEST_TEXT + 1] if field.kind == "text" else " ".join(text.split())[: LONGEST_LINE + 1]


def _value(field: Field, text: str) -> Any:
    """Raises ValueError with a sentence for the reader."""
    if len(text) > (LONGEST_TEXT if field.kind == "text" else LONGEST_LINE):
        raise ValueError(_("This is too long"))
    reader = _READERS.get(field.kind)
    if reader is not None:
        return reader(text)
    if field.kind == "choice":
        return _one_of(text, {one.code: one.code for one in field.choices})
    if field.kind == "service":
        return _one_of(text, {pack.code: pack.code for pack in catalogue.services()})
    return text


def _number(text: str) -> int:
    digits = text.replace(",", "").replace(" ", "")
    if not digits.isascii() or not digits.lstrip("-").isdigit() or len(digits) > 12:
        raise ValueError(_("Enter a whole number"))
    return int(digits)


def _pence(text: str) -> int:
    match = _MONEY.fullmatch(text.replace(",", ""))
    if match is None:
        raise ValueError(_("Enter an amount in pounds, like 1250 or 12.50"))
    return int(match[1]) * 100 + int(match[2] or 0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Enter a real date, like 2026-03-27")) from None


def _yearly(text: str) -> str:
    month_day = text[5:] if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
    try:
        return date.fromisoformat(f"{_A_LEAP_YEAR}-{month_day}").strftime("%m-%d")
    except ValueError:
        raise ValueError(_("Enter a day of the year as month and day, like 03-15")) from None


def _one_of(text: str, choices: Mapping[str, Any]) -> Any:
    if text not in choices:
        raise ValueError(_("Select one of the choices"))
    return choices[text]


def _link(text: str) -> str:
    if not _LINK.fullmatch(text):
        raise ValueError(_("Enter a web address that begins with https://, or a page of this site such as /services"))
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "number": _number,
    "money": _pence,
    "date": lambda text: _day(text).isoformat(),
    "yearly": _yearly,
    "yes_no": lambda text: _one_of(text, {"yes": True, "no": False}),
    "link": _link,
}


def next_of(month_day: str, *, after: date) -> date:
    """The first day after `after` that a yearly field names; 29 February is the 28th in other years."""
    for year in (after.year, after.year + 1):
        try:
            on = date.fromisoformat(f"{year}-{month_day}")
        except ValueError:
            on = date(year, 2, 28)
        if on > after:
            return on
    raise AssertionError(month_day)


def shown(field: Field, value: Any) -> str:
    """A value in words; empty for none."""
    if value is None or value == "":
        return ""
    match field.kind:
        case "money":
            return pounds(Pence(int(value)))
        case "date":
            return long_date(date.fromisoformat(str(value)))
        case "yearly":
            return short_date(date.fromisoformat(f"{_A_LEAP_YEAR}-{value}"))
        case "yes_no":
            return _("Yes") if value else _("No")
        case "choice":
            return field.label_of(value)
        case "service":
            return next((pack.name for pack in catalogue.services() if pack.code == value), str(value))
        case _:
            return str(value)


def as_typed(field: Field, value: Any) -> str:
    """A value as somebody would type it, to change it."""
    if value is None:
        return ""
    if field.kind == "money":
        return f"{int(value) // 100}.{int(value) % 100:02d}"
    if field.kind == "yes_no":
        return "yes" if value else "no"
    return str(value)
