"""Names, addresses and ways to reach people: a raw answer in, a clean value out, or Wrong with a sentence."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from townhall.forms.questions import Address, Email, Person, Phone, Website
from townhall.forms.readers import Wrong, digits, is_email, is_phone, parts_of, postcode_of, text_of
from townhall.forms.typed import clean_line

LONGEST_PART = 200  # characters of one part of a name or one line of an address
LONGEST_WEBSITE = 2000
_OPTIONAL_NAMES = frozenset({"title", "middle"})
_ADDRESS = ("line1", "line2", "town", "county", "postcode", "country")


def read_email(question: Email, raw: Any) -> str:
    text = clean_line(text_of(raw)).replace(" ", "")
    if text and not is_email(text):
        raise Wrong(_("Enter an email address in the correct format, like name@example.com"))
    return text


def read_phone(question: Phone, raw: Any) -> str:
    text = clean_line(text_of(raw))
    if text and not is_phone(text):
        raise Wrong(_("Enter a phone number, like 01632 960 001 or 07700 900 982"))
    return text


def read_website(question: Website, raw: Any) -> str:
    text = clean_line(text_of(raw))
    if not text:
        return ""
    full = text if re.match(r"^[a-z][a-z0-9+.-]*:", text, re.IGNORECASE) else f"https://{text}"
    if not _is_website(full):
        raise Wrong(_("Enter a website address in the correct format, like www.example.org"))
    return full


def _is_website(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return False
    return (
        len(text) <= LONGEST_WEBSITE
        and parts.scheme.lower() in ("http", "https")
        and "." in host.strip(".")
        and not re.search(r"[\s<>\"\\^`{|}]", text)
    )


def name_parts(question: Person) -> tuple[str, ...]:
    """The parts that are asked for, in the order of the page."""
    parts = {"full": ("name",), "first_last": ("first", "last")}.get(question.parts, ("first", "middle", "last"))
    return ("title", *parts) if question.title else parts


def read_person(question: Person, raw: Any) -> dict[str, str]:
    given = {"name": raw} if isinstance(raw, str) and question.parts == "full" else parts_of(raw)
    asked = name_parts(question)
    found = {part: clean_line(text_of(given.get(part))) for part in asked}
    if not any(found.values()):
        return {}
    missing = {"name": _("Enter your full name"), "first": _("Enter a first name"), "last": _("Enter a last name")}
    problems = {f"-{part}": missing[part] for part in asked if part not in _OPTIONAL_NAMES and not found[part]}
    for part, text in found.items():
        if len(text) > LONGEST_PART:
            problems[f"-{part}"] = _("The name must be %(most)d characters or fewer") % {"most": LONGEST_PART}
    _raise_first(problems)
    return {part: text for part, text in found.items() if text}


def read_address(question: Address, raw: Any) -> dict[str, str]:
    given = parts_of(raw)
    if clean_line(text_of(given.get("uprn"))):
        uprn = digits(given.get("uprn"), longest=12, message=_("Choose an address from the list"))
        line = clean_line(text_of(given.get("line")))[:500]
        found = {"uprn": uprn, "line": line} if line else {"uprn": uprn}
        return {**found, "zone": text_of(given["zone"])[:40]} if question.zone and "zone" in given else found
    found = {part: clean_line(text_of(given.get(part))) for part in _ADDRESS}
    if not any(found.values()):
        return {}
    postcode = postcode_of(found["postcode"])
    problems = _address_problems(question, found, postcode)
    for part, text in found.items():
        if len(text) > LONGEST_PART:
            problems[f"-{part}"] = _("Each line must be %(most)d characters or fewer") % {"most": LONGEST_PART}
    _raise_first(problems)
    found["postcode"] = postcode or found["postcode"]
    return {part: text for part, text in found.items() if text}


def _address_problems(question: Address, found: dict[str, str], postcode: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not found["line1"]:
        problems["-line1"] = _("Enter address line 1, typically the building and street")
    if question.abroad:
        return problems
    if not found["town"]:
        problems["-town"] = _("Enter town or city")
    if not postcode:
        problems["-postcode"] = _("Enter a full UK postcode")
    return problems


def _raise_first(problems: dict[str, str]) -> None:
    if problems:
        part, message = next(iter(problems.items()))
        raise Wrong(message, part=part, more=problems)
