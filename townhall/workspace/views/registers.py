"""Registers at work: the lists, a row with what is to be done about it, its report and its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.models import Post
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line, clean_text
from townhall.registers import operations, queries
from townhall.registers.access import KEEP, SEE, may_keep
from townhall.registers.definition import Definition, Field
from townhall.registers.models import Row
from townhall.registers.states import RowState
from townhall.registers.typed import as_typed, shown
from townhall.workspace import register_figures, spreadsheets
from townhall.workspace.names import names_of
from townhall.workspace.queue import post_title
from townhall.workspace.views.typing_in import errors_of

LONGEST = 4_100
OWN = ("title", "owner_post")


def _definition(request: HttpRequest, code: str) -> Definition:
    try:
        return queries.seen_definition(code, by=actor(request))
    except NotFound as error:
        raise Http404 from error


def _whole(request: HttpRequest, row_id: UUID) -> queries.Whole:
    try:
        return queries.whole(row_id, by=actor(request))
    except NotFound as error:
        raise Http404 from error


def _typed(request: HttpRequest, definition: Definition) -> dict[str, str]:
    """What was typed, by field; in the form a field is `field-…`, so that none is taken for the title."""
    typed = {name: clean_text(request.POST.get(name, ""))[:LONGEST] for name in OWN}
    fields = ((field.code, request.POST.get(f"field-{field.code}", "")) for field in definition.fields)
    return typed | {f"field-{code}": clean_text(text)[:LONGEST] for code, text in fields}


def _given(typed: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("field-"): text for name, text in typed.items() if name.startswith("field-")}


@staff(may=SEE)
@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    return render(
        request, "workspace/registers/list.html", {"lines": queries.registers_seen_by(actor(request), at=now())}
    )


@staff(may=SEE)
@require_safe
def register(request: HttpRequest, code: str) -> HttpResponse:
    definition = _definition(request, code)
    state = RowState.CLOSED if request.GET.get("state") == "closed" else RowState.OPEN
    search = clean_line(request.GET.get("q", ""))[:100]
    page = queries.rows_of(code, state=state, search=search, after=request.GET.get("after", ""))
    figures = register_figures.of(definition, page.rows)
    context = {
        "definition": definition,
        "columns": [field for field in definition.fields if field.listed],
        "rows": [(row, figures.get(row.pk, {})) for row in page.rows],
        "figure_names": register_figures.names(definition),
        "after": page.after,
        "state": state.value,
        "q": search,
        "shown": shown,
        "may_keep": may_keep(definition, actor(request)),
        "today": council_date(now()),
    }
    return render(request, "workspace/registers/register.html", context)


def _form(
    request: HttpRequest,
    definition: Definition,
    *,
    typed: Mapping[str, str],
    row: Row | None = None,
    problems: Mapping[str, str] | None = None,
) -> HttpResponse:
    problems = {name if name in OWN else f"field-{name}": text for name, text in (problems or {}).items()}
    posts = [("", _("As the register says"))]
    posts += list(Post.objects.filter(is_active=True).order_by("title").values_list("code", "title"))
    context: dict[str, Any] = {
        "definition": definition,
        "row": row,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "options": {field.code: _options(field) for field in definition.fields},
        "posts": posts,
    }
    return render(request, "workspace/registers/form.html", context, status=422 if problems else 200)


def _options(field: Field) -> list[tuple[str, str]]:
    match field.kind:
        case "choice":
            return [(one.code, one.label) for one in field.choices]
        case "yes_no":
            return [("yes", _("Yes")), ("no", _("No"))]
        case "service":
            return [("", _("None in particular")), *((pack.code, pack.name) for pack in catalogue.services())]
        case _:
            return []


@staff(may=KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, code: str) -> HttpResponse:
    definition = _definition(request, code)
    typed = _typed(request, definition)
    if request.method != "POST":
        return _form(request, definition, typed=typed)
    try:
        made = operations.open_row(code, title=typed["title"], given=_given(typed), by=actor(request), at=now())
    except BadInput as error:
        return _form(request, definition, typed=typed, problems=error.problems)
    except RuleBroken as error:
        return _form(request, definition, typed=typed, problems={"title": str(error)})
    return redirect("workspace:register_row", made.pk)


@staff(may=KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, row_id: UUID) -> HttpResponse:
    whole = _whole(request, row_id)
    row, definition = whole.row, whole.definition
    if request.method != "POST":
        held = {f"field-{field.code}": as_typed(field, row.values.get(field.code)) for field in definition.fields}
        owner = directory.post_by_id(row.owner_post_id).code if row.owner_post_id else ""
        return _form(
            request,
            definition,
            row=row,
            typed={**held, "title": row.title, "owner_post": owner, "version": str(row.version)},
        )
    typed = _typed(request, definition)
    version = request.POST.get("version", "")
    try:
        operations.change_row(
            row_id,
            title=typed["title"],
            given=_given(typed),
            owner_post=typed["owner_post"],
            version=int(version) if version.isdecimal() else 0,
            by=actor(request),
            at=now(),
        )
    except BadInput as error:
        return _form(request, definition, row=row, typed={**typed, "version": version}, problems=error.problems)
    except RuleBroken as error:
        return _form(request, definition, row=row, typed={**typed, "version": version}, problems={"title": str(error)})
    messages.success(request, _("The change is kept."))
    return redirect("workspace:register_row", row_id)


@staff(may=SEE)
@require_safe
def row(request: HttpRequest, row_id: UUID) -> HttpResponse:
    whole = _whole(request, row_id)
    people = {action.ended_by for action in whole.actions} | {one.added_by for one in whole.evidence}
    figures = register_figures.of(whole.definition, [whole.row]).get(whole.row.pk, {})
    context = {
        "row": whole.row,
        "definition": whole.definition,
        "values": [(field, shown(field, whole.row.values.get(field.code))) for field in whole.definition.fields],
        "figures": [(name, figures.get(name, 0)) for name in register_figures.names(whole.definition)],
        "to_do": [(one, whole.definition.due(one.due)) for one in whole.actions if one.state == "open"],
        "ended": [one for one in reversed(whole.actions) if one.state != "open"],
        "evidence": whole.evidence,
        "owner": post_title(whole.row.owner_post_id) if whole.row.owner_post_id else "",
        "post_title": post_title,
        "outcomes": {one.code: one.label for one in whole.definition.outcomes},
        "names": names_of(people),
        "may_keep": may_keep(whole.definition, actor(request)),
        "today": council_date(now()),
    }
    return render(request, "workspace/registers/row.html", context)


def _done(request: HttpRequest, row_id: UUID, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except BadInput as error:
        messages.error(request, " ".join(error.problems.values()))
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("workspace:register_row", row_id)


def _words(request: HttpRequest, name: str = "words") -> str:
    return clean_text(request.POST.get(name, ""))[:LONGEST]


@staff(may=KEEP)
@require_POST
def set_action(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    title, typed = clean_line(request.POST.get("action", ""))[:301], clean_line(request.POST.get("due_on", ""))
    try:
        due_on = date.fromisoformat(typed)
    except ValueError:
        messages.error(request, _("Enter the day by which it is to be done"))
        return redirect("workspace:register_row", row_id)
    act = lambda: operations.set_action(row_id, title=title, due_on=due_on, by=by, at=at)  # noqa: E731
    return _done(request, row_id, act, _("It is on the list of what is to be done."))


@staff(may=KEEP)
@require_POST
def end_action(request: HttpRequest, action_id: UUID) -> HttpResponse:
    by, words, is_done = actor(request), _words(request), request.POST.get("end") != "dropped"
    row_id = queries.row_of_action(action_id)
    if row_id is None:
        raise Http404
    act = lambda: operations.end_action(action_id, is_done=is_done, words=words, by=by, at=now())  # noqa: E731
    return _done(request, row_id, act, _("It is written down."))


@staff(may=KEEP)
@require_POST
def evidence(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by, words, link = actor(request), _words(request), clean_line(request.POST.get("link", ""))[:500]
    upload = request.FILES.get("file")
    act = lambda: operations.add_evidence(row_id, words=words, link=link, upload=upload, by=by, at=now())  # noqa: E731
    return _done(request, row_id, act, _("The evidence is kept."))


@staff(may=KEEP)
@require_POST
def close(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by, words, outcome = actor(request), _words(request), clean_line(request.POST.get("outcome", ""))[:60]
    act = lambda: operations.close_row(row_id, outcome=outcome, words=words, by=by, at=now())  # noqa: E731
    return _done(request, row_id, act, _("It is closed."))


@staff(may=KEEP)
@require_POST
def reopen(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by = actor(request)
    return _done(request, row_id, lambda: operations.reopen_row(row_id, by=by, at=now()), _("It is open again."))


@staff(may=SEE)
@require_safe
def report(request: HttpRequest, code: str) -> HttpResponse:
    definition = _definition(request, code)
    field = definition.field(definition.group_by) if definition.group_by else None
    found = queries.report(definition, at=now())
    context = {
        "definition": definition,
        "report": found,
        "group": field,
        "groups": [(shown(field, value) if field else "", *counts) for value, *counts in found.groups],
        "outcomes": [(one.label, found.outcomes.get(one.code, 0)) for one in definition.outcomes],
    }
    return render(request, "workspace/registers/report.html", context)


@staff(may=SEE)
@require_safe
def export(request: HttpRequest, code: str) -> StreamingHttpResponse:
    definition = _definition(request, code)
    answer = StreamingHttpResponse(
        spreadsheets.lines(queries.exported(definition)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{definition.code}.csv"'
    return answer
