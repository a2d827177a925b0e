"""One form being filled in: which version, how far it is, and what the draft holds.

A draft's answers are as typed, under the codes of their questions. Without a draft nothing was answered yet: looking at the first
page leaves no row behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from townhall.core.actors import ActorKind
from townhall.forms import checking, engine
from townhall.forms.definition import FormPage, Repeat
from townhall.forms.engine import Flow, Step
from townhall.forms.known import prefilled
from townhall.forms.models import Draft
from townhall.forms.questions import Address, Contact, Email, Question, Upload
from townhall.forms.questions import Place as PlaceQuestion
from townhall.places import queries as places
from townhall.places.whereabouts import parking_zone
from townhall.portal.form_language import Offered, marks

LOOK_UP = "find"  # the part of an address that is typed to look it up, and the button that does it


@dataclass(frozen=True, kw_only=True)
class Filling:
    code: str
    version: int
    flow: Flow
    draft: Draft | None
    today: date
    known: Mapping[str, Any] = field(default_factory=dict)  # from the account, before the draft is begun
    level: str = "public"  # how sure we must be of who fills it in
    languages: Sequence[Offered] = ()  # that it may be read in, when there are several

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.draft.answers) if self.draft else dict(self.known)

    def marks(self, unit: str) -> SafeString:
        """`form_language.marks` of the form's words."""
        return marks(self.flow, unit)

    @property
    def is_assisted(self) -> bool:
        """An adviser fills it in, or began it and handed it over."""
        return self.draft is not None and self.draft.by_kind == ActorKind.STAFF

    @property
    def is_test(self) -> bool:
        return self.draft is not None and self.draft.is_test

    @property
    def channel(self) -> str:
        return self.draft.channel if self.draft else "web"

    @property
    def needs_level(self) -> bool:
        return self.level != "public" and not self.is_assisted and not self.is_test

    def first(self) -> Step:
        return engine.first(self.flow, answers=self.answers)

    def may_open(self, step: Step) -> bool:
        return engine.may_open(self.flow, self.answers, step, today=self.today)

    def before(self, step: Step) -> Step | None:
        return engine.previous_step(self.flow, self.answers, step, today=self.today)

    def after(self, step: Step, *, changed: Mapping[str, Any], to_the_end: bool = False) -> Step:
        """Where a step leads once these answers are kept; `to_the_end`: back to the check when nothing new is to be answered."""
        answers = {**self.answers, **changed}
        if to_the_end:
            return engine.resume(self.flow, answers, today=self.today)
        return engine.next_step(self.flow, answers, step, today=self.today)

    def raw_of(self, page: FormPage, step: Step) -> dict[str, Any]:
        """What was typed on this page before."""
        if step.item is None:
            return {**prefilled(self.flow.form, {}, self.answers), **self.answers}
        items = engine.given_items(self.flow.repeats[page.repeat], self.answers)
        return items[step.item] if step.item < len(items) else {}

    def known_at(self, step: Step) -> dict[str, Any]:
        return engine.known_at(self.flow, self.answers, step, today=self.today)

    def items(self, repeat: Repeat) -> list[tuple[Step, str]]:
        """Each item of a repeat in words, with the step that changes it."""
        pages = self.flow.of_repeat[repeat.code]
        rows = engine.rows(self.flow, self.answers, today=self.today)
        count = len(engine.given_items(repeat, self.answers))
        found = []
        for number in range(count):
            codes = {page.code for page in pages}
            said = [
                ", ".join(row.lines) for row in rows if row.step.item == number and row.step.page in codes and row.lines
            ]
            found.append((Step(pages[0].code, number), ", ".join(said[:3]) or f"{repeat.item} {number + 1}"))
        return found


def with_addresses(questions: tuple[Question, ...], raw: dict[str, Any]) -> dict[str, Any]:
    """An address that was chosen by its number gets its line, so that it can be read back without looking it up again."""
    for question in questions:
        given = raw.get(question.code)
        if isinstance(question, Address | PlaceQuestion) and isinstance(given, dict) and given.get("uprn"):
            known = places.address(str(given["uprn"])) if str(given["uprn"]).isdecimal() else None
            raw[question.code] = {**given, "line": known.label} if known else {**given, "uprn": "0"}
            if known and isinstance(question, Address) and question.zone:
                raw[question.code]["zone"] = parking_zone(known.place.easting, known.place.northing)
    return raw


def looked_up(questions: tuple[Question, ...], raw: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """For each address question whose postcode or street was typed: what was found, as UPRN and line."""
    found = {}
    for question in questions:
        given = raw.get(question.code)
        if isinstance(question, Address | PlaceQuestion) and isinstance(given, Mapping) and given.get(LOOK_UP):
            hits = places.choices(str(given[LOOK_UP])[:200])
            found[question.code] = [(one.code, one.label) for one in hits]
    return found


def email_given(filling: Filling) -> str:
    """The first email address among the answers, as typed; empty when there is none."""
    for page in filling.flow.form.pages:
        for question in page.questions:
            given = filling.answers.get(question.code)
            if isinstance(question, Contact) and isinstance(given, Mapping):
                given = given.get("email")
            if isinstance(question, Email | Contact) and isinstance(given, str) and given:
                return given
    return ""


def uploads_of(questions: tuple[Question, ...]) -> list[Upload]:
    return [question for question in questions if isinstance(question, Upload)]


def shown_parts(page: FormPage, known: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    """Each part of a page, choices already narrowed, with whether it applies to what is known."""
    shown = []
    for part in page.parts:
        applies = checking.applies(part, known)  # type: ignore[arg-type]  # words have a condition as questions do
        is_question = part in page.questions
        shown.append((checking.offered(part, known) if is_question else part, applies))  # type: ignore[arg-type]
    return shown
