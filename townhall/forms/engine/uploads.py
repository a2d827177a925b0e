"""The files that come with answers, wherever they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from townhall.forms.engine.flow import Flow
from townhall.forms.questions import Group, Question, Upload


def file_ids(flow: Flow, answers: Mapping[str, Any]) -> list[UUID]:
    """Every stored file in clean answers: on a page, in an item of a repeat, in a group."""
    found = list(
        _files_in((question for page in flow.form.pages if not page.repeat for question in page.questions), answers)
    )
    for code, pages in flow.of_repeat.items():
        questions = [question for page in pages for question in page.questions]
        for item in answers.get(code) or []:
            found += _files_in(questions, item)
    return [UUID(one) for one in found]


def _files_in(questions: Iterable[Question], answers: Mapping[str, Any]) -> Iterator[str]:
    for question in questions:
        given = answers.get(question.code) or []
        if isinstance(question, Upload):
            yield from given
        elif isinstance(question, Group):
            for item in given:
                yield from _files_in(question.questions, item)
