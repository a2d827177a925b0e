"""Two versions of a form, side by side: what was added, removed and changed, with conditions in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from townhall.forms.definition import Form, FormPage, Words
from townhall.forms.in_words import rule_words
from townhall.forms.questions import Asked, Choice


@dataclass(frozen=True, kw_only=True)
class Change:
    """`what` is "page", "question", "text", "condition", "list" …; `name` its code; `field` what of it changed, "" for all of it."""

    kind: Literal["added", "removed", "changed"]
    what: str
    name: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.kind != "changed":
            return f"{self.kind}: {self.what} {self.name}: {self.old or self.new}"
        return f"changed: {self.what} {self.name}, {self.field}: {self.old or 'nothing'} → {self.new or 'nothing'}"


_RULES = frozenset({"shown_when", "when", "rule", "next"})
_PARTS = frozenset(
    {
        "parts",
        "questions",
        "choices",
        "pages",
        "conditions",
        "lists",
        "sections",
        "repeats",
        "fees",
        "texts",
        "imported",
    }
)


def compare(old: Form, new: Form) -> list[Change]:
    """In the order of the form: the form itself, pages, questions and texts, conditions, lists and the rest. Empty for equal forms."""
    both = (old, new)
    changes = _fields("form", new.code, old, new, both)
    changes += _all("page", old.pages, new.pages, both)
    changes += _moved(old, new)
    changes += _all("question", _asked(old), _asked(new), both)
    changes += _all("text", _texts(old), _texts(new), both)
    for name, what in (
        ("conditions", "condition"),
        ("lists", "list"),
        ("sections", "section"),
        ("repeats", "repeat"),
        ("fees", "fee"),
    ):
        changes += _all(what, getattr(old, name), getattr(new, name), both)
    changes += _languages(old, new)
    return changes


def _asked(form: Form) -> dict[str, Any]:
    return {question.code: question for question in form.questions()}


def _texts(form: Form) -> dict[str, Any]:
    """Words have no code of their own: they are told apart by page and place among the words there."""
    found: dict[str, Any] = {}
    for page in form.pages:
        for place, part in enumerate(part for part in page.parts if isinstance(part, Words)):
            found[part.code or f"{page.code} {place + 1}"] = part
    return found


_Both = tuple[Form, Form]


def _all(
    what: str, old: dict[str, Any] | tuple[Any, ...], new: dict[str, Any] | tuple[Any, ...], both: _Both
) -> list[Change]:
    before, after = _by_code(old), _by_code(new)
    changes = [
        Change(kind="removed", what=what, name=code, old=_title(one))
        for code, one in before.items()
        if code not in after
    ]
    for code, one in after.items():
        if code not in before:
            changes.append(Change(kind="added", what=what, name=code, new=_title(one)))
        elif before[code] != one:
            changes += _fields(what, code, before[code], one, both)
    return changes


def _by_code(given: dict[str, Any] | tuple[Any, ...]) -> dict[str, Any]:
    return given if isinstance(given, dict) else {one.code: one for one in given}


def _title(thing: Any) -> str:
    for name in ("title", "label", "words", "text"):
        if getattr(thing, name, ""):
            return str(getattr(thing, name))
    return str(thing.code)


def _fields(what: str, code: str, old: Any, new: Any, both: _Both) -> list[Change]:
    if type(old) is not type(new):
        return [Change(kind="changed", what=what, name=code, field="type", old=_type(old), new=_type(new))]
    changes = []
    for name in old.__struct_fields__:
        was, now = getattr(old, name), getattr(new, name)
        if was == now or (name in _PARTS and what in ("form", "page")):
            continue
        if name in ("choices", "questions"):
            changes += _inner(what, code, name, was, now)
            continue
        changes.append(
            Change(
                kind="changed",
                what=what,
                name=code,
                field=name,
                old=_value(name, was, both[0]),
                new=_value(name, now, both[1]),
            )
        )
    return changes


def _inner(what: str, code: str, name: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> list[Change]:
    """Choices added, removed, renamed; the questions of a group."""
    before, after = ({_key(one): one for one in given} for given in (old, new))
    word = "choice" if name == "choices" else "question"
    changes = [
        Change(kind="removed", what=word, name=f"{code} {key}", old=_choice(one))
        for key, one in before.items()
        if key not in after
    ]
    changes += [
        Change(kind="added", what=word, name=f"{code} {key}", new=_choice(one))
        for key, one in after.items()
        if key not in before
    ]
    changes += [
        Change(
            kind="changed", what=word, name=f"{code} {key}", field="words", old=_choice(before[key]), new=_choice(one)
        )
        for key, one in after.items()
        if key in before and before[key] != one
    ]
    if not changes:
        changes.append(
            Change(
                kind="changed",
                what=what,
                name=code,
                field=f"order of {name}",
                old=", ".join(before),
                new=", ".join(after),
            )
        )
    return changes


def _key(one: Any) -> str:
    return str(one.key if isinstance(one, Choice) else one.code)


def _choice(one: Any) -> str:
    if isinstance(one, Choice):
        return f"{one.name} ({one.hint})" if one.hint else one.name
    return _title(one)


def _type(thing: Any) -> str:
    return str(type(thing).__struct_config__.tag or type(thing).__name__)


def _value(name: str, value: Any, form: Form) -> str:
    if name == "next":
        return "; ".join(
            f"{route.to} when {rule_words(route.when, form)}" if route.when else route.to for route in value
        )
    if name in _RULES:
        return rule_words(value, form) if value else ""
    if isinstance(value, FormPage):
        return value.title or value.code
    if isinstance(value, msgspec.Struct):
        return ", ".join(str(getattr(value, one)) for one in value.__struct_fields__ if getattr(value, one))
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value)
    return str(value) if value not in (None, False) else ""


def _moved(old: Form, new: Form) -> list[Change]:
    """Pages, and the parts of a page, in another order; a question that went to another page."""
    before, after = ([page.code for page in form.pages] for form in (old, new))
    kept = [code for code in before if code in after]
    changes = []
    if kept != [code for code in after if code in before]:
        changes.append(
            Change(
                kind="changed",
                what="form",
                name=new.code,
                field="order of pages",
                old=", ".join(before),
                new=", ".join(after),
            )
        )
    was, now = (
        {question.code: (page.code, place) for page in form.pages for place, question in enumerate(page.questions)}
        for form in (old, new)
    )
    changes += [
        Change(kind="changed", what="question", name=code, field="page", old=was[code][0], new=place[0])
        for code, place in now.items()
        if code in was and was[code][0] != place[0]
    ]
    for page in new.pages:
        earlier = old.page(page.code)
        if earlier is not None:
            orders = [[_part_name(part) for part in one.parts] for one in (earlier, page)]
            if sorted(orders[0]) == sorted(orders[1]) and orders[0] != orders[1]:
                changes.append(
                    Change(
                        kind="changed",
                        what="page",
                        name=page.code,
                        field="order",
                        old=", ".join(orders[0]),
                        new=", ".join(orders[1]),
                    )
                )
    return changes


def _order(what: str, code: str, old: list[str], new: list[str]) -> Change:
    return Change(kind="changed", what=what, name=code, field="order", old=", ".join(old), new=", ".join(new))


def _part_name(part: Any) -> str:
    return part.code if isinstance(part, Asked) else f"text “{_title(part)[:30]}”"


def _languages(old: Form, new: Form) -> list[Change]:
    changes = []
    for language in dict.fromkeys((*old.texts, *new.texts)):
        was, now = old.texts.get(language, {}), new.texts.get(language, {})
        changes += [
            Change(
                kind="changed",
                what=f"words in {language}",
                name=path,
                field="words",
                old=was.get(path, ""),
                new=now.get(path, ""),
            )
            for path in dict.fromkeys((*was, *now))
            if was.get(path) != now.get(path)
        ]
    return changes
