"""What a form has by name, changed: sets of pages asked for each of several things, and conditions that rules use."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from townhall.core.errors import NotFound, WrongState
from townhall.forms import ways
from townhall.forms.definition import Condition, Form, FormPage, Repeat
from townhall.forms.engine.flow import conditions_in
from townhall.forms.questions import Question


def repeat_of(form: Form, code: str) -> Repeat:
    """Raises NotFound."""
    found = next((one for one in form.repeats if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def pages_of(form: Form, repeat: str) -> tuple[FormPage, ...]:
    return tuple(page for page in form.pages if page.repeat == repeat)


def follow_one_another(form: Form, pages: Collection[str]) -> bool:
    """Whether these pages stand together, with no other between them."""
    places = [number for number, page in enumerate(form.pages) if page.code in pages]
    return bool(places) and places == list(range(places[0], places[-1] + 1))


def questions_on(form: Form, pages: Collection[str]) -> tuple[Question, ...]:
    return tuple(question for page in form.pages if page.code in pages for question in page.questions)


def put_repeat(form: Form, repeat: Repeat, pages: Collection[str]) -> Form:
    """The form with this repeat, new or in the place of the one with its code, asked on exactly these pages."""
    known = repeat.code in [one.code for one in form.repeats]
    repeats = tuple(repeat if one.code == repeat.code else one for one in form.repeats)
    return replace(
        form,
        repeats=repeats if known else (*repeats, repeat),
        pages=tuple(_in_repeat(page, repeat.code, page.code in pages) for page in form.pages),
    )


def remove_repeat(form: Form, code: str) -> Form:
    """Its pages stay, and are asked once. Raises NotFound."""
    gone = repeat_of(form, code)
    return replace(
        form,
        repeats=tuple(one for one in form.repeats if one is not gone),
        pages=tuple(_in_repeat(page, code, False) for page in form.pages),
    )


def _in_repeat(page: FormPage, code: str, belongs: bool) -> FormPage:
    if belongs:
        return replace(page, repeat=code)
    return replace(page, repeat="") if page.repeat == code else page


def condition_of(form: Form, code: str) -> Condition:
    """Raises NotFound."""
    found = next((one for one in form.conditions if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def put_condition(form: Form, condition: Condition) -> Form:
    """New, or in the place of the one with its code."""
    if condition.code not in [one.code for one in form.conditions]:
        return replace(form, conditions=(*form.conditions, condition))
    return replace(form, conditions=tuple(condition if one.code == condition.code else one for one in form.conditions))


def remove_condition(form: Form, code: str) -> Form:
    """Raises NotFound, and WrongState while a rule uses it: the rule would never hold any more."""
    gone = condition_of(form, code)
    if uses_of_condition(form, code):
        raise WrongState
    return replace(form, conditions=tuple(one for one in form.conditions if one is not gone))


def uses_of_condition(form: Form, code: str) -> list[str]:
    """Where the form's rules use it, as `ways.rules` names the places."""
    return list(dict.fromkeys(where for where, rule, _known in ways.rules(form) if code in conditions_in(rule)))


def conditions_with(form: Form, code: str) -> set[str]:
    """The condition itself and every one that uses it, also through others: none of them may be used in its own rule."""
    found = {code}
    while True:
        more = {one.code for one in form.conditions if found & set(conditions_in(one.rule))} - found
        if not more:
            return found
        found |= more
