"""Made-up answers that lead through a form to the check of its answers, to show that it runs."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from townhall.forms import engine
from townhall.forms.definition import Form
from townhall.forms.engine import End, Flow, Step
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Calculated,
    Checkboxes,
    Choice,
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

TRIES = 400
MOST_STEPS = 400
_Choices = list[tuple[str, str]]  # (question, chosen key), in the order of the way


def way_to_check(form: Form, *, today: date, seed: int = 0) -> engine.Path | None:
    """A complete way through the form, from answers made up for it, or None when no try got there.

    What led to a dead end is avoided the next time: the last choice first, then the one before it.
    """
    flow = engine.flow_of(form)
    avoid: dict[str, set[str]] = {}
    for number in range(TRIES):
        chosen: _Choices = []
        chance = random.Random(seed + number)
        way = _try(flow, _Maker(chance, today, avoid, chosen), start=_start(form, number))
        if way is not None:
            return way
        _learn(flow, avoid, chosen)
    return None


def _start(form: Form, number: int) -> str:
    return form.start[number % len(form.start)] if form.start else ""


def _learn(flow: Flow, avoid: dict[str, set[str]], chosen: _Choices) -> None:
    for code, key in reversed(chosen):
        question = flow.questions.get(code)
        offered = {choice.key for choice in getattr(question, "choices", ())}
        avoided = avoid.setdefault(code, set())
        avoided.add(key)
        if offered - avoided:
            return
        avoided.clear()


class _Maker:
    """Makes answers up, and remembers what was chosen."""

    def __init__(self, chance: random.Random, today: date, avoid: Mapping[str, set[str]], chosen: _Choices) -> None:
        self.chance, self.today, self.avoid, self.chosen = chance, today, avoid, chosen

    def answer(self, question: Question) -> Any:
        if not isinstance(question, YesNo | Radios | Select):
            return answer_to(question, self.chance, self.today)
        keys = [choice.key for choice in question.choices]
        left = [key for key in keys if key not in self.avoid.get(question.code, ())] or keys or [""]
        key = self.chance.choice(left)
        self.chosen.append((question.code, key))
        return key


def _try(flow: Flow, maker: _Maker, *, start: str) -> engine.Path | None:
    answers: dict[str, Any] = {}
    for _step in range(MOST_STEPS):
        way = engine.path(flow, answers, today=maker.today, start=start)
        if way.is_complete:
            return way
        if way.end is not End.UNFINISHED or not way.steps:
            return None
        answers |= _answered(flow, way.steps[-1], answers, maker)
    return None


def _answered(flow: Flow, step: Step, answers: Mapping[str, Any], maker: _Maker) -> dict[str, Any]:
    """What to save for one step: an answer to each question on it."""
    page = engine.page_of(flow, step)
    if page is None:
        return engine.put(flow, answers, step, {flow.repeats[step.page].more_code: "no"})
    return engine.put(flow, answers, step, {question.code: maker.answer(question) for question in page.questions})


def answer_to(question: Question, chance: random.Random, today: date) -> Any:
    """A raw answer that the question takes."""
    match question:
        case YesNo():
            return chance.choice(("yes", "no"))
        case Radios() | Select():
            return chance.choice(question.choices or (Choice(key="", name=""),)).key
        case Checkboxes():
            return _some(question, chance)
        case Number() | Money():
            return _amount(question, chance)
        case Date() | DateTime() | ApproximateDate() | Time():
            return _moment(question, chance, today)
        case Group():
            return [
                {one.code: answer_to(one, chance, today) for one in question.questions}
                for _item in range(max(question.minimum, 1))
            ]
        case Text() | LongText():
            return _text(question)
    return _SIMPLE.get(type(question))


_SIMPLE: dict[type[Any], Any] = {
    Upload: ["018f4d6e-0000-7000-8000-000000000000"],
    Contact: {"name": "Ada Lovelace", "email": "ada@example.org"},
    Place: {"uprn": "100"},
    Address: {"line1": "1 High Street", "town": "Aldermere", "postcode": "SW1A 1AA"},
    Person: {"name": "Ada Lovelace", "first": "Ada", "middle": "King", "last": "Lovelace"},
    Email: "ada@example.org",
    Phone: "01632 960 001",
    Website: "https://www.example.org",
    Declaration: "yes",
    Payment: "payment-1",
    Calculated: None,
}


def _some(question: Checkboxes, chance: random.Random) -> list[str]:
    together = [choice.key for choice in question.choices if not choice.alone]
    alone = [choice.key for choice in question.choices if choice.alone]
    if alone and (not together or chance.random() < 0.3):
        return alone[:1]
    most = min(question.maximum or len(together), len(together))
    least = min(max(question.minimum, 1), most)
    return chance.sample(together, chance.randint(least, most)) if together else []


def _amount(question: Number | Money, chance: random.Random) -> str:
    if isinstance(question, Money):
        least, most = question.minimum_pence or 0, question.maximum_pence
        return f"{chance.randint(least, max(least, min(least + 50_000, most if most is not None else least + 50_000))) / 100:.2f}"
    small = question.minimum if question.minimum is not None else min(0, question.maximum or 0)
    large = question.maximum if question.maximum is not None else small + 100
    whole = chance.randint(math.ceil(small), max(math.ceil(small), math.floor(min(large, small + 1_000))))
    return str(whole) if small <= whole <= large else f"{small:g}"


def _moment(question: Question, chance: random.Random, today: date) -> str:
    if isinstance(question, Time):
        return "14:30"
    if isinstance(question, ApproximateDate):
        return "2019-03"
    when = getattr(question, "when", "any")
    far = chance.choice((1, 30, 400, 9000))
    limit = getattr(question, "days_ahead" if when == "future" else "days_past", None)
    far = min(far, limit) if limit is not None else far
    on = today + timedelta(days=far if when == "future" else -far)
    return f"{on.isoformat()}T14:30" if isinstance(question, DateTime) else on.isoformat()


def _text(question: Text | LongText) -> str:
    if isinstance(question, Text) and question.kind:
        return {"postcode": "SW1A 1AA", "national_insurance": "QQ 12 34 56 C"}.get(question.kind, "Aldermere Baths")
    if isinstance(question, Text) and question.pattern:
        return _fitting(question.pattern)
    return "Words ".ljust(max(question.min_length, 5), "a")[: question.max_length]


_SAMPLES = (
    "A12345678",
    "12345678",
    "200000",
    "SW1A 1AA",
    "ada@example.org",
    "01632960001",
    "AB123456C",
    "1234",
    "Words",
    "2026",
    "A",
)


def _fitting(pattern: str) -> str:
    from townhall.forms.patterns import fits

    return next((sample for sample in _SAMPLES if fits(pattern, sample)), "Words")
