"""The draft of a form: its pages in order, moved and removed with buttons. Nobody overwrites what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from msgspec.structs import replace

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import council_date, now
from townhall.forms import editing, languages, queries
from townhall.forms.definition import Form
from townhall.forms.queries import Version
from townhall.insight import tasks
from townhall.workspace import form_drafts, form_history
from townhall.workspace.form_drafts import Fault
from townhall.workspace.form_fields import AboutForm
from townhall.workspace.views.shared import user_id

MAY = "forms.build"
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Version, P], HttpResponse]
_STEPS = {"up": -1, "down": 1}


def the_draft(code: str) -> Version:
    draft = queries.draft_of(code)
    if draft is None:
        raise Http404
    return draft


def editor(page: Page[P]) -> Callable[..., HttpResponse]:
    """A page that changes the draft. What is posted on an older state of it is refused, and shown again to be copied."""

    @wraps(page)
    def view(request: HttpRequest, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft = the_draft(code)
        if has_moved(request, draft):
            return moved_on(request, draft)
        try:
            return page(request, draft, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except WrongState:
            return moved_on(request, the_draft(code))

    return staff(may=MAY)(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def has_moved(request: HttpRequest, draft: Version) -> bool:
    return request.method == "POST" and request.POST.get("revision", "") != str(draft.revision)


def moved_on(request: HttpRequest, draft: Version) -> HttpResponse:
    """Somebody saved the draft meanwhile: nothing is kept, and what was typed is shown."""
    typed = [(name, text) for name in request.POST for text in request.POST.getlist(name) if text.strip()]
    context = {
        "draft": draft,
        "by": form_drafts.names_of([draft]).get(draft.by_id, ""),
        "typed": [(name, text) for name, text in typed if name not in ("csrfmiddlewaretoken", "revision", "do")],
    }
    return render(request, "workspace/forms/moved_on.html", context, status=409)


def keep(request: HttpRequest, draft: Version, form: Form) -> None:
    """Raises WrongState when somebody saved it meanwhile."""
    form_history.save(draft, languages.tidied(form), by=actor(request), at=now())


def to_page(code: str, page: str) -> HttpResponse:
    """The list of pages, at that page."""
    return redirect(f"{reverse('workspace:form-draft', args=[code])}#page-{page}")


@editor
def draft(request: HttpRequest, draft: Version) -> HttpResponse:
    if request.method != "POST":
        return draw_draft(request, draft)
    form, at_page = _done(draft.form, request.POST.get("do", "").split(":"))
    keep(request, draft, form)
    return to_page(draft.code, at_page)


@editor
def undo(request: HttpRequest, draft: Version) -> HttpResponse:
    if request.method != "POST":
        raise NotFound
    form_history.undo(draft, by=actor(request), at=now())
    messages.success(request, _("The last change is taken back."))
    return redirect("workspace:form-draft", draft.code)


def _done(form: Form, asked: list[str]) -> tuple[Form, str]:
    """What a button asks: "page:CODE:up", "part:CODE:PLACE:remove", "way:CODE:NUMBER:down". Raises NotFound for anything else."""
    kind, code, *place, how = asked if len(asked) in (3, 4) else ["", "", ""]
    if how not in (*_STEPS, "remove") or len(place) != (kind != "page"):
        raise NotFound
    if kind == "page":
        changed = editing.move_page(form, code, _STEPS[how]) if how in _STEPS else editing.remove_page(form, code)
        return changed, code
    at = place[0]
    if kind == "part" and how in _STEPS:
        return editing.change_page(form, code, lambda page: editing.move_part(page, at, _STEPS[how])), code
    if kind == "part":
        return editing.change_page(form, code, lambda page: editing.remove_part(page, at)), code
    if kind != "way":
        raise NotFound
    way = editing.way_at(editing.page_of(form, code), at)
    if how == "remove":
        return (
            editing.change_page(
                form, code, lambda page: replace(page, next=tuple(w for w in page.next if w is not way))
            ),
            code,
        )
    number = int(at)
    return (
        editing.change_page(form, code, lambda page: replace(page, next=editing.moved(page.next, number, _STEPS[how]))),
        code,
    )


def draw_draft(
    request: HttpRequest, draft: Version, *, refused: list[Fault] | None = None, no_reason: str = ""
) -> HttpResponse:
    """no_reason: what to say beside the reason, when it was not given and is needed."""
    faults = form_drafts.faults(draft.form)
    errors = [{"text": one.text, "href": one.href} for one in refused or []]
    if no_reason:
        errors.append({"text": no_reason, "href": "#reason"})
    context = {
        "draft": draft,
        "form": draft.form,
        "lines": form_drafts.page_lines(draft.form),
        "faults": faults,
        "errors": errors,
        "grown": _growth(draft) if not faults else None,
        "no_reason": no_reason,
        "by": form_drafts.names_of([draft]).get(draft.by_id, ""),
        "can_undo": form_history.can_undo(draft),
        "also_here": form_history.also_here(draft.code, user_id=user_id(request), at=now()),
        "may_publish": bool(may(actor(request), "forms.publish")),
    }
    return render(request, "workspace/forms/draft.html", context, status=422 if errors else 200)


def _growth(draft: Version) -> tasks.Growth | None:
    """What publishing it would do to a key task."""
    published = next((one for one in queries.versions(draft.code) if one.state == "published"), None)
    return tasks.growth_by_form(published.form if published else None, draft.form, today=council_date(now()))


@editor
def about(request: HttpRequest, draft: Version) -> HttpResponse:
    form = AboutForm(request.POST if request.method == "POST" else None, form=draft.form)
    if form.is_valid():
        keep(request, draft, replace(draft.form, **form.cleaned_data))
        messages.success(request, _("Saved."))
        return redirect("workspace:form-draft", draft.code)
    context = {"draft": draft, "form": form, "title": _("About the form")}
    return render(request, "workspace/forms/fields.html", context, status=422 if form.errors else 200)
