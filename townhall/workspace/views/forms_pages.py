"""One page of a form's draft, and the questions and words on it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from msgspec.structs import replace

from townhall.core.errors import NotFound
from townhall.forms import editing
from townhall.forms.definition import CHECK, Route
from townhall.forms.queries import Version
from townhall.forms.questions import Asked, Group
from townhall.workspace import form_drafts
from townhall.workspace.form_fields import INSIDE_GROUPS, KINDS, PageForm, PartForm, kind_of, kind_words
from townhall.workspace.views.forms_draft import editor, keep, to_page


@editor
def new(request: HttpRequest, draft: Version) -> HttpResponse:
    form = PageForm(request.POST if request.method == "POST" else None, form=draft.form)
    if form.is_valid():
        whole, page = form.made_form_and_page()
        keep(request, draft, editing.add_page(whole, page))
        return redirect("workspace:form-page", draft.code, page.code)
    context = {"draft": draft, "form": form, "title": _("New page")}
    return render(request, "workspace/forms/fields.html", context, status=422 if form.errors else 200)


@editor
def page(request: HttpRequest, draft: Version, page: str) -> HttpResponse:
    """Its own words; what is on it; where it leads."""
    found = editing.page_of(draft.form, page)
    form = PageForm(request.POST if request.method == "POST" else None, form=draft.form, page=found)
    if form.is_valid():
        whole, changed = form.made_form_and_page()
        keep(request, draft, editing.change_page(whole, page, lambda _old: changed))
        return to_page(draft.code, page)
    others = [one.code for one in draft.form.pages if one.code != page]
    context = {
        "draft": draft,
        "form": form,
        "line": next(line for line in form_drafts.page_lines(draft.form) if line.page.code == page),
        "kinds": [(code, words) for code, (_made, words) in KINDS.items()],
        "inside": [(code, KINDS[code][1]) for code in INSIDE_GROUPS],
        "targets": [(code, form_drafts.heading_of(draft.form, code)) for code in (*others, CHECK)],
    }
    return render(request, "workspace/forms/page.html", context, status=422 if form.errors else 200)


@editor
def add(request: HttpRequest, draft: Version, page: str) -> HttpResponse:
    """Which type of part was chosen; its own page follows."""
    kind, group = request.GET.get("kind", ""), request.GET.get("group", "")
    found = editing.page_of(draft.form, page)
    if kind not in KINDS or (group and not isinstance(editing.part_at(found, group), Group)):
        raise NotFound
    form = PartForm(request.POST if request.method == "POST" else None, form=draft.form, kind=kind)
    if form.is_valid():
        part = form.made_part()
        keep(
            request, draft, editing.change_page(draft.form, page, lambda one: editing.add_part(one, part, group=group))
        )
        return redirect("workspace:form-page", draft.code, page)
    context = {
        "draft": draft,
        "form": form,
        "title": KINDS[kind][1],
        "caption": form_drafts.heading_of(draft.form, page),
        "page": page,
    }
    return render(request, "workspace/forms/fields.html", context, status=422 if form.errors else 200)


@editor
def part(request: HttpRequest, draft: Version, page: str, place: str) -> HttpResponse:
    old = editing.part_at(editing.page_of(draft.form, page), place)
    form = PartForm(request.POST if request.method == "POST" else None, form=draft.form, kind=kind_of(old), part=old)
    if form.is_valid():
        new_part = form.made_part()
        changed = editing.change_page(draft.form, page, lambda one: editing.put_part(one, place, new_part))
        if isinstance(old, Asked) and isinstance(new_part, Asked):
            changed = editing.recoded(changed, old.code, new_part.code)
        keep(request, draft, changed)
        return redirect("workspace:form-page", draft.code, page)
    context = {
        "draft": draft,
        "form": form,
        "title": kind_words(old),
        "caption": form_drafts.heading_of(draft.form, page),
        "page": page,
    }
    return render(request, "workspace/forms/fields.html", context, status=422 if form.errors else 200)


@editor
def ways(request: HttpRequest, draft: Version, page: str) -> HttpResponse:
    """A new way on from the page: where to. Its condition is asked next."""
    found, to = editing.page_of(draft.form, page), request.POST.get("to", "")
    if request.method != "POST" or (to != CHECK and draft.form.page(to) is None):
        raise NotFound
    changed = editing.change_page(draft.form, page, lambda one: replace(one, next=(*one.next, Route(to=to))))
    keep(request, draft, changed)
    return redirect("workspace:form-rule", draft.code, page, f"way-{len(found.next)}")
