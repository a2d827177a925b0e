"""What is wrong with a form, in sentences. A draft may have any of it; a published form has none.

Style is another matter: `linter`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from townhall.core import logic
from townhall.forms import languages, patterns, ways
from townhall.forms.definition import CHECK, RESERVED, Form, FormPage, Words
from townhall.forms.engine.flow import DEEPEST, conditions_in, expand
from townhall.forms.known import SOURCES
from townhall.forms.questions import (
    Asked,
    Calculated,
    Checkboxes,
    Email,
    Group,
    LogicRule,
    Payment,
    Question,
    Radios,
    Select,
    Text,
)

CODE = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,79}$")
PAGE_CODE = re.compile(r"^[a-z0-9][a-z0-9-]{0,79}$")
FORM_CODE = re.compile(r"^[a-z0-9][a-z0-9-]{0,79}$")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as forms need it


def problems(form: Form) -> list[str]:
    """Everything that keeps a form from running as it says. Each sentence names what it is about. FORM-02 is `unexplained`."""
    return list(dict.fromkeys(found for check in _CHECKS for found in check(form)))


def unexplained(form: Form) -> list[str]:
    """The questions that do not say why they are asked and what uses the answer (FORM-02), in sentences."""
    found = []
    for question in every_question(form):
        if isinstance(question, Calculated) or (question.why.strip() and question.system.strip()):
            continue
        if not question.why.strip():
            found.append(f"The question “{question.label}” ({question.code}) does not say why it is asked.")
        if not question.system.strip():
            found.append(f"The question “{question.label}” ({question.code}) does not say what uses the answer.")
    return found


def every_question(form: Form) -> Iterator[Question]:
    """The questions of a form, those of groups too. A group explains itself through its questions or itself."""
    for question in form.questions():
        if isinstance(question, Group):
            yield from question.questions
        else:
            yield question


def _codes(form: Form) -> Iterator[str]:
    if not FORM_CODE.match(form.code):
        yield f"The form's code {form.code!r} may have small letters, digits and hyphens only."
    if not form.title.strip():
        yield "The form has no title."
    if not form.pages:
        yield "The form has no page."
    named: tuple[tuple[str, list[str], re.Pattern[str]], ...] = (
        ("page", [page.code for page in form.pages] + [repeat.code for repeat in form.repeats], PAGE_CODE),
        ("condition", [one.code for one in form.conditions], CODE),
        ("list", [one.code for one in form.lists], CODE),
        ("section", [one.code for one in form.sections], CODE),
        ("fee", [one.code for one in form.fees], CODE),
    )
    for kind, codes, shape in named:
        for code, count in Counter(codes).items():
            if count > 1:
                yield f"Two {kind}s have the code {code!r}."
            if not shape.match(code) and not (kind == "page" and CODE.match(code)):
                yield f"The code {code!r} of a {kind} may have letters and digits only, with hyphens in a page's."
            if kind == "page" and code in RESERVED:
                yield f"No page may be called {code!r}."


def _question_codes(form: Form) -> Iterator[str]:
    kinds: dict[str, type[Asked]] = {}
    for page in form.pages:
        for code, count in Counter(question.code for question in page.questions).items():
            if count > 1:
                yield f"The page {page.code!r} asks {code!r} twice."
        for question in page.questions:
            if kinds.setdefault(question.code, type(question)) is not type(question):
                yield f"Two questions of different types have the code {question.code!r}."
            yield from _one_question(question)
        yield from _payment_page(page)
        asked = {question.code for question in page.questions}
        yield from (
            f"The question {one.code!r} may be answered by {one.instead!r} instead, which its page does not ask."
            for one in page.questions
            if isinstance(one, Email) and one.instead and one.instead not in asked
        )
    for repeat in form.repeats:
        if repeat.code in kinds:
            yield f"A question and a repeat have the code {repeat.code!r}."


def _payment_page(page: FormPage) -> Iterator[str]:
    if not any(isinstance(question, Payment) for question in page.questions):
        return
    if len(page.questions) > 1:
        yield f"The page {page.code!r} takes a payment, so it can ask nothing else."
    if page.repeat:
        yield f"The page {page.code!r} takes a payment, so it cannot be asked for each item."


def _one_question(question: Question) -> Iterator[str]:
    if not CODE.match(question.code):
        yield f"The code {question.code!r} of a question may have letters, digits and underscores only."
    if not question.label.strip() and not isinstance(question, Calculated):
        yield f"The question {question.code!r} has no label."
    if isinstance(question, Text) and question.pattern and (found := patterns.problem_in(question.pattern)):
        yield f"The question {question.code!r}: {found}"
    if isinstance(question, Group):
        yield from _group(question)
    if question.prefill and not question.prefill.startswith("answers.") and question.prefill not in SOURCES:
        yield f"The question {question.code!r} is filled in from {question.prefill!r}, which is not known here."


def _group(question: Group) -> Iterator[str]:
    if not question.questions:
        yield f"The group {question.code!r} has no questions."
    for code, count in Counter(one.code for one in question.questions).items():
        if count > 1:
            yield f"The group {question.code!r} asks {code!r} twice."
    for one in question.questions:
        yield from _one_question(one)
        if isinstance(one, Text) and one.sealed:
            yield f"The group {question.code!r} cannot ask {one.code!r}, whose answer is sealed."
        if isinstance(one, Group | Calculated | Payment):
            yield f"The group {question.code!r} cannot ask {one.code!r} of that type."
    if question.minimum > question.maximum:
        yield f"The group {question.code!r} asks for more than it takes."


def _lists(form: Form) -> Iterator[str]:
    lists = {one.code: one.choices for one in form.lists}
    for question in (
        one for top in form.questions() for one in ((top, *top.questions) if isinstance(top, Group) else (top,))
    ):
        if not isinstance(question, Radios | Select | Checkboxes):
            continue
        if question.list and question.list not in lists:
            yield f"The question {question.code!r} uses the list {question.list!r}, which is not there."
        choices = question.choices or lists.get(question.list, ())
        if not choices and (not question.list or question.list in lists):
            yield f"The question {question.code!r} offers nothing to choose."
        yield from (
            f"The question {question.code!r} offers {key!r} twice."
            for key, count in Counter(choice.key for choice in choices).items()
            if count > 1
        )
    for page in form.pages:
        for part in page.parts:
            used = getattr(part, "list", "") if isinstance(part, Words) else ""
            if used and used not in lists:
                yield f"The page {page.code!r} shows the list {used!r}, which is not there."


def _conditions(form: Form) -> Iterator[str]:
    rules: Mapping[str, LogicRule | None] = {one.code: one.rule for one in form.conditions}
    for condition in form.conditions:
        if condition.rule is None:
            yield f"The condition “{condition.words}” ({condition.code}) has no rule, so it never holds."
        if condition.code in _reached(condition.code, rules):
            yield f"The condition {condition.code!r} uses itself."
        elif _depth(condition.code, rules) > DEEPEST:
            yield f"The condition {condition.code!r} uses conditions nested too deeply."
    for where, rule, known in ways.rules(form):
        yield from (
            f"{where} uses the condition {code!r}, which is not there."
            for code in dict.fromkeys(conditions_in(rule))
            if code not in rules
        )
        whole = expand(rule, rules)
        if whole is not None and (found := logic.problem_in(whole, known=known)):
            yield f"{where}: {found}"


def _reached(code: str, rules: Mapping[str, LogicRule | None]) -> set[str]:
    """The conditions that this one uses, directly or through others."""
    found: set[str] = set()
    waiting = list(conditions_in(rules.get(code)))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += conditions_in(rules.get(one))
    return found


def _depth(code: str, rules: Mapping[str, LogicRule | None]) -> int:
    """Conditions on the longest line of uses from this one. Called only where there is no circle."""
    used = set(conditions_in(rules.get(code)))
    return 1 + max((_depth(one, rules) for one in used if one not in _reached(one, rules)), default=0)


def _sections(form: Form) -> Iterator[str]:
    known = {section.code for section in form.sections}
    for page in form.pages:
        if page.section and page.section not in known:
            yield f"The page {page.code!r} is in the section {page.section!r}, which is not there."


def _repeats(form: Form) -> Iterator[str]:
    repeats = {repeat.code: repeat for repeat in form.repeats}
    numbers = {question.code for question in form.questions()}
    for page in form.pages:
        if page.repeat and page.repeat not in repeats:
            yield f"The page {page.code!r} belongs to the repeat {page.repeat!r}, which is not there."
    for repeat in form.repeats:
        places = [place for place, page in enumerate(form.pages) if page.repeat == repeat.code]
        if not places:
            yield f"The repeat {repeat.code!r} has no page."
        elif places != list(range(places[0], places[-1] + 1)):
            yield f"The pages of the repeat {repeat.code!r} do not follow one another."
        if repeat.count and repeat.count not in numbers:
            yield f"The repeat {repeat.code!r} counts by {repeat.count!r}, which no question asks."
        inside = {question.code for page in form.pages if page.repeat == repeat.code for question in page.questions}
        if repeat.different and repeat.different not in inside:
            yield f"The repeat {repeat.code!r} wants a different {repeat.different!r} each time, which its pages do not ask."
        if not 0 <= repeat.minimum <= repeat.maximum <= 100:
            yield f"The repeat {repeat.code!r} must have a minimum up to its maximum, and that up to 100."


def _ways(form: Form) -> Iterator[str]:
    if not form.pages:
        return
    known = {page.code for page in form.pages}
    yield from (
        f"The form starts at the page {code!r}, which is not there." for code in form.start if code not in known
    )
    for page in form.pages:
        for route in page.next:
            if route.to not in known and route.to != CHECK:
                yield f"The page {page.code!r} leads to {route.to!r}, which is not there."
    reached = ways.reached(form)
    for page in form.pages:
        if page.code not in reached:
            yield f"Nothing leads to the page {page.code!r}."
    ending = ways.ending(form)
    for page in form.pages:
        if page.code in reached and page.code not in ending:
            yield f"From the page {page.code!r} there is no way to the end."


def _stops(form: Form) -> Iterator[str]:
    for page in form.pages:
        if page.stop is not None:
            if not page.stop.text.strip() and not page.stop.link and not page.parts and not page.text:
                yield f"The page {page.code!r} stops people and does not say what to do instead."
            if page.next:
                yield f"The page {page.code!r} stops people, so nothing can follow it."


def _texts(form: Form) -> Iterator[str]:
    known = {path for path, _words in languages.texts(form)}
    for language, words in form.texts.items():
        if not LANGUAGE.fullmatch(language):
            yield f"{language!r} is not the code of a language."
        yield from (f"The words in {language!r} for {path!r} stand for nothing." for path in words if path not in known)


_CHECKS: tuple[Callable[[Form], Iterator[str]], ...] = (
    _codes,
    _question_codes,
    _lists,
    _conditions,
    _sections,
    _repeats,
    _ways,
    _stops,
    _texts,
)
