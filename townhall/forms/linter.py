"""Form style (docs/forms.md): what can be better, each with a code that stays the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from townhall.core import logic
from townhall.forms import languages, ways
from townhall.forms.definition import Form, FormPage
from townhall.forms.engine.flow import conditions_in, expand
from townhall.forms.problems import every_question, problems, unexplained
from townhall.forms.questions import Contact, Declaration, Group, Person

LONGEST_HINT = 140  # characters: about one short sentence
LONGEST_LABEL = 120
_LINK = re.compile(r"https?://|\]\(|www\.", re.IGNORECASE)
_ALONE = 1  # questions a page


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`rule` is stable; `where` is the code of a page, question, list or condition."""

    rule: str
    where: str
    message: str


def lint(form: Form) -> list[Finding]:
    """Everything found, in the order of the rules. Faults (F00) keep a form from being published; the others are advice."""
    return [
        *(Finding(rule="F00", where=form.code, message=message) for message in problems(form)),
        *(Finding(rule="F01", where=form.code, message=message) for message in unexplained(form)),
        *(finding for rule in _RULES for finding in rule(form)),
    ]


RULES = {
    "F00": "The form would not run as it says",
    "F01": "A question does not say why it is asked or what uses it",
    "F10": "A page asks more than one thing",
    "F11": "Two pages have the same heading",
    "F12": "A page has neither a heading nor a single question to take it from",
    "F13": "A page leads back to an earlier page",
    "F20": "No system, condition or calculation uses a question",
    "F21": "A list is not used",
    "F22": "A condition is not used",
    "F23": "A section is not used",
    "F24": "The same answer is asked for on two pages",
    "F30": "A hint is longer than a short sentence",
    "F31": "A hint has a link, which screen readers do not read out",
    "F32": "A hint ends with a full stop",
    "F33": "A label is long",
    "F34": "A label marks what is required; mark what is optional instead",
    "F35": "Words that blame or plead",
    "F40": "Words are missing in a language of the form",
}


def _find(rule: str, where: str, message: str) -> Finding:
    return Finding(rule=rule, where=where, message=message)


def _pages(form: Form) -> Iterator[Finding]:
    for page in form.pages:
        asked = [question for question in page.questions if question.shown_when is None]
        if len(asked) > _ALONE and not _is_one_thing(page):
            yield _find("F10", page.code, f"The page asks {len(asked)} questions. One thing a page is easier.")
        if not page.title and len(page.questions) != 1:
            yield _find("F12", page.code, "The page needs a heading.")
    headings = Counter(heading_of(page).casefold() for page in form.pages if heading_of(page))
    for page in form.pages:
        if headings[heading_of(page).casefold()] > 1:
            yield _find("F11", page.code, f"The heading “{heading_of(page)}” is on more than one page.")
    for sentence in ways.circles(form):
        yield _find("F13", sentence.split("'")[1], sentence)


def _is_one_thing(page: FormPage) -> bool:
    """Details of one person, or something to agree to beside what it is about."""
    return bool(page.title) and all(isinstance(one, Person | Contact | Declaration) for one in page.questions[1:])


def heading_of(page: FormPage) -> str:
    """What stands at the top of a page: its title, or the label of its only question."""
    return page.title or (page.questions[0].label if len(page.questions) == 1 else "")


def used_codes(form: Form) -> set[str]:
    """The codes of answers that something in the form reads: conditions in use, routes, calculations, fees, repeats, prefill."""
    rules = {condition.code: condition.rule for condition in form.conditions}
    used: set[str] = set()
    for where, rule, _known in ways.rules(form):
        if not where.startswith("The condition "):
            used.update(logic.variables(expand(rule, rules)))
    used.update(fee.times for fee in form.fees if fee.times)
    used.update(repeat.count for repeat in form.repeats if repeat.count)
    for question in form.questions():
        if question.prefill.startswith("answers."):
            used.add(question.prefill.split(".")[1])
    return used


def _unused(form: Form) -> Iterator[Finding]:
    used = used_codes(form)
    for question in every_question(form):
        if not question.system.strip() and question.code not in used:
            yield _find("F20", question.code, f"Nothing uses the answer to “{question.label}”.")
    parts = [part for page in form.pages for part in page.parts]
    inner = [one for part in parts if isinstance(part, Group) for one in part.questions]
    lists = {getattr(part, "list", "") for part in (*parts, *inner)}
    yield from (
        _find("F21", one.code, f"Nothing uses the list “{one.title or one.code}”.")
        for one in form.lists
        if one.code not in lists
    )
    named = {
        code
        for where, rule, _known in ways.rules(form)
        for code in conditions_in(rule)
        if where != f"The condition {code!r}"
    }
    yield from (
        _find("F22", one.code, f"Nothing uses the condition “{one.words}”.")
        for one in form.conditions
        if one.code not in named
    )
    sections = {page.section for page in form.pages}
    yield from (
        _find("F23", one.code, f"No page is in the section “{one.title}”.")
        for one in form.sections
        if one.code not in sections
    )
    asked = Counter(question.code for page in form.pages for question in page.questions)
    yield from (
        _find("F24", code, f"The answer {code!r} is asked for on {count} pages.")
        for code, count in asked.items()
        if count > 1
    )


_BLAME = re.compile(r"\b(please|sorry|invalid|forbidden|oops)\b", re.IGNORECASE)


def _words(form: Form) -> Iterator[Finding]:
    for question in every_question(form):
        if len(question.hint) > LONGEST_HINT:
            yield _find("F30", question.code, f"The hint has {len(question.hint)} characters.")
        if _LINK.search(question.hint):
            yield _find("F31", question.code, "The hint has a link. Put it in a paragraph before the question.")
        if question.hint.endswith(".") and question.hint.count(".") == 1:
            yield _find("F32", question.code, "A hint of one sentence has no full stop.")
        if len(question.label) > LONGEST_LABEL:
            yield _find("F33", question.code, f"The label has {len(question.label)} characters.")
        if question.label.rstrip().endswith("*") or "(required)" in question.label.casefold():
            yield _find("F34", question.code, "Mark optional questions with “(optional)”, never required ones.")
        if found := _BLAME.search(f"{question.label} {question.hint} {question.error}"):
            yield _find("F35", question.code, f"Say what to do, without “{found[0].lower()}”.")


def _languages(form: Form) -> Iterator[Finding]:
    for language in form.texts:
        for unit, paths in languages.missing(form, language).items():
            kind, _dot, code = unit.partition(".")
            where = form.code if kind == unit else code.partition(".")[0]
            texts = ", ".join(paths)
            yield _find("F40", where, f"In {language!r} there are no words for {texts}, so it is shown in English.")


_RULES: tuple[Callable[[Form], Iterator[Finding]], ...] = (_pages, _unused, _words, _languages)
