"""When a page or question is asked, and when a way is taken: put together in words, one comparison after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from townhall.core.errors import NotFound
from townhall.forms import editing
from townhall.forms.definition import Form
from townhall.forms.in_words import rule_words
from townhall.forms.queries import Version
from townhall.forms.questions import LogicRule, Question
from townhall.workspace.form_drafts import heading_of
from townhall.workspace.form_rules import CONDITION, ComparisonForm, SubjectForm
from townhall.workspace.views.forms_draft import editor, keep


@dataclass(frozen=True, kw_only=True)
class RuleOf:
    """The rule that a page changes: what it is of, how it is put back, and where its pages are."""

    title: str
    rule: LogicRule | None
    put: Callable[[LogicRule | None], Form]
    here: str
    back: str
    back_words: str
    none: str  # what is said while there is no rule
    without: frozenset[str] = frozenset()  # conditions that the rule may not use


@editor
def rule(request: HttpRequest, draft: Version, page: str, target: str) -> HttpResponse:
    form = draft.form
    return rule_page(request, draft, RuleOf(
        title=_title(form, page, target),
        rule=editing.rule_at(form, page, target),
        put=lambda changed: editing.put_rule(form, page, target, changed),
        here=reverse("workspace:form-rule", args=[draft.code, page, target]),
        back=reverse("workspace:form-page", args=[draft.code, page]),
        back_words=_("Back to the page"),
        none=_("Always: there is no condition."),
    ))  # fmt: skip


def rule_page(request: HttpRequest, draft: Version, of: RuleOf) -> HttpResponse:
    """The rule in words, with buttons that take from it; what is added is chosen first, and compared on the next page."""
    form = draft.form
    join, tests = editing.tests_of(of.rule)
    if request.method == "POST" and "do" in request.POST:
        join, tests = _done(request.POST["do"], join, tests)
        return _kept(request, draft, of, editing.of_tests(join, tests))
    subject = SubjectForm(request.GET if "question" in request.GET else None, form=form, without=of.without)
    about = subject.cleaned_data["question"] if subject.is_valid() else ""
    if request.method == "POST" and about.startswith(CONDITION):
        tests = [*tests, {"condition": about.removeprefix(CONDITION)}]
        return _kept(request, draft, of, editing.of_tests(join, tests))
    question = _question(form, about)
    comparison = None
    if question is not None:
        comparison = ComparisonForm(request.POST if request.method == "POST" else None, form=form, question=question)
        if comparison.is_valid():
            return _kept(request, draft, of, editing.of_tests(join, [*tests, comparison.rule()]))
    context = {
        "draft": draft,
        "of": of,
        "join": join,
        "tests": [rule_words(one, form) for one in tests],
        "subject": subject,
        "question": question,
        "comparison": comparison,
        "named": about.startswith(CONDITION),
        "condition": dict(subject.fields["question"].choices).get(about, "") if about else "",  # type: ignore[attr-defined]
    }
    is_wrong = bool(subject.errors or (comparison is not None and comparison.errors))
    return render(request, "workspace/forms/rule.html", context, status=422 if is_wrong else 200)


def _done(asked: str, join: str, tests: list[LogicRule]) -> tuple[str, list[LogicRule]]:
    """What a button asks: "remove:NUMBER", "and" or "or"."""
    if asked in ("and", "or"):
        return asked, tests
    number = asked.removeprefix("remove:")
    if not (number.isascii() and number.isdecimal()) or int(number[:4]) >= len(tests):
        raise NotFound
    return join, [one for place, one in enumerate(tests) if place != int(number)]


def _kept(request: HttpRequest, draft: Version, of: RuleOf, rule: LogicRule | None) -> HttpResponse:
    keep(request, draft, of.put(rule))
    return redirect(of.here)


def _question(form: Form, code: str) -> Question | None:
    return next((question for question in form.questions() if question.code == code), None)


def _title(form: Form, page: str, target: str) -> str:
    found = editing.page_of(form, page)
    kind, _dash, place = target.partition("-")
    if kind == "page":
        return _("When is “%(page)s” asked?") % {"page": heading_of(form, page)}
    if kind == "part":
        part = editing.part_at(found, place)
        words = getattr(part, "label", "") or getattr(part, "title", "") or getattr(part, "text", "")
        return _("When is “%(part)s” shown?") % {"part": str(words)[:140]}
    return _("When does “%(page)s” lead to “%(to)s”?") % {
        "page": heading_of(form, page), "to": heading_of(form, editing.way_at(found, place).to),
    }  # fmt: skip
