"""When a page or question is asked, and when a way is taken: put together in words, one comparison after another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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


@editor
def rule(request: HttpRequest, draft: Version, page: str, target: str) -> HttpResponse:
    form = draft.form
    join, tests = editing.tests_of(editing.rule_at(form, page, target))
    if request.method == "POST" and "do" in request.POST:
        join, tests = _done(request.POST["do"], join, tests)
        return _kept(request, draft, page, target, editing.of_tests(join, tests))
    subject = SubjectForm(request.GET if "question" in request.GET else None, form=form)
    about = subject.cleaned_data["question"] if subject.is_valid() else ""
    if request.method == "POST" and about.startswith(CONDITION):
        tests = [*tests, {"condition": about.removeprefix(CONDITION)}]
        return _kept(request, draft, page, target, editing.of_tests(join, tests))
    question = _question(form, about)
    comparison = None
    if question is not None:
        comparison = ComparisonForm(request.POST if request.method == "POST" else None, form=form, question=question)
        if comparison.is_valid():
            return _kept(request, draft, page, target, editing.of_tests(join, [*tests, comparison.rule()]))
    context = {
        "draft": draft,
        "page": page,
        "target": target,
        "title": _title(form, page, target),
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


def _kept(request: HttpRequest, draft: Version, page: str, target: str, rule: LogicRule | None) -> HttpResponse:
    keep(request, draft, editing.put_rule(draft.form, page, target, rule))
    return redirect("workspace:form-rule", draft.code, page, target)


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
