"""The types of question. A form puts them together (`definition`).

A question type says what an answer looks like once it is read (`checking.read`), and nothing of how it is drawn. A new type is a
struct here, a reader in `checking`, words for its answers in `showing`, and a macro in the pages; nothing else knows the list.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from django.utils.translation import gettext as _
from msgspec import Struct

LogicRule: TypeAlias = dict[
    str, Any
]  # townhall.core.logic, over the answers so far; {"condition": CODE} in a form's own rules


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    key: str
    name: str
    hint: str = ""
    shown_when: LogicRule | None = None  # offered only when this holds
    alone: bool = False  # of checkboxes: "none of these", which goes with no other


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """What every question has."""

    code: str
    label: str
    hint: str = ""
    why: str = ""  # why we ask, shown under the question
    system: str = ""  # what uses the answer: a back-office system, a team, a law
    required: bool = False
    shown_when: LogicRule | None = None
    error: str = ""  # said when a required answer is missing; made from the label when empty
    prefill: str = (
        ""  # where a known answer comes from, for example "customer.email" or "answers.name" (`known.SOURCES`)
    )
    public: bool = False  # the answer may be shown to everybody
    was: str = ""  # what an imported form called it


class Text(Asked, frozen=True, tag="text"):
    """One line. Answer: text."""

    max_length: int = 200
    min_length: int = 0
    autocomplete: str = ""
    inputmode: str = ""
    pattern: str = ""  # a regular expression for the whole answer (`patterns`); `error` says what is wanted
    kind: Literal["", "postcode", "national_insurance", "organisation"] = ""  # what is known of how it is written
    sealed: bool = (
        False  # kept sealed (core.sealed_answers): people see its last characters, the system that uses it all of it
    )


class LongText(Asked, frozen=True, tag="long_text"):
    """Several lines. Answer: text with \\n."""

    max_length: int = 4000
    min_length: int = 0
    max_words: int = 0  # 0: as many as you like
    rows: int = 5


class Number(Asked, frozen=True, tag="number"):
    """Answer: int, or float when a point was typed."""

    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    prefix: str = ""  # drawn before and after the field, such as "kg"
    suffix: str = ""


class Money(Asked, frozen=True, tag="money"):
    """Pounds and pence, typed as £1,200.50. Answer: whole pence."""

    minimum_pence: int | None = 0
    maximum_pence: int | None = None


class Date(Asked, frozen=True, tag="date"):
    """Three fields, or an ISO date or datetime from another system. Answer: ISO text as short as what was given."""

    when: Literal["any", "past", "future"] = "any"  # today counts as both
    days_past: int | None = None  # not longer ago than this
    days_ahead: int | None = None  # not further ahead than this


class ApproximateDate(Asked, frozen=True, tag="approximate_date"):
    """A month and year, or as much as is known. Answer: ISO text, "2026-03"; with `about` also "2026" or "2026-03-02"."""

    about: bool = False


class Time(Asked, frozen=True, tag="time"):
    """A time of day, typed as 2:30pm or 14:30. Answer: "14:30"."""


class DateTime(Asked, frozen=True, tag="date_time"):
    """A date and a time of day. Answer: "2026-03-02T14:30", as a clock in London shows it."""

    when: Literal["any", "past", "future"] = "any"


class YesNo(Asked, frozen=True, tag="yes_no"):
    """Answer: "yes" or "no"."""

    yes: str = ""  # its words where "Yes" and "No" will not do, as in a language that answers with the verb
    no: str = ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        return (Choice(key="yes", name=self.yes or _("Yes")), Choice(key="no", name=self.no or _("No")))


class Radios(Asked, frozen=True, tag="radios"):
    """One of a few. Answer: a key."""

    choices: tuple[Choice, ...] = ()
    list: str = ""  # the choices of a list of the form's


class Select(Asked, frozen=True, tag="select"):
    """One of many. Answer: a key."""

    choices: tuple[Choice, ...] = ()
    list: str = ""
    search: bool = False  # found by typing


class Checkboxes(Asked, frozen=True, tag="checkboxes"):
    """Any number of them. Answer: a list of keys in the order of the choices."""

    choices: tuple[Choice, ...] = ()
    list: str = ""
    minimum: int = 0  # how many at least and at most; 0: no matter
    maximum: int = 0


class Upload(Asked, frozen=True, tag="upload"):
    """Photos or files, stored by `files` when they arrive. Answer: a list of stored file ids as text."""

    maximum: int = 5
    kinds: tuple[str, ...] = ("photo",)  # "photo", "document"


class Contact(Asked, frozen=True, tag="contact"):
    """Who to tell. Answer: a dict of name, email, phone and prefers ("email", "text", "phone" or ""), or {} when anonymous."""

    anonymous: bool = True  # may be left empty


class Place(Asked, frozen=True, tag="place"):
    """Where it is. Answer: a dict; `how` is "address" (uprn), "street" (usrn), "map" or "device" (lat, lng) or "words" (words)."""

    needs_address: bool = False


class Address(Asked, frozen=True, tag="address"):
    """A postal address: chosen from those of a postcode, or written line by line.

    Answer: a dict. Chosen: `uprn` and its `line`. Written: `line1`, `line2`, `town`, `postcode`, `country` as given.
    """

    abroad: bool = False  # may be outside the UK: any lines and a country
    zone: bool = False  # the answer of one that is chosen tells its permit zone: `zone`, empty outside of any


class Person(Asked, frozen=True, tag="person"):
    """A person's name. Answer: a dict of the parts given: `name`, or `title`, `first`, `middle`, `last`."""

    parts: Literal["full", "first_last", "first_middle_last"] = "full"
    title: bool = False  # may say how they are addressed


class Email(Asked, frozen=True, tag="email"):
    """Answer: the address as typed, without spaces."""

    instead: str = ""  # a question of the same page: one that must be answered may be left empty when this is


class Phone(Asked, frozen=True, tag="phone"):
    """Answer: the number as typed."""


class Website(Asked, frozen=True, tag="website"):
    """Answer: an http or https address."""


class Declaration(Asked, frozen=True, tag="declaration"):
    """Something to agree to; the label stands beside the box. Answer: "yes", or nothing."""

    text: str = ""  # Markdown before it


class Payment(Asked, frozen=True, tag="payment"):
    """Money to pay on the way. Answer: the id of the payment as text, put there by the page that took it."""

    pence: int | None = None
    rule: LogicRule | None = None  # the pence, worked out from the answers; without either, the form's fees


class Calculated(Asked, frozen=True, tag="calculated"):
    """Worked out from the answers before it, and never asked. Answer: what the rule gives; nothing when it gives nothing."""

    rule: LogicRule
    unit: Literal["", "pence", "date"] = ""
    is_shown: bool = True  # on the page and when the answers are checked


class Group(Asked, frozen=True, tag="group"):
    """A few questions asked several times on one page. Answer: a list of dicts. Sets of pages repeat by `definition.Repeat`."""

    questions: tuple[Question, ...]
    item: str = ""  # one of them, such as "child"
    minimum: int = 1
    maximum: int = 10


Choosing: TypeAlias = YesNo | Radios | Select | Checkboxes
Question: TypeAlias = (
    Text
    | LongText
    | Number
    | Money
    | Date
    | ApproximateDate
    | Time
    | DateTime
    | YesNo
    | Radios
    | Select
    | Checkboxes
    | Upload
    | Contact
    | Place
    | Address
    | Person
    | Email
    | Phone
    | Website
    | Declaration
    | Payment
    | Calculated
    | Group
)
