"""A form's words in another language. Each text has a path.

A question, a text or a heading is shown in the language when all its words are there, and else in English as a whole: nobody reads
half a question in each, and what is read aloud is marked with the language it is in (`spoken`).

title, text, declaration, after, help            of the form
pages.CODE.title|text|button|stop                of a page; parts.N.title|text|lines.M of its words, counted from 0
questions.CODE.label|hint|why|error|text|item    of a question; choices.KEY and choices.KEY.hint of its choices; yes and no
lists.CODE.KEY, sections.CODE, conditions.CODE, repeats.CODE.title|item, fees.CODE
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from townhall.forms.definition import Details, Form, FormPage, Part, Words
from townhall.forms.questions import Asked, Choice, Group, Question, YesNo

_FORM = ("title", "text", "declaration", "after", "help")
_QUESTION = ("label", "hint", "why", "error", "text", "item", "prefix", "suffix")


def localised(form: Form, language: str) -> Form:
    """The form with the words of that language in place. English, and a language it does not have, give the form itself."""
    there = spoken(form, language)
    words = {path: text for path, text in form.texts.get(language, {}).items() if unit_of(path) in there}
    if not words:
        return form
    changed = {name: words[name] for name in _FORM if words.get(name)}
    return msgspec.structs.replace(
        form,
        pages=tuple(_page(page, words) for page in form.pages),
        lists=tuple(
            msgspec.structs.replace(one, choices=_choices(one.choices, f"lists.{one.code}", words))
            for one in form.lists
        ),
        sections=tuple(_put(one, words, f"sections.{one.code}", {"": "title"}) for one in form.sections),
        conditions=tuple(_put(one, words, f"conditions.{one.code}", {"": "words"}) for one in form.conditions),
        repeats=tuple(
            _put(one, words, f"repeats.{one.code}", {".title": "title", ".item": "item"}) for one in form.repeats
        ),
        fees=tuple(_put(one, words, f"fees.{one.code}", {"": "words"}) for one in form.fees),
        **changed,
    )


def unit_of(path: str) -> str:
    """What is shown in one language as a whole: "questions.CODE", "pages.CODE", "pages.CODE.parts.N", "lists.CODE", "title"."""
    found = _UNIT.match(path)
    return found[0] if found else path


_UNIT = re.compile(r"pages\.[^.]+\.parts\.\d+|(pages|questions|lists|sections|conditions|repeats|fees)\.[^.]+")


def missing(form: Form, language: str) -> dict[str, list[str]]:
    """What has no words in that language yet: by unit, the paths."""
    words = form.texts.get(language, {})
    found: dict[str, list[str]] = {}
    for path, _english in texts(form):
        if not words.get(path):
            found.setdefault(unit_of(path), []).append(path)
    return found


def spoken(form: Form, language: str) -> frozenset[str]:
    """The units that are shown in that language."""
    if language not in form.texts:
        return frozenset()
    without = missing(form, language)
    return frozenset(unit for unit in (unit_of(path) for path, _english in texts(form)) if unit not in without)


def tidied(form: Form) -> Form:
    """Without the words that stand for nothing any more, after something was taken away."""
    known = {path for path, _english in texts(form)}
    kept = {
        language: {path: text for path, text in words.items() if path in known}
        for language, words in form.texts.items()
    }
    return form if kept == form.texts else msgspec.structs.replace(form, texts={k: v for k, v in kept.items() if v})


def moved_parts(page: str, places: Mapping[int, int], words: Mapping[str, str]) -> dict[str, str]:
    """The words of a page's parts at their new places. places: where each part that is still there was → where it is."""
    found: dict[str, str] = {}
    for path, text in words.items():
        part = re.match(rf"(pages\.{re.escape(page)}\.parts\.)(\d+)(.*)$", path, re.DOTALL)
        if part is None:
            found[path] = text
        elif int(part[2]) in places:
            found[f"{part[1]}{places[int(part[2])]}{part[3]}"] = text
    return found


def _put(thing: Any, words: Mapping[str, str], path: str, names: Mapping[str, str]) -> Any:
    changed = {name: words[path + end] for end, name in names.items() if words.get(path + end)}
    return msgspec.structs.replace(thing, **changed) if changed else thing


