"""What is known of a form: why each question is asked and how often it is answered, tests, the ways through it, all of it on paper."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from townhall.core.access import staff
from townhall.core.errors import NotFound
from townhall.forms import queries
from townhall.forms.problems import every_question
from townhall.workspace import form_drafts, form_picture
from townhall.workspace.views.forms_draft import MAY


def _newest(code: str) -> queries.Version:
    """The draft, or the newest version there is."""
    try:
        return queries.draft_of(code) or queries.versions(code)[0]
    except NotFound as error:
        raise Http404 from error


@staff(may=MAY)
@require_safe
def use(request: HttpRequest, code: str) -> HttpResponse:
    """Every question with its reason, what uses it, and how often it was answered."""
    found = _newest(code)
    counted = {one.code: one for one in queries.use_of_questions(code)}
    rows = [(question, counted.get(question.code)) for question in every_question(found.form)]
    goes = [one for one in counted.values() if one.is_rare or one.is_unused]
    sent = next((one.sent for one in counted.values()), 0)
    context = {"version": found, "rows": rows, "goes": goes, "sent": sent, "tests": form_drafts.tests_of(code)}
    return render(request, "workspace/forms/use.html", context)


@staff(may=MAY)
@require_safe
def ways(request: HttpRequest, code: str) -> HttpResponse:
    """The ways through the form: a picture, and the same in words."""
    found = _newest(code)
    context = {
        "version": found,
        "picture": form_picture.of(found.form),
        "lines": form_drafts.ways_in_words(found.form),
    }
    return render(request, "workspace/forms/ways.html", context)


@staff(may=MAY)
@require_safe
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """All pages and questions one under the other, to print and read."""
    found = _newest(code)
    lists = {one.code: one.choices for one in found.form.lists}
    context = {"version": found, "lines": form_drafts.page_lines(found.form), "lists": lists}
    return render(request, "workspace/forms/paper.html", context)
