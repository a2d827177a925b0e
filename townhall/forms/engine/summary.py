"""The answers as they are checked before sending: one row a question, section by section, with the step that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from townhall.forms.checking import applies
from townhall.forms.definition import FormPage
from townhall.forms.engine.flow import Flow
from townhall.forms.engine.steps import Path, Step, kept_path, page_of, path, scope
from townhall.forms.questions import Calculated, Payment, Question
from townhall.forms.showing import answer_lines


@dataclass(frozen=True, kw_only=True)
class Row:
    """`lines` is empty when the question was not answered ("Not provided"). Nothing of it is HTML."""

    step: Step
    question: Question
    section: str  # its title, "" for none
    item: str  # "Child 2" of a repeat, "" otherwise
    label: str
    value: Any
    lines: tuple[str, ...]
    can_change: bool


def rows(flow: Flow, answers: Mapping[str, Any], *, today: date | None = None, start: str = "") -> list[Row]:
    """Every question on the way, in its order."""
    return rows_of(flow, path(flow, answers, today=today, start=start), today=today)


def kept_rows(flow: Flow, answers: Mapping[str, Any], *, today: date | None = None) -> list[Row]:
    """Every question on the way of answers that were sent in and kept. `today`: the day they were sent in."""
    return rows_of(flow, kept_path(flow, answers, today=today), today=today)


def rows_of(flow: Flow, way: Path, *, today: date | None = None) -> list[Row]:
    titles = {section.code: section.title for section in flow.form.sections}
    found: list[Row] = []
    for step in way.steps:
        page = page_of(flow, step)
        if page is not None:
            known, kept = _known(page, step, way, today)
            section, item = titles.get(page.section, ""), _item(flow, page, step)
            found += [
                Row(
                    step=step,
                    question=question,
                    section=section,
                    item=item,
                    label=question.label,
                    value=kept.get(question.code),
                    lines=tuple(answer_lines(question, kept.get(question.code))),
                    can_change=not isinstance(question, Calculated | Payment),
                )
                for question in page.questions
                if applies(question, known) and (not isinstance(question, Calculated) or question.is_shown)
            ]
    return found


def _item(flow: Flow, page: FormPage, step: Step) -> str:
    if step.item is None:
        return ""
    word = flow.repeats[page.repeat].item
    return f"{word[:1].upper()}{word[1:]} {step.item + 1}"


def _known(page: FormPage, step: Step, way: Path, today: date | None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What rules on the page may read, and the answers of the page (those of its item, when it repeats)."""
    kept: Mapping[str, Any] = way.answers
    if step.item is not None:
        of_repeat = way.answers.get(page.repeat) or []
        kept = of_repeat[step.item] if step.item < len(of_repeat) else {}
    return scope(way.answers, today=today, item=kept), kept
