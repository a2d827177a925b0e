"""One reader for each question type: a raw answer in, a clean value out, or Wrong with a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core import sealed_answers
from townhall.core.cards import has_card_number
from townhall.core.money import Pence, pounds
from townhall.forms import patterns
from townhall.forms.questions import (
    Checkboxes,
    Contact,
    Declaration,
    LongText,
    Money,
    Number,
    Payment,
    Place,
    Radios,
    Select,
    Text,
    Upload,
    YesNo,
)
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications.recipients import email_address

_DOMAIN = re.compile(r"[^@]+\.[^@.]+")
MOST_PENCE = 10**13
_MONEY = re.compile(r"^([-+]?)([0-9]{1,11})(?:\.([0-9]{1,2}))?$")
_POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})$")
_NATIONAL_INSURANCE = re.compile(r"^([A-Z]{2})([0-9]{2})([0-9]{2})([0-9]{2})([A-D])$")
_AGREED = frozenset({"yes", "true", "on", "1"})
_NUMBER = re.compile(r"^[-+]?\d{1,15}(?:\.\d{1,10})?$")


class Wrong(Exception):
    """What is wrong, by part: "" for the whole question, "-email" for a part of it."""

    def __init__(self, message: str, *, part: str = "", more: Mapping[str, str] | None = None) -> None:
        self.problems = {part: message, **(more or {})}
        super().__init__(message)


def text_of(raw: Any) -> str:
    """Something typed, as text. Raises Wrong for lists and objects, which no field of a page sends."""
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Wrong(_("Enter your answer as text"))
    return str(raw)


def what_of(label: str, instead: str = "") -> str:
    """What to call the answer in a sentence: a label that asks cannot begin one."""
    return (instead or _("Your answer")) if label.endswith("?") else label


def read_text(question: Text, raw: Any) -> str:
    """Of a question whose answer is sealed: the answer sealed, whether it comes so or as typed."""
    if not question.sealed:
        return _read_line(question, raw)
    if sealed_answers.is_sealed(raw) and raw.endswith(":"):
        return str(raw)  # nothing needs it any more
    whole = sealed_answers.open_one(raw) if isinstance(raw, str) else None
    text = _read_line(question, raw if whole is None else whole)
    return str(raw) if whole is not None else sealed_answers.seal(text) if text else ""


def _read_line(question: Text, raw: Any) -> str:
    text = within(clean_line(text_of(raw)), question.label, question.max_length)
    if not text:
        return ""
    _long_enough(text, question.label, question.min_length)
    if question.kind in _KINDS:
        return _KINDS[question.kind](text, question.error)
    if question.pattern and not patterns.fits(question.pattern, text):
        raise Wrong(
            question.error or _("Enter %(what)s in the correct format") % {"what": _in_sentence(question.label)}
        )
    return text


def _in_sentence(label: str) -> str:
    if label.endswith("?"):
        return _("your answer")
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def postcode_of(text: str) -> str:
    """A full UK postcode in its usual form, `AB1 2CD`; empty when it is none."""
    found = _POSTCODE.match(re.sub(r"[^A-Z0-9]", "", text.upper())) if text.isascii() else None
    return f"{found[1]} {found[2]}" if found else ""


def _postcode(text: str, error: str) -> str:
    found = postcode_of(text)
    if not found:
        raise Wrong(error or _("Enter a full UK postcode"))
    return found


def _national_insurance(text: str, error: str) -> str:
    found = _NATIONAL_INSURANCE.match(re.sub(r"[^A-Z0-9]", "", text.upper()))
    if not found:
        raise Wrong(error or _("Enter a National Insurance number in the correct format, like QQ 12 34 56 C"))
    return " ".join(found.groups())


_KINDS = {"postcode": _postcode, "national_insurance": _national_insurance}


def read_long_text(question: LongText, raw: Any) -> str:
    text = within(clean_text(text_of(raw)), question.label, question.max_length)
    if text:
        _long_enough(text, question.label, question.min_length)
    if question.max_words and len(text.split()) > question.max_words:
        raise Wrong(
            _("%(what)s must be %(most)s words or fewer")
            % {"what": what_of(question.label), "most": f"{question.max_words:,}"}
        )
    return text


def within(text: str, label: str, length: int) -> str:
    if len(text) > length:
        raise Wrong(
            _("%(what)s must be %(length)s characters or fewer") % {"what": what_of(label), "length": f"{length:,}"}
        )
    if has_card_number(text):
        raise Wrong(_("Do not write a card number here. Take it out: we never ask for one"))
    return text


def _long_enough(text: str, label: str, length: int) -> None:
    if len(text) < length:
        raise Wrong(
            _("%(what)s must be %(length)s characters or more") % {"what": what_of(label), "length": f"{length:,}"}
        )


def read_number(question: Number, raw: Any) -> int | float | None:
    text = clean_line(text_of(raw)).replace(",", "").replace(" ", "")
    for around in (question.prefix, question.suffix):
        text = text.removeprefix(around).removesuffix(around) if around else text
    if not text:
        return None
    if not _NUMBER.match(text):
        raise Wrong(_("%(what)s must be a number, like 30") % {"what": what_of(question.label)})
    value: int | float = float(text) if "." in text else int(text)
    if question.whole and value != int(value):
        raise Wrong(_("%(what)s must be a whole number") % {"what": what_of(question.label)})
    if question.minimum is not None and value < question.minimum:
        raise Wrong(
            _("%(what)s must be %(least)g or more") % {"what": what_of(question.label), "least": question.minimum}
        )
    if question.maximum is not None and value > question.maximum:
        raise Wrong(
            _("%(what)s must be %(most)g or less") % {"what": what_of(question.label), "most": question.maximum}
        )
    return int(value) if question.whole else value


def read_money(question: Money, raw: Any) -> int | None:
    """Typed in pounds. A whole number that is not text is pence already, as another system or a clean answer gives it."""
    what = what_of(question.label, _("The amount"))
    if isinstance(raw, int) and not isinstance(raw, bool):
        pence = raw
    else:
        text = re.sub(r"[,\s]", "", clean_line(text_of(raw))).replace("£", "", 1)
        if not text:
            return None
        found = _MONEY.match(text)
        if not found:
            raise Wrong(_("%(what)s must be an amount of money, like £25 or £25.50") % {"what": what})
        pence = int(found[2]) * 100 + int((found[3] or "0").ljust(2, "0"))
        pence = -pence if found[1] == "-" else pence
    if abs(pence) > MOST_PENCE:
        raise Wrong(_("%(what)s must be an amount of money, like £25 or £25.50") % {"what": what})
    if question.minimum_pence is not None and pence < question.minimum_pence:
        raise Wrong(
            _("%(what)s must be %(least)s or more") % {"what": what, "least": pounds(Pence(question.minimum_pence))}
        )
    if question.maximum_pence is not None and pence > question.maximum_pence:
        raise Wrong(
            _("%(what)s must be %(most)s or less") % {"what": what, "most": pounds(Pence(question.maximum_pence))}
        )
    return pence


def read_declaration(question: Declaration, raw: Any) -> str:
    given = raw[-1] if isinstance(raw, list | tuple) and raw else raw
    return "yes" if clean_line(text_of(given if given not in ([], ()) else None)) in _AGREED else ""


def read_payment(question: Payment, raw: Any) -> str:
    text = clean_line(text_of(raw))
    if text and not re.fullmatch(r"[A-Za-z0-9-]{1,64}", text):
        raise Wrong(question.error or _("Pay to go on"))
    return text


def read_choice(question: YesNo | Radios | Select, raw: Any) -> str:
    key = clean_line(text_of(raw))
    if key and key not in {choice.key for choice in question.choices}:
        raise Wrong(_("Select one of the answers in the list"))
    return key


def read_choices(question: Checkboxes, raw: Any) -> list[str]:
    given = [] if raw is None else raw if isinstance(raw, list | tuple) else [raw]
    keys = {clean_line(text_of(one)) for one in given} - {""}
    known = [choice.key for choice in question.choices]
    if keys - set(known):
        raise Wrong(_("Select from the answers in the list"))
    alone = [choice.name for choice in question.choices if choice.alone and choice.key in keys]
    if alone and len(keys) > 1:
        raise Wrong(_("Select “%(alone)s” or other answers, not both") % {"alone": alone[0]})
    if keys and len(keys) < question.minimum:
        raise Wrong(_("Select %(least)d answers or more") % {"least": question.minimum})
    if question.maximum and len(keys) > question.maximum:
        raise Wrong(_("Select up to %(most)d answers") % {"most": question.maximum})
    return [key for key in dict.fromkeys(known) if key in keys]


def read_upload(question: Upload, raw: Any) -> list[str]:
    given = [] if raw is None else raw if isinstance(raw, list | tuple) else [raw]
    ids: list[str] = []
    for one in given:
        text = clean_line(text_of(one))
        if not text:
            continue
        try:
            ids.append(str(UUID(text)))
        except ValueError as error:
            raise Wrong(_("Add the file again")) from error
    if len(set(ids)) > question.maximum:
        raise Wrong(_("Add up to %(most)d files") % {"most": question.maximum})
    return list(dict.fromkeys(ids))


def read_contact(question: Contact, raw: Any) -> dict[str, str]:
    """The parts given. Without a way to be told, a contact must be allowed to stay anonymous."""
    parts = parts_of(raw)
    found = {key: clean_line(text_of(parts.get(key))) for key in ("name", "email", "phone", "prefers")}
    problems = _contact_missing(question, found) | _contact_faults(found)
    if problems:
        part, message = next(iter(problems.items()))
        raise Wrong(message, part=part, more=problems)
    return {key: value for key, value in found.items() if value}


def _contact_faults(found: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if len(found["name"]) > 200:
        problems["-name"] = _("Full name must be 200 characters or fewer")
    if found["email"] and not is_email(found["email"]):
        problems["-email"] = _("Enter an email address in the correct format, like name@example.com")
    if found["phone"] and not is_phone(found["phone"]):
        problems["-phone"] = _("Enter a phone number, like 01632 960 001 or 07700 900 982")
    if found["prefers"] not in ("", "email", "text", "phone"):
        problems["-prefers"] = _("Select how you would like to be told")
    return problems


def _contact_missing(question: Contact, found: Mapping[str, str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not question.anonymous and not found["name"]:
        problems["-name"] = _("Enter your full name")
    if not question.anonymous and not found["email"] and not found["phone"]:
        problems["-email"] = _("Enter your email address or phone number")
    if found["prefers"] == "email" and not found["email"]:
        problems["-email"] = _("Enter your email address")
    if found["prefers"] in ("text", "phone") and not found["phone"]:
        problems["-phone"] = _("Enter your phone number")
    return problems


def is_email(text: str) -> bool:
    """An address that a message can go to, at a domain as it is on the internet. Whether it exists is found out by writing."""
    return bool(email_address(text)) and bool(_DOMAIN.fullmatch(text.rpartition("@")[2])) and ".." not in text


def is_phone(text: str) -> bool:
    """7 to 15 digits, with any of the usual marks between them."""
    digits = sum(character.isdigit() for character in text)
    return 7 <= digits <= 15 and len(text) <= 40 and all(c.isdigit() or c in "+()-./ extEXT#" for c in text)


def read_place(question: Place, raw: Any) -> dict[str, Any]:
    parts = parts_of(raw)
    how = clean_line(text_of(parts.get("how"))) or _how(parts)
    words = within(clean_text(text_of(parts.get("words"))), _("The place"), 500)
    found: dict[str, Any] = {"how": how, "words": words} if words else {"how": how}
    if question.needs_address and how not in ("", "address"):
        raise Wrong(_("Choose an address from the list"))
    if how == "address":
        found["uprn"] = digits(parts.get("uprn"), longest=12, message=_("Choose an address from the list"))
    elif how == "street":
        found["usrn"] = digits(parts.get("usrn"), longest=8, message=_("Choose a street from the list"))
    elif how in ("map", "device"):
        found["lat"] = _coordinate(parts.get("lat"), most=90)
        found["lng"] = _coordinate(parts.get("lng"), most=180)
    elif how == "words" and not words:
        raise Wrong(_("Enter where it is"), part="-words")
    return found if how in ("address", "street", "map", "device", "words") else {}


def _how(parts: Mapping[str, Any]) -> str:
    if parts.get("uprn"):
        return "address"
    if parts.get("lat") and parts.get("lng"):
        return "map"
    if parts.get("usrn"):
        return "street"
    return "words" if parts.get("words") else ""


def parts_of(raw: Any) -> Mapping[str, Any]:
    if raw is None or raw == "":
        return {}
    if not isinstance(raw, Mapping):
        raise Wrong(_("Enter your answer as text"))
    return raw


def digits(raw: Any, *, longest: int, message: str) -> str:
    """An identifier as digits without leading zeros."""
    text = clean_line(text_of(raw))
    if not (text.isascii() and text.isdecimal() and int(text[:40]) and len(text.lstrip("0")) <= longest):
        raise Wrong(message)
    return text.lstrip("0")


def _coordinate(raw: Any, *, most: int) -> float:
    try:
        value = float(clean_line(text_of(raw)))
    except ValueError as error:
        raise Wrong(_("Choose a place on the map, or describe it in words")) from error
    if not math.isfinite(value) or abs(value) > most:
        raise Wrong(_("Choose a place on the map, or describe it in words"))
    return round(value, 7)
