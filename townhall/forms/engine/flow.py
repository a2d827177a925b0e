"""A form made ready to run: named conditions and lists put where they are used, words in one language, everything by its code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from townhall.core import logic
from townhall.forms import languages
from townhall.forms.definition import Bullets, Form, FormPage, Part, Repeat
from townhall.forms.questions import (
    Calculated,
    Checkboxes,
    Choice,
    Group,
    LogicRule,
    Payment,
    Question,
    Radios,
    Select,
)

NEVER: LogicRule = {"==": [1, 0]}
DEEPEST = 8  # conditions that use conditions


@dataclass(frozen=True, kw_only=True)
class Flow:
    """`form` has no {"condition": …} and no `list` left in it: choices and rules are whole. Everything else is for finding."""

    form: Form
    pages: Mapping[str, FormPage]
    after: Mapping[str, str]  # page → the page that follows it in the form; "" after the last
    questions: Mapping[str, Question]
    repeats: Mapping[str, Repeat]
    of_repeat: Mapping[str, tuple[FormPage, ...]]  # repeat → its pages
    language: str = "en"  # of the words, where they are there (`spoken`)
    spoken: frozenset[str] = frozenset()  # `languages.spoken`; everything else is in English

    def language_of(self, unit: str) -> str:
        """unit: as `languages.unit_of`."""
        return self.language if unit in self.spoken else "en"


def flow_of(form: Form, *, language: str = "en") -> Flow:
    """Raises nothing: a condition or list that is not there never holds or has no choices (`problems` says so)."""
    spoken = languages.spoken(form, language)
    form = _whole(languages.localised(form, language))
    codes = [page.code for page in form.pages]
    return Flow(
        form=form,
        pages={page.code: page for page in reversed(form.pages)},
        after=dict(zip(codes, [*codes[1:], ""], strict=False)),
        questions={question.code: question for question in reversed(form.questions())},
        repeats={repeat.code: repeat for repeat in form.repeats},
        of_repeat={
            repeat.code: tuple(page for page in form.pages if page.repeat == repeat.code) for repeat in form.repeats
        },
        language=language if spoken else "en",
        spoken=spoken,
    )


def expand(rule: LogicRule | None, conditions: Mapping[str, LogicRule | None]) -> LogicRule | None:
    """The rule with every {"condition": CODE} replaced by what it says. Never holds: one not there, not understood, or in a circle."""
    if rule is None:
        return None
    expanded = _expand(rule, conditions, ())
    if not isinstance(expanded, dict) or logic.problem_in(expanded, known=_ANY_NAME):
        return NEVER  # a stored rule that cannot be asked; `problems` keeps it from being published
    return expanded


class _AnyName(frozenset[str]):
    def __contains__(self, name: object) -> bool:
        return True


_ANY_NAME = _AnyName()


def _expand(rule: Any, conditions: Mapping[str, LogicRule | None], within: tuple[str, ...]) -> Any:
    if isinstance(rule, list):
        return [_expand(item, conditions, within) for item in rule]
    if not isinstance(rule, dict):
        return rule
    if "condition" not in rule:
        return {name: _expand(value, conditions, within) for name, value in rule.items()}
    named = condition_named(rule)
    meant = conditions.get(named)
    if meant is None or named in within or len(within) >= DEEPEST:
        return NEVER
    return _expand(meant, conditions, (*within, named))


def condition_named(rule: Mapping[str, Any]) -> str:
    given = rule["condition"]
    return str(given[0] if isinstance(given, list) and given else given)


def conditions_in(rule: object) -> Iterator[str]:
    """The codes of the named conditions that a rule uses."""
    if isinstance(rule, list):
        for item in rule:
            yield from conditions_in(item)
    elif isinstance(rule, dict):
        if "condition" in rule:
            yield condition_named(rule)
        else:
            yield from conditions_in(list(rule.values()))


def _whole(form: Form) -> Form:
    conditions = {condition.code: condition.rule for condition in form.conditions}
    lists = {one.code: one.choices for one in form.lists}

    def rule_of(rule: LogicRule | None) -> LogicRule | None:
        return expand(rule, conditions)

    return msgspec.structs.replace(
        form,
        pages=tuple(_whole_page(page, rule_of, lists) for page in form.pages),
        fees=tuple(msgspec.structs.replace(fee, when=rule_of(fee.when)) for fee in form.fees),
    )


_Rule = Callable[[LogicRule | None], LogicRule | None]
_Lists = Mapping[str, tuple[Choice, ...]]


def _whole_page(page: FormPage, rule_of: _Rule, lists: _Lists) -> FormPage:
    return msgspec.structs.replace(
        page,
        parts=tuple(_whole_part(part, rule_of, lists) for part in page.parts),
        shown_when=rule_of(page.shown_when),
        next=tuple(msgspec.structs.replace(route, when=rule_of(route.when)) for route in page.next),
    )


def _whole_part(part: Part, rule_of: _Rule, lists: _Lists) -> Part:
    changed: dict[str, Any] = {}
    if part.shown_when is not None:
        changed["shown_when"] = rule_of(part.shown_when)
    if isinstance(part, Radios | Select | Checkboxes):
        choices = part.choices or lists.get(part.list, ())
        changed["choices"] = tuple(
            choice
            if choice.shown_when is None
            else msgspec.structs.replace(choice, shown_when=rule_of(choice.shown_when))
            for choice in choices
        )
    elif isinstance(part, Bullets) and part.list and not part.lines:
        changed["lines"] = tuple(choice.name for choice in lists.get(part.list, ()))
    elif isinstance(part, Group):
        changed["questions"] = tuple(_whole_part(one, rule_of, lists) for one in part.questions)
    elif isinstance(part, Calculated | Payment):
        changed["rule"] = rule_of(part.rule)
    return msgspec.structs.replace(part, **changed) if changed else part
