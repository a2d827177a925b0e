"""The ways through a form as a picture: what leads where, whatever is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from townhall.forms.definition import CHECK, Form, FormPage, Part
from townhall.forms.questions import Asked, Calculated, Checkboxes, Group, LogicRule, Payment, Radios, Select

TODAY = "today"  # what rules may read besides answers


def leads_to(form: Form) -> dict[str, tuple[str, ...]]:
    """Each page, with every page (or CHECK) that may come after it. A stop leads nowhere."""
    following = {page.code: after.code for page, after in zip(form.pages, form.pages[1:], strict=False)}
    found: dict[str, tuple[str, ...]] = {}
    for page in form.pages:
        default = following.get(page.code, CHECK)
        found[page.code] = () if page.stop is not None else tuple(dict.fromkeys(_targets(page, default)))
    return found


def _targets(page: FormPage, default: str) -> Iterator[str]:
    if page.repeat:  # inside a repeat the pages follow one another, and a route leads out at its end
        yield default
        yield from (route.to for route in page.next)
        return
    for route in page.next:
        yield route.to
        if route.when is None:
            return
    yield default


def starts(form: Form) -> tuple[str, ...]:
    return form.start or tuple(page.code for page in form.pages[:1])


def reached(form: Form) -> set[str]:
    """The pages that some way leads to."""
    return _spread(starts(form), leads_to(form))


def ending(form: Form) -> set[str]:
    """The pages from which some way leads to the check of answers, or to a stop."""
    before: dict[str, list[str]] = {}
    for code, after in leads_to(form).items():
        for one in after:
            before.setdefault(one, []).append(code)
    ends = [CHECK, *(page.code for page in form.pages if page.stop is not None)]
    return _spread(ends, before) - {CHECK}


def _spread(from_: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(from_)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += edges.get(code, ())
    return found


def circles(form: Form) -> Iterator[str]:
    """Pages that lead back to an earlier page, in sentences: who goes round would be asked the same again."""
    edges = leads_to(form)
    state: dict[str, int] = {}  # 1: on the way now, 2: done
    for start in starts(form):
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(edges.get(start, ())))]
        while stack:
            code, rest = stack[-1]
            for after in rest:
                if state.get(after) == 1:
                    yield f"The page {code!r} leads back to {after!r}."
                elif after not in state and after in edges:
                    state[after] = 1
                    stack.append((after, iter(edges[after])))
                    break
            else:
                state[code] = 2
                stack.pop()


Rule = tuple[str, LogicRule, frozenset[str]]


def rules(form: Form) -> Iterator[Rule]:
    """Every rule, with where it stands ("The page 'home'") and the names that it may read."""
    everything = frozenset(
        {TODAY, *(question.code for question in form.questions()), *(repeat.code for repeat in form.repeats)}
    )
    for where, rule in _rules_of_form(form):
        if rule is not None:
            yield where, rule, everything
    for part in (part for page in form.pages for part in page.parts if isinstance(part, Group)):
        known = everything | {one.code for one in part.questions}
        for one in part.questions:
            yield from ((where, rule, known) for where, rule in _rules_of_part(one) if rule is not None)


_Found = Iterator[tuple[str, LogicRule | None]]


def _rules_of_form(form: Form) -> _Found:
    for condition in form.conditions:
        yield f"The condition {condition.code!r}", condition.rule
    for page in form.pages:
        yield f"The page {page.code!r}", page.shown_when
        for route in page.next:
            yield f"The way from {page.code!r} to {route.to!r}", route.when
        for part in page.parts:
            yield from _rules_of_part(part, where=f"A text of the page {page.code!r}")
    for one in form.lists:
        for choice in one.choices:
            yield f"The choice {choice.key!r} of the list {one.code!r}", choice.shown_when
    for fee in form.fees:
        yield f"The fee {fee.code!r}", fee.when


def _rules_of_part(part: Part, *, where: str = "") -> _Found:
    where = f"The question {part.code!r}" if isinstance(part, Asked) else where
    yield where, part.shown_when
    if isinstance(part, Calculated | Payment):
        yield where, part.rule
    if isinstance(part, Radios | Select | Checkboxes):
        for choice in part.choices:
            yield f"The choice {choice.key!r} of {part.code!r}", choice.shown_when
