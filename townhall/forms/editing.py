"""A form changed piece by piece: each function gives the form that comes out, and touches nothing else (`operations.save_form` keeps it).

A part of a page is named by its place: "2" is the third part, "2.0" the first question of the group there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from msgspec.structs import replace

from townhall.core.errors import NotFound
from townhall.forms import languages
from townhall.forms.definition import Form, FormPage, Part, Route, Words
from townhall.forms.problems import every_question
from townhall.forms.questions import Asked, Email, Group, LogicRule

Thing = TypeVar("Thing")
LONGEST_CODE = 60


def code_from(words: str, *, taken: Collection[str] = (), join: str = "-") -> str:
    """A code that nothing has yet, made of these words: `What is your name?` is `what-is-your-name`. join: "-" or "_"."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", join, plain).strip(join)[:LONGEST_CODE].strip(join)
    if join == "_" and not code[:1].isalpha():
        code = f"q_{code}".strip(join)
    code, number = code or "page", 2
    found = code
    while found in taken:
        found, number = f"{code}{join}{number}", number + 1
    return found


def question_codes(form: Form) -> set[str]:
    """Every code that an answer of the form is kept under."""
    return {question.code for question in (*form.questions(), *every_question(form))} | {
        repeat.code for repeat in form.repeats
    }


def page_of(form: Form, code: str) -> FormPage:
    """Raises NotFound."""
    page = form.page(code)
    if page is None:
        raise NotFound
    return page


def add_page(form: Form, page: FormPage) -> Form:
    """At the end."""
    return replace(form, pages=(*form.pages, page))


def change_page(form: Form, code: str, change: Callable[[FormPage], FormPage]) -> Form:
    """Raises NotFound."""
    page = page_of(form, code)
    changed = change(page)
    pages = tuple(changed if one is page else one for one in form.pages)
    places = _new_places(page.parts, changed.parts)
    texts = {name: languages.moved_parts(code, places, words) for name, words in form.texts.items()}
    return replace(form, pages=pages, texts=texts)


def _new_places(before: tuple[Part, ...], after: tuple[Part, ...]) -> dict[int, int]:
    """Where each part was → where it is; one that was changed stays where it was."""
    now = {id(part): place for place, part in enumerate(after)}
    found = {place: now[id(part)] for place, part in enumerate(before) if id(part) in now}
    if len(before) == len(after):
        found |= {place: place for place in range(len(after)) if place not in found and place not in found.values()}
    return found


def remove_page(form: Form, code: str) -> Form:
    """Take a page away, with its questions. Ways that led to it are taken away too. Raises NotFound."""
    page = page_of(form, code)
    kept = (
        replace(one, next=tuple(route for route in one.next if route.to != code))
        for one in form.pages
        if one is not page
    )
    return replace(form, pages=tuple(kept), start=tuple(one for one in form.start if one != code))


def move_page(form: Form, code: str, by: int) -> Form:
    """by: -1 is one up, 1 one down. At the end of the list it stays. Raises NotFound."""
    return replace(form, pages=moved(form.pages, form.pages.index(page_of(form, code)), by))


def moved(things: tuple[Thing, ...], number: int, by: int) -> tuple[Thing, ...]:
    """The same things with one of them moved. Raises NotFound."""
    if not 0 <= number < len(things):
        raise NotFound
    found = list(things)
    thing = found.pop(number)
    found.insert(max(0, number + by), thing)
    return tuple(found)


def part_at(page: FormPage, place: str) -> Part:
    """Raises NotFound."""
    parts, number = _parts_and_number(page, place)
    found: Part = parts[number]
    return found


def add_part(page: FormPage, part: Part, *, group: str = "") -> FormPage:
    """At the end of the page, or of the group at that place. Raises NotFound."""
    if not group:
        return replace(page, parts=(*page.parts, part))
    into = part_at(page, group)
    if not isinstance(into, Group) or not isinstance(part, Asked):
        raise NotFound
    return put_part(page, group, replace(into, questions=(*into.questions, part)))


def put_part(page: FormPage, place: str, part: Part) -> FormPage:
    """Raises NotFound."""
    return _with_parts(page, place, lambda parts, number: (*parts[:number], part, *parts[number + 1 :]))


def remove_part(page: FormPage, place: str) -> FormPage:
    """Raises NotFound."""
    return _with_parts(page, place, lambda parts, number: (*parts[:number], *parts[number + 1 :]))


def move_part(page: FormPage, place: str, by: int) -> FormPage:
    """Raises NotFound."""
    return _with_parts(page, place, lambda parts, number: moved(parts, number, by))


def _with_parts(page: FormPage, place: str, change: Callable[[tuple[Any, ...], int], tuple[Any, ...]]) -> FormPage:
    changed = change(*_parts_and_number(page, place))
    outer = _outer(place)
    if outer is None:
        return replace(page, parts=changed)
    group = page.parts[outer]
    assert isinstance(group, Group)
    return replace(page, parts=(*page.parts[:outer], replace(group, questions=changed), *page.parts[outer + 1 :]))