def _page(page: FormPage, words: Mapping[str, str]) -> FormPage:
    path = f"pages.{page.code}"
    stop = page.stop
    if stop is not None:
        stop = _put(stop, words, path, {".stop": "text", ".stop.link_text": "link_text"})
    parts = tuple(_part(part, f"{path}.parts.{number}", words) for number, part in enumerate(page.parts))
    page = _put(page, words, path, {".title": "title", ".text": "text", ".button": "button"})
    return msgspec.structs.replace(page, parts=parts, stop=stop)


def _part(part: Part, path: str, words: Mapping[str, str]) -> Part:
    if isinstance(part, Asked):
        question: Part = _question(part, words)
        return question
    names = {f".{name}": name for name in ("title", "text") if hasattr(part, name)}
    lines = getattr(part, "lines", None)
    part = _put(part, words, path, names)
    if lines:
        lines = tuple(words.get(f"{path}.lines.{number}") or line for number, line in enumerate(lines))
        part = msgspec.structs.replace(part, lines=lines)
    return part


def _question(question: Any, words: Mapping[str, str]) -> Any:
    path = f"questions.{question.code}"
    names = {f".{name}": name for name in _QUESTION if hasattr(question, name)}
    changed: dict[str, Any] = {}
    if getattr(question, "choices", ()) and "choices" in question.__struct_fields__:
        changed["choices"] = _choices(question.choices, f"{path}.choices", words)
    if isinstance(question, YesNo):
        names |= {".yes": "yes", ".no": "no"}
    if isinstance(question, Group):
        changed["questions"] = tuple(_question(one, words) for one in question.questions)
    question = _put(question, words, path, names)
    return msgspec.structs.replace(question, **changed) if changed else question


def _choices(choices: tuple[Choice, ...], path: str, words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(_put(choice, words, f"{path}.{choice.key}", {"": "name", ".hint": "hint"}) for choice in choices)


def texts(form: Form) -> Iterator[tuple[str, str]]:
    """Every path of the form that has words in English, with them: what a translator is given."""
    yield from ((name, getattr(form, name)) for name in _FORM if getattr(form, name))
    for page in form.pages:
        path = f"pages.{page.code}"
        yield from (
            (f"{path}.{name}", getattr(page, name)) for name in ("title", "text", "button") if getattr(page, name)
        )
        if page.stop and page.stop.text:
            yield f"{path}.stop", page.stop.text
        if page.stop and page.stop.link_text:
            yield f"{path}.stop.link_text", page.stop.link_text
        for number, part in enumerate(page.parts):
            yield from _texts_of_part(part, f"{path}.parts.{number}")
    for one in form.lists:
        yield from _texts_of_choices(one.choices, f"lists.{one.code}")
    yield from ((f"sections.{section.code}", section.title) for section in form.sections)
    yield from ((f"conditions.{condition.code}", condition.words) for condition in form.conditions)
    for repeat in form.repeats:
        yield from ((f"repeats.{repeat.code}.title", repeat.title), (f"repeats.{repeat.code}.item", repeat.item))
    yield from ((f"fees.{fee.code}", fee.words) for fee in form.fees)


def _texts_of_part(part: Part, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, Words):
        names = ("title", "text") if isinstance(part, Details) else ("text", "title")
        yield from ((f"{path}.{name}", getattr(part, name)) for name in names if getattr(part, name, ""))
        yield from ((f"{path}.lines.{number}", line) for number, line in enumerate(getattr(part, "lines", ())))
    else:
        yield from _texts_of_question(part)


def _texts_of_question(question: Question) -> Iterator[tuple[str, str]]:
    path = f"questions.{question.code}"
    yield from ((f"{path}.{name}", getattr(question, name)) for name in _QUESTION if getattr(question, name, ""))
    if "choices" in question.__struct_fields__:
        yield from _texts_of_choices(getattr(question, "choices", ()), f"{path}.choices")
    if isinstance(question, YesNo):
        yield from ((f"{path}.{choice.key}", choice.name) for choice in question.choices)
    if isinstance(question, Group):
        for one in question.questions:
            yield from _texts_of_question(one)


def _texts_of_choices(choices: tuple[Choice, ...], path: str) -> Iterator[tuple[str, str]]:
    for choice in choices:
        yield f"{path}.{choice.key}", choice.name
        if choice.hint:
            yield f"{path}.{choice.key}.hint", choice.hint
