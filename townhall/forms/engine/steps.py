"""Where the way leads: pure functions over a form made ready (`Flow`) and the answers as typed.

A `Step` is one stop on the way: a page, a page for one item of a repeat, the list of a repeat's items, or `CHECK_STEP`. The way is
walked from the start each time, reading every answer on it, so it always fits the answers; the walk stops at the first page with a problem.
Answers to pages that are not on the way stay in the draft and are never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from townhall.core import logic
from townhall.core.sealed_answers import is_sealed, seal
from townhall.forms import checking
from townhall.forms.checking import Checked, Problems
from townhall.forms.definition import CHECK, FormPage, Repeat
from townhall.forms.engine import items, reckoning
from townhall.forms.engine.flow import Flow
from townhall.forms.questions import Text


class End(StrEnum):
    COMPLETE = "complete"  # every page on the way is answered
    STOPPED = "stopped"  # the way ended at a page that says what to do instead
    UNFINISHED = "unfinished"  # the last step has something to answer
    CIRCLE = "circle"  # the answers lead back to a page that is on the way already


@dataclass(frozen=True)
class Step:
    page: str  # a page's code, a repeat's code (the list of its items), or CHECK
    item: int | None = None  # from 0, of a page that repeats

    def __str__(self) -> str:
        """As in an address: `child-name.2` is the second child."""
        return self.page if self.item is None else f"{self.page}.{self.item + 1}"


CHECK_STEP = Step(CHECK)


@dataclass(frozen=True, kw_only=True)
class Path:
    """The way for these answers. `answers` are the clean ones on it, without what was not asked."""

    steps: tuple[Step, ...]
    end: End
    answers: dict[str, Any]
    problems: Problems = field(default_factory=dict)  # of the last step, when unfinished
    back_to: str = ""  # the page, when it goes in a circle

    @property
    def is_complete(self) -> bool:
        return self.end is End.COMPLETE


def parse_step(text: str) -> Step:
    """The step of an address; one that no form has comes back as it is and may not be opened."""
    found = re.fullmatch(r"(.+)\.([1-9][0-9]{0,3})", text)
    return Step(found[1], int(found[2]) - 1) if found else Step(text)


def first(flow: Flow, *, answers: Mapping[str, Any] | None = None, start: str = "") -> Step:
    """Where a form begins: its first page that is shown, or the chosen one of its start pages."""
    return next(iter(path(flow, answers or {}, start=start).steps), CHECK_STEP)


def path(flow: Flow, answers: Mapping[str, Any], *, today: date | None = None, start: str = "") -> Path:
    """Walk the whole way. Costs a few microseconds a question."""
    walk = _Walk(flow, answers, today)
    code = start if start in flow.form.start else next(iter(flow.form.start), "")
    steps = tuple(walk.steps(code or next((page.code for page in flow.form.pages), CHECK)))
    return Path(steps=steps, end=walk.end, answers=walk.clean, problems=walk.problems, back_to=walk.back_to)


def kept_path(flow: Flow, answers: Mapping[str, Any], *, today: date | None = None) -> Path:
    """The way of clean answers that were kept once they were sent in: nothing of it is checked again, so no page ends it.

    What only steers the filling in, such as "add another?" under the list of a repeat, is not kept. today: the day it was sent in.
    """
    walk = _KeptWalk(flow, answers, today)
    code = next(iter(flow.form.start), "") or next((page.code for page in flow.form.pages), CHECK)
    return Path(steps=tuple(walk.steps(code)), end=walk.end, answers=walk.clean, back_to=walk.back_to)


class _Walk:
    def __init__(self, flow: Flow, answers: Mapping[str, Any], today: date | None) -> None:
        self.flow, self.answers, self.today = flow, answers, today
        self.clean: dict[str, Any] = {}
        self.problems: Problems = {}
        self.end = End.COMPLETE
        self.back_to = ""

    def steps(self, code: str) -> Iterator[Step]:
        seen: set[str] = set()
        while code != CHECK:
            page = self.flow.pages.get(code)
            if page is None:
                return  # a route to nowhere ends the way, and `problems` says so
            if code in seen:
                self.end, self.back_to = End.CIRCLE, code
                return
            seen.add(code)
            if not _is_shown(page, self._scope()):
                code = _onward(self.flow, page, self._scope())
                continue
            repeat = self.flow.repeats.get(page.repeat)
            if repeat is not None:
                seen.update(one.code for one in self.flow.of_repeat[repeat.code])
                yield from self._items(repeat)
                if self.end is not End.COMPLETE:
                    return
                code = _beyond(self.flow, repeat, self._scope())
                continue
            yield Step(code)
            if not self._read(page, self.clean, self.answers):
                return
            if page.stop is not None:
                self.end = End.STOPPED
                return
            code = _onward(self.flow, page, self._scope())

    def _items(self, repeat: Repeat) -> Iterator[Step]:
        given = self._given(repeat)
        found: list[dict[str, Any]] = []
        self.clean[repeat.code] = found
        for number, raw in enumerate(given):
            kept: dict[str, Any] = {}
            found.append(kept)
            for page in self.flow.of_repeat[repeat.code]:
                if not _is_shown(page, self._scope(kept)):
                    continue
                yield Step(page.code, number)
                if not self._read(page, kept, raw):
                    return
                if page.stop is not None:
                    self.end = End.STOPPED
                    return
        if not repeat.count:
            yield Step(repeat.code)
            if problem := self._problem_under(repeat, len(given)):
                self.end, self.problems = End.UNFINISHED, {repeat.more_code: problem}
        if not found:
            del self.clean[repeat.code]

    def _given(self, repeat: Repeat) -> list[dict[str, Any]]:
        return items.items_of(repeat, self.answers, self.clean)

    def _problem_under(self, repeat: Repeat, count: int) -> str:
        return items.problem_with(repeat, self.answers, count)

    def _read(self, page: FormPage, into: dict[str, Any], raw: Mapping[str, Any]) -> bool:
        """Read a page's answers; False when the walk ends here."""
        known = self._scope() if into is self.clean else self._scope(into)
        checked = checking.read(page.questions, raw, today=self.today, earlier=known)
        into.update(checked.answers)
        into.update(reckoning.worked_out(page.questions, {**known, **checked.answers}))
        if checked.ok:
            return True
        self.end, self.problems = End.UNFINISHED, checked.problems
        return False

    def _scope(self, item: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return scope(self.clean, today=self.today, item=item)


class _KeptWalk(_Walk):
    """Over what was sent in: each answer is taken as it stands."""

    def _given(self, repeat: Repeat) -> list[dict[str, Any]]:
        return items.given_items(repeat, self.answers)

    def _problem_under(self, repeat: Repeat, count: int) -> str:
        return ""

    def _read(self, page: FormPage, into: dict[str, Any], raw: Mapping[str, Any]) -> bool:
        into.update({question.code: raw[question.code] for question in page.questions if question.code in raw})
        return True


def scope(
    clean: Mapping[str, Any], *, today: date | None = None, item: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What rules may read: the clean answers, those of the item at hand, and `today`."""
    return {"today": today.isoformat() if today else None, **clean, **(item or {})}


def _is_shown(page: FormPage, known: Mapping[str, Any]) -> bool:
    return page.shown_when is None or logic.holds(page.shown_when, known)


def _onward(flow: Flow, page: FormPage, known: Mapping[str, Any]) -> str:
    for route in page.next:
        if route.when is None or logic.holds(route.when, known):
            return route.to
    return flow.after.get(page.code) or CHECK


def _beyond(flow: Flow, repeat: Repeat, known: Mapping[str, Any]) -> str:
    """Where a repeat leads when its items are done: the last page's route out of it, or the page after it."""
    pages = flow.of_repeat[repeat.code]
    inside = {page.code for page in pages}
    for route in (route for page in reversed(pages) for route in page.next):
        if route.to not in inside and (route.when is None or logic.holds(route.when, known)):
            return route.to
    return flow.after.get(pages[-1].code) or CHECK


# Going about


def next_step(
    flow: Flow, answers: Mapping[str, Any], step: Step, *, today: date | None = None, start: str = ""
) -> Step:
    """The step after this one. The step itself when it still has a problem, or the first that has one when it is not on the way."""
    way = path(flow, answers, today=today, start=start)
    added = _added(flow, answers, step)
    if added is not None:
        return added
    if step not in way.steps:
        return _last(way)
    place = way.steps.index(step) + 1
    if place < len(way.steps):
        return way.steps[place]
    return _last(way)


def _added(flow: Flow, answers: Mapping[str, Any], step: Step) -> Step | None:
    """The first page of an item that was just added under a list, as `put` adds it: nothing has been said in it yet."""
    repeat = flow.repeats.get(step.page)
    if repeat is None or step.item is not None:
        return None
    kept = items.given_items(repeat, answers)
    if not kept or kept[-1] or answers.get(repeat.more_code):
        return None
    return Step(flow.of_repeat[step.page][0].code, len(kept) - 1)


def _last(way: Path) -> Step:
    if way.is_complete or not way.steps:
        return CHECK_STEP
    if way.end is End.CIRCLE:
        return Step(way.back_to)
    return way.steps[-1]


def previous_step(
    flow: Flow, answers: Mapping[str, Any], step: Step, *, today: date | None = None, start: str = ""
) -> Step | None:
    """The step before this one on the way; None at its beginning."""
    way = path(flow, answers, today=today, start=start).steps
    if step == CHECK_STEP:
        return way[-1] if way else None
    place = way.index(step) if step in way else len(way)
    return way[place - 1] if place else None


def resume(flow: Flow, answers: Mapping[str, Any], *, today: date | None = None, start: str = "") -> Step:
    """Where somebody goes on who comes back, or has changed one answer: the first step with something to do, or the check."""
    return _last(path(flow, answers, today=today, start=start))


def may_open(flow: Flow, answers: Mapping[str, Any], step: Step, *, today: date | None = None, start: str = "") -> bool:
    """Whether the way leads to this step yet. The list of a repeat's items may be opened as soon as one of its pages may."""
    way = path(flow, answers, today=today, start=start)
    if step == CHECK_STEP:
        return way.is_complete
    if step in way.steps:
        return True
    pages = {page.code for page in flow.of_repeat.get(step.page, ())}
    return step.item is None and any(one.page in pages for one in way.steps)


def page_of(flow: Flow, step: Step) -> FormPage | None:
    """The page that a step draws; None for the check and for the list of a repeat."""
    page = flow.pages.get(step.page)
    return page if page is None or bool(page.repeat) == (step.item is not None) else None


def read_page(
    flow: Flow, answers: Mapping[str, Any], step: Step, raw: Mapping[str, Any], *, today: date | None = None
) -> Checked:
    """Read what was given on one page, with what was answered on the way before it. `raw` is from `checking.gather`."""
    page = page_of(flow, step)
    if page is None:
        repeat = flow.repeats.get(step.page)
        problem = items.problem_with(repeat, {**answers, **raw}, None) if repeat else ""
        return Checked(answers=dict(raw), problems={repeat.more_code: problem} if repeat and problem else {})
    known = known_at(flow, answers, step, today=today)
    checked = checking.read(page.questions, raw, today=today, earlier=known)
    if page.repeat not in flow.repeats or step.item is None:
        return checked
    again = items.said_before(flow.repeats[page.repeat], answers, step.item, checked.answers)
    return Checked(answers=checked.answers, problems={**checked.problems, **again})


def known_at(flow: Flow, answers: Mapping[str, Any], step: Step, *, today: date | None = None) -> dict[str, Any]:
    """What is known on a page from the whole way, this page's own last answers among it: for what it shows and offers."""
    way = path(flow, answers, today=today)
    page = page_of(flow, step)
    if page is None or step.item is None:
        return scope(way.answers, today=today)
    found = way.answers.get(page.repeat) or []
    return scope(way.answers, today=today, item=found[step.item] if step.item < len(found) else None)


def put(flow: Flow, answers: Mapping[str, Any], step: Step, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What to save in the draft (`operations.save_draft`) when `raw` was given on this step: only what changes.

    "Yes" under the list of a repeat adds an item, whose first page is the next step. Raises TooMany.
    """
    raw = _sealed(flow.pages.get(step.page), raw)
    repeat = flow.repeats.get(step.page)
    if repeat is not None and step.item is None and raw.get(repeat.more_code) == "yes":
        return items.add_item(repeat, answers)
    page = flow.pages.get(step.page)
    if page is None or step.item is None:
        return dict(raw)
    return (
        items.changed(flow.repeats[page.repeat], answers, step.item, raw) if page.repeat in flow.repeats else dict(raw)
    )


def _sealed(page: FormPage | None, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A draft too keeps nothing plainly that is to be sealed, whether or not it will do as an answer."""
    asked = [one.code for one in page.questions if isinstance(one, Text) and one.sealed] if page else []
    typed = {code: raw[code] for code in asked if isinstance(raw.get(code), str) and raw[code].strip()}
    kept = {code: seal(text) for code, text in typed.items() if not is_sealed(text)}
    return {**raw, **kept} if kept else raw
