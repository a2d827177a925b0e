"""What somebody typed into the look-up box, recognised; and each kind of detail as it is kept to be found again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from townhall.core.references import parse_reference
from townhall.forms.typed import clean_line
from townhall.notifications.recipients import full_number
from townhall.places.text import compact_postcode

LONGEST = 200  # characters of anything typed
_POSTCODE = re.compile(
    r"(?<![A-Z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?)[\s-]*([0-9][ABD-HJLNP-UW-Z]{2})(?![A-Z0-9])", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<!\d)(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/. -]\d{1,2}[/. -]\d{4}|\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9}\s+\d{4})(?!\d)",
    re.IGNORECASE,
)
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_PHONE = re.compile(r"[+0(][\d\s()./-]{8,}(?:\s*(?:x|ext)\.?\s*\d+)?", re.IGNORECASE)
_HOUSE = re.compile(r"\d+[a-z]?[,\s]+[^\d\W]{3,}", re.IGNORECASE)  # "12 Harbour Row"


class Kind(StrEnum):
    NOTHING = "nothing"
    EMAIL = "email"
    PHONE = "phone"
    BORN = "born"  # a date of birth, with or without a name
    POSTCODE = "postcode"  # with or without a name
    DIGITS = "digits"  # a UPRN, an account number or a phone number
    NUMBER = "number"  # an account or notice number
    REFERENCE = "reference"  # a case's
    ADDRESS = "address"  # a house and street
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """`value` is the detail in its kept form; `name` the folded words beside it (or the name itself)."""

    kind: Kind
    value: str = ""
    name: str = ""
    born: date | None = None
    words: str = ""  # as typed, on one line


def recognise(typed: str) -> Typed:
    """What this most likely is. A date or a postcode may stand before or after a name."""
    words = clean_line(typed)[:LONGEST]
    plain = words.strip(" .,;:")
    if len(re.sub(r"\W", "", plain)) < 2:
        return Typed(kind=Kind.NOTHING, words=words)
    if email := _EMAIL.fullmatch(plain):
        return Typed(kind=Kind.EMAIL, value=normalised_email(email.group()), words=words)
    has_digit = any(character.isdigit() for character in plain)
    # A name of eight letters passes the check one time in 31: without a digit it has to say TH.
    if (has_digit or plain.upper().startswith("TH-")) and (reference := parse_reference(plain)):
        return Typed(kind=Kind.REFERENCE, value=reference, words=words)
    if not has_digit:
        return Typed(kind=Kind.NAME, name=folded_name(plain), words=words)
    return _with_digits(plain, words)


def _with_digits(plain: str, words: str) -> Typed:
    if (found := _DATE.search(plain)) and (born := _date(found.group())):
        rest = plain[: found.start()] + " " + plain[found.end() :]
        return Typed(kind=Kind.BORN, born=born, name=folded_name(rest), words=words)
    if _PHONE.fullmatch(plain) and (phone := normalised_phone(plain)):
        return Typed(kind=Kind.PHONE, value=phone, words=words)
    if (found := _POSTCODE.search(plain)) and (postcode := compact_postcode(found.group())):
        rest = plain[: found.start()] + " " + plain[found.end() :]
        if any(character.isdigit() for character in rest):  # a whole address: the postcode finds it
            return Typed(kind=Kind.POSTCODE, value=postcode, words=words)
        return Typed(kind=Kind.POSTCODE, value=postcode, name=folded_name(rest), words=words)
    if plain.isascii() and plain.isdecimal():
        return Typed(kind=Kind.DIGITS, value=plain, words=words)
    if _HOUSE.match(plain):
        return Typed(kind=Kind.ADDRESS, value=plain, words=words)
    return Typed(kind=Kind.NUMBER, value=normalised_number(plain), name=folded_name(plain), words=words)


def _date(text: str) -> date | None:
    if text[:4].isdigit():
        plain = text
    elif any(character.isalpha() for character in text):
        plain = re.sub(r"(?<=\d)(st|nd|rd|th)", "", " ".join(text.split()), flags=re.IGNORECASE)
    else:
        plain = re.sub(r"[. -]", "/", text)
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(plain, pattern).date()  # noqa: DTZ007 - a date has no time zone
        except ValueError:
            continue
    return None


def folded_name(text: str) -> str:
    """Lower case, without accents or punctuation: "O’Brien, Zoë" is "obrien zoe"."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "").replace("'", ""))
    kept = "".join(character for character in plain if not unicodedata.combining(character)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", kept).split())


def normalised_email(text: str) -> str:
    return text.strip().casefold()


def normalised_phone(text: str) -> str:
    """+44 and the number, or + and another country's; "" when it cannot be a phone number. An extension is left out."""
    return full_number(text)


def shown_phone(normalised: str) -> str:
    """A kept number as people here read it: 01632960123 for +441632960123."""
    return f"0{normalised[3:]}" if normalised.startswith("+44") else normalised


def normalised_number(text: str) -> str:
    """Capitals and digits only, so that spaces and dashes do not matter."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())