def _outer(place: str) -> int | None:
    first, dot, _inner = place.partition(".")
    return int(first) if dot else None


def _parts_and_number(page: FormPage, place: str) -> tuple[tuple[Any, ...], int]:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4})?", place, re.ASCII):
        raise NotFound
    outer = _outer(place)
    parts: tuple[Any, ...] = page.parts
    if outer is not None:
        group = page.parts[outer] if outer < len(page.parts) else None
        if not isinstance(group, Group):
            raise NotFound
        parts = group.questions
    number = int(place.rpartition(".")[2])
    if number >= len(parts):
        raise NotFound
    return parts, number


def recoded(form: Form, old: str, new: str) -> Form:
    """The form in which the answer `old` is kept under `new`: rules, counts, fees, prefills and translations read it there."""
    if old == new:
        return form
    pages = tuple(replace(page, parts=tuple(_recoded_part(one, old, new) for one in page.parts)) for page in form.pages)
    pages = tuple(
        replace(page, shown_when=_read_as(page.shown_when, old, new),
                next=tuple(replace(way, when=_read_as(way.when, old, new)) for way in page.next))
        for page in pages
    )  # fmt: skip
    return replace(
        form,
        pages=pages,
        conditions=tuple(replace(one, rule=_read_as(one.rule, old, new)) for one in form.conditions),
        repeats=tuple(
            replace(one, count=new if one.count == old else one.count,
                    different=new if one.different == old else one.different)
            for one in form.repeats
        ),
        fees=tuple(
            replace(one, when=_read_as(one.when, old, new), times=new if one.times == old else one.times)
            for one in form.fees
        ),
        texts={
            language: {re.sub(rf"^questions\.{re.escape(old)}\.", f"questions.{new}.", path): text
                       for path, text in words.items()}
            for language, words in form.texts.items()
        },
    )  # fmt: skip


def _recoded_part(part: Any, old: str, new: str) -> Any:
    changed: dict[str, Any] = {"shown_when": _read_as(part.shown_when, old, new)}
    if not isinstance(part, Words):
        changed["code"] = new if part.code == old else part.code
        if part.prefill.split(".")[:2] == ["answers", old]:
            changed["prefill"] = ".".join(["answers", new, *part.prefill.split(".")[2:]])
    if getattr(part, "rule", None) is not None:
        changed["rule"] = _read_as(part.rule, old, new)
    if isinstance(part, Email):
        changed["instead"] = new if part.instead == old else part.instead
    if isinstance(part, Group):
        changed["questions"] = tuple(_recoded_part(one, old, new) for one in part.questions)
    choices = getattr(part, "choices", ()) if "choices" in part.__struct_fields__ else ()
    if choices:
        changed["choices"] = tuple(replace(one, shown_when=_read_as(one.shown_when, old, new)) for one in choices)
    return replace(part, **changed)


def _read_as(rule: Any, old: str, new: str) -> Any:
    if isinstance(rule, list):
        return [_read_as(one, old, new) for one in rule]
    if not isinstance(rule, dict):
        return rule
    if "var" in rule and len(rule) == 1:
        names = rule["var"] if isinstance(rule["var"], list) else [rule["var"]]
        first, dot, rest = str(names[0] if names else "").partition(".")
        return (
            {"var": [f"{new}{dot}{rest}", *names[1:]] if names[1:] else f"{new}{dot}{rest}"} if first == old else rule
        )
    return {name: _read_as(one, old, new) for name, one in rule.items()}


def rule_at(form: Form, page: str, target: str) -> LogicRule | None:
    """The rule of a page ("page"), of its way number n ("way-0") or of a part ("part-2.0"). Raises NotFound."""
    found = page_of(form, page)
    kind, _dash, place = target.partition("-")
    if kind == "page":
        return found.shown_when
    if kind == "part":
        return part_at(found, place).shown_when
    return way_at(found, place).when


def put_rule(form: Form, page: str, target: str, rule: LogicRule | None) -> Form:
    """Raises NotFound."""
    kind, _dash, place = target.partition("-")

    def change(found: FormPage) -> FormPage:
        if kind == "page":
            return replace(found, shown_when=rule)
        if kind == "part":
            return put_part(found, place, replace(part_at(found, place), shown_when=rule))
        way = way_at(found, place)
        return replace(found, next=tuple(replace(one, when=rule) if one is way else one for one in found.next))

    return change_page(form, page, change)


def way_at(page: FormPage, place: str) -> Route:
    """Raises NotFound."""
    if not (place.isascii() and place.isdecimal()) or int(place[:4]) >= len(page.next):
        raise NotFound
    return page.next[int(place[:4])]


def tests_of(rule: LogicRule | None) -> tuple[str, list[LogicRule]]:
    """A rule as the tests it is put together of, and how: "and" (all must hold) or "or" (one is enough)."""
    if rule is None:
        return "and", []
    for name in ("and", "or"):
        if set(rule) == {name} and isinstance(rule[name], list):
            return name, rule[name]
    return "and", [rule]


def of_tests(join: str, tests: list[LogicRule]) -> LogicRule | None:
    """The other way round."""
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else {join: tests}
