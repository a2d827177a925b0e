"""Forms as data: pages of typed questions, with conditions and the reason for asking.

A question type says what an answer looks like once it is read (`checking.read`), and nothing of how it is drawn. A new type is a
struct here, a reader in `checking`, and a macro in the pages; nothing else knows the list.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import Struct

LogicRule: TypeAlias = dict[str, Any]  # townhall.core.logic, over the answers so far


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    key: str
    name: str
    hint: str = ""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """What every question has."""

    code: str
    label: str
    hint: str = ""
    why: str = ""  # why we ask, shown under the question
    required: bool = False
    shown_when: LogicRule | None = None
    error: str = ""  # said when a required answer is missing; made from the label when empty
    prefill: str = ""  # where a known answer comes from, for example "customer.email"
    public: bool = False  # the answer may be shown to everybody


class Text(Asked, frozen=True, tag="text"):
    """One line. Answer: text."""

    max_length: int = 200
    autocomplete: str = ""
    inputmode: str = ""


class LongText(Asked, frozen=True, tag="long_text"):
    """Several lines. Answer: text with \\n."""

    max_length: int = 4000
    rows: int = 5


class Number(Asked, frozen=True, tag="number"):
    """Answer: int, or float when a point was typed."""

    minimum: float | None = None
    maximum: float | None = None


class Date(Asked, frozen=True, tag="date"):
    """Three fields, or an ISO date or datetime from another system. Answer: ISO text as short as what was given."""

    when: Literal["any", "past", "future"] = "any"  # today counts as both


class YesNo(Asked, frozen=True, tag="yes_no"):
    """Answer: "yes" or "no"."""

    choices: ClassVar[tuple[Choice, ...]] = (Choice(key="yes", name="Yes"), Choice(key="no", name="No"))


class Radios(Asked, frozen=True, tag="radios"):
    """One of a few. Answer: a key."""

    choices: tuple[Choice, ...]


class Select(Asked, frozen=True, tag="select"):
    """One of many. Answer: a key."""

    choices: tuple[Choice, ...]


class Checkboxes(Asked, frozen=True, tag="checkboxes"):
    """Any number of them. Answer: a list of keys in the order of the choices."""

    choices: tuple[Choice, ...]


class Upload(Asked, frozen=True, tag="upload"):
    """Photos or files, stored by `files` when they arrive. Answer: a list of stored file ids as text."""

    maximum: int = 5
    kinds: tuple[str, ...] = ("photo",)


class Contact(Asked, frozen=True, tag="contact"):
    """Who to tell. Answer: a dict of name, email, phone and prefers ("email", "text", "phone" or ""), or {} when anonymous."""

    anonymous: bool = True  # may be left empty


class Place(Asked, frozen=True, tag="place"):
    """Where it is. Answer: a dict; `how` is "address" (uprn), "street" (usrn), "map" or "device" (lat, lng) or "words" (words)."""

    needs_address: bool = False


Question: TypeAlias = Text | LongText | Number | Date | YesNo | Radios | Select | Checkboxes | Upload | Contact | Place


class FormPage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One page. With no title the label of its only question is the heading."""

    code: str
    questions: tuple[Question, ...]
    title: str = ""
    text: str = ""  # Markdown before the questions
    shown_when: LogicRule | None = None


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole form, as kept in `forms_formdefinition.definition`."""

    code: str
    title: str
    pages: tuple[FormPage, ...]

    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    def page(self, code: str) -> FormPage | None:
        return next((page for page in self.pages if page.code == code), None)
