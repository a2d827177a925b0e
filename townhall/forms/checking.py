"""Read answers and say what is wrong with them, in the GOV.UK manner: what to do, never "invalid".

`gather` makes raw answers from posted fields; `read` turns raw answers into clean ones. What was typed is never lost: the caller
draws the page again from the raw answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from townhall.core import logic
from townhall.forms import dates, readers
from townhall.forms.questions import (
    Checkboxes,
    Contact,
    Date,
    LongText,
    Number,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Upload,
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


def check(questions: Iterable[Question], answers: Mapping[str, Any], *, today: date | None = None) -> Problems:
    """What is wrong with the answers; empty when nothing is."""
    return read(questions, answers, today=today).problems


def read(questions: Iterable[Question], answers: Mapping[str, Any], *, today: date | None = None) -> Checked:
    """Read every question that applies. An answer to a question that is not shown is left out.

    today: the council date, for dates that must be past or future; without it those rules are not checked.
    """
    clean: dict[str, Any] = {}
    problems: Problems = {}
    for question in questions:
        if not applies(question, clean):
            continue
        try:
            value = _read_one(question, answers.get(question.code), today)
        except Wrong as wrong:
            problems.update({question.code + part: message for part, message in wrong.problems.items()})
            continue
        if value in (None, "", [], {}):
            if question.required:
                problems[question.code] = missing(question)
        else:
            clean[question.code] = value
    return Checked(answers=clean, problems=problems)


def applies(question: Question, answers: Mapping[str, Any]) -> bool:
    return question.shown_when is None or logic.holds(question.shown_when, answers)


def missing(question: Question) -> str:
    """What to say when a required answer is missing."""
    if question.error:
        return question.error
    label = question.label
    if label.endswith("?"):
        return _("Answer the question “%(question)s”") % {"question": label}
    words = label[:1].lower() + label[1:] if not label[:2].isupper() else label
    if isinstance(question, Radios | Select | Checkboxes | YesNo):
        return _("Select %(what)s") % {"what": words}
    return _("Enter %(what)s") % {"what": words}


def gather(questions: Iterable[Question], posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Raw answers from posted fields, each a list of texts. Parts of a question are posted as `code-part`."""
    raw: dict[str, Any] = {}
    for question in questions:
        prefix = f"{question.code}-"
        parts = {
            name.removeprefix(prefix): values[-1]
            for name, values in posted.items()
            if name.startswith(prefix) and values
        }
        values = list(posted.get(question.code, ()))
        if isinstance(question, Date | Contact | Place) and parts:
            raw[question.code] = parts
        elif isinstance(question, Checkboxes | Upload):
            raw[question.code] = values
        elif values:
            raw[question.code] = values[-1]
    return raw


_READERS: dict[type[Any], Callable[[Any, Any], Any]] = {
    Text: readers.read_text,
    LongText: readers.read_long_text,
    Number: readers.read_number,
    YesNo: readers.read_choice,
    Radios: readers.read_choice,
    Select: readers.read_choice,
    Checkboxes: readers.read_choices,
    Upload: readers.read_upload,
    Contact: readers.read_contact,
    Place: readers.read_place,
}


def _read_one(question: Question, raw: Any, today: date | None) -> Any:
    if isinstance(question, Date):
        return dates.read_date(question, raw, today)
    return _READERS[type(question)](question, raw)
