"""Read answers and say what is wrong with them, in the GOV.UK manner: what to do, never "invalid".

`gather` makes raw answers from posted fields; `read` turns raw answers into clean ones. What was typed is never lost: the caller
draws the page again from the raw answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from townhall.core import logic
from townhall.forms import dates, moments, people, readers
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Calculated,
    Checkboxes,
    Contact,
    Date,
    DateTime,
    Declaration,
    Email,
    Group,
    LongText,
    Money,
    Number,
    Payment,
    Person,
    Phone,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Time,
    Upload,
    Website,
    YesNo,
)
from townhall.forms.readers import Wrong

Problems = dict[str, str]  # field → sentence, in the order of the page; a part of a question is "contact-email"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Clean answers to the questions that apply, and the problems with the rest."""

    answers: dict[str, Any]
    problems: Problems

    @property
    def ok(self) -> bool:
        return not self.problems


_NOTHING: Mapping[str, Any] = {}


def check(questions: Iterable[Question], answers: Mapping[str, Any], *, today: date | None = None) -> Problems:
    """What is wrong with the answers; empty when nothing is."""
    return read(questions, answers, today=today).problems


def read(
    questions: Iterable[Question],
    answers: Mapping[str, Any],
    *,
    today: date | None = None,
    earlier: Mapping[str, Any] = _NOTHING,
) -> Checked:
    """Read every question that applies. An answer to a question that is not shown is left out.

    today: the council date, for dates that must be past or future; without it those rules are not checked.
    earlier: clean answers given before, which conditions may read too.
    """
    clean: dict[str, Any] = {}
    problems: Problems = {}
    instead: dict[str, str] = {}  # what is missing → what may stand for it
    for question in questions:
        if isinstance(question, Calculated) or not applies(question, {**earlier, **clean}):
            continue  # what is worked out is never taken from outside: `engine` works it out
        try:
            value = _read_one(offered(question, {**earlier, **clean}), answers.get(question.code), today)
        except Wrong as wrong:
            problems.update({question.code + part: message for part, message in wrong.problems.items()})
            continue
        if value in (None, "", [], {}):
            if question.required:
                problems[question.code] = missing(question)
                if isinstance(question, Email) and question.instead:
                    instead[question.code] = question.instead
        else:
            clean[question.code] = value
    for code, other in instead.items():
        if other in clean or any(field.partition("-")[0] == other for field in problems):
            del problems[code]
    return Checked(answers=clean, problems=problems)


def applies(question: Question, answers: Mapping[str, Any]) -> bool:
    return question.shown_when is None or logic.holds(question.shown_when, answers)


def offered(question: Question, answers: Mapping[str, Any]) -> Question:
    """The question with only the choices that are offered after these answers."""
    if not isinstance(question, Radios | Select | Checkboxes) or all(
        choice.shown_when is None for choice in question.choices
    ):
        return question
    shown = tuple(
        choice for choice in question.choices if choice.shown_when is None or logic.holds(choice.shown_when, answers)
    )
    return msgspec.structs.replace(question, choices=shown)


def missing(question: Question) -> str:
    """What to say when a required answer is missing."""
    if question.error:
        return question.error
    label = question.label
    if label.endswith("?"):
        return _("Answer the question “%(question)s”") % {"question": label}
    words = label[:1].lower() + label[1:] if not label[:2].isupper() else label
    if isinstance(question, Declaration):
        return _("Tick the box to agree")
    if isinstance(question, Radios | Select | Checkboxes | YesNo):
        return _("Select %(what)s") % {"what": words}
    return _("Enter %(what)s") % {"what": words}


def gather(questions: Iterable[Question], posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Raw answers from posted fields, each a list of texts. Parts of a question are posted as `code-part`, those of a group as
    `code-0-question` and `code-0-question-part`.
    """
    raw: dict[str, Any] = {}
    for question in questions:
        prefix = f"{question.code}-"
        below = {
            name.removeprefix(prefix): values for name, values in posted.items() if name.startswith(prefix) and values
        }
        values = list(posted.get(question.code, ()))
        if isinstance(question, Payment):
            continue  # what says that it is paid is never taken from outside
        if isinstance(question, Group):
            raw[question.code] = _gather_items(question, below)
        elif isinstance(question, _IN_PARTS) and below:
            raw[question.code] = {part: given[-1] for part, given in below.items()}
        elif isinstance(question, Checkboxes | Upload):
            raw[question.code] = values
        elif values:
            raw[question.code] = values[-1]
    return raw


_IN_PARTS = (Date, ApproximateDate, Time, DateTime, Contact, Place, Address, Person)
MOST_ITEMS = 200  # of a group, whatever is posted


def _gather_items(question: Group, below: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    numbers = {name.partition("-")[0] for name in below}
    known = sorted(int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 5)
    items = []
    for number in known[:MOST_ITEMS]:
        prefix = f"{number}-"
        fields = {name.removeprefix(prefix): values for name, values in below.items() if name.startswith(prefix)}
        items.append(gather(question.questions, fields))
    return items


_READERS: dict[type[Any], Callable[[Any, Any], Any]] = {
    Text: readers.read_text,
    LongText: readers.read_long_text,
    Number: readers.read_number,
    Money: readers.read_money,
    ApproximateDate: moments.read_approximate,
    Time: moments.read_time,
    YesNo: readers.read_choice,
    Radios: readers.read_choice,
    Select: readers.read_choice,
    Checkboxes: readers.read_choices,
    Upload: readers.read_upload,
    Contact: readers.read_contact,
    Place: readers.read_place,
    Address: people.read_address,
    Person: people.read_person,
    Email: people.read_email,
    Phone: people.read_phone,
    Website: people.read_website,
    Declaration: readers.read_declaration,
    Payment: readers.read_payment,
}


def _read_one(question: Question, raw: Any, today: date | None) -> Any:
    match question:
        case Date():
            return dates.read_date(question, raw, today)
        case DateTime():
            return moments.read_date_time(question, raw, today)
        case Group():
            return _read_group(question, raw, today)
    return _READERS[type(question)](question, raw)


def _read_group(question: Group, raw: Any, today: date | None) -> list[dict[str, Any]]:
    """Each item read by itself; an item with nothing in it is left out. A problem is told as `code-0-name` (from 0)."""
    items = list(raw.values()) if isinstance(raw, Mapping) else raw
    if items in (None, ""):
        return []
    if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
        raise Wrong(_("Enter your answer as text"))
    found: list[dict[str, Any]] = []
    problems: Problems = {}
    for number, item in enumerate(items):
        checked = read(question.questions, item, today=today)
        if not checked.answers and not any(_is_something(value) for value in item.values()):
            continue
        problems |= {f"-{number}-{field}": words for field, words in checked.problems.items()}
        found.append(checked.answers)
    if not problems and found and len(found) < question.minimum:
        problems[""] = _("Add %(least)d or more") % {"least": question.minimum}
    if not problems and len(found) > question.maximum:
        problems[""] = _("Add up to %(most)d") % {"most": question.maximum}
    if problems:
        part, message = next(iter(problems.items()))
        raise Wrong(message, part=part, more=problems)
    return found


def _is_something(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_is_something(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_is_something(item) for item in value)
    return value not in (None, "") and (not isinstance(value, str) or bool(value.strip()))
