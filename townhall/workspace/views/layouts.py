"""The layouts of letters and emails: worded on screen, each change a version that can be compared, looked at and put back."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.documents import filling, layouts
from townhall.documents.filling import FIELDS, Filled, fill
from townhall.documents.layout_models import Layout, LayoutVersion
from townhall.documents.layouts import KEEP, PARTS, Words
from townhall.knowledge import queries as knowledge
from townhall.ui import paper
from townhall.ui.paper import Sheet
from townhall.workspace.names import names_of
from townhall.workspace.queue import service_name
from townhall.workspace.views.pdf_answers import pdf_answer
from townhall.workspace.views.typing_in import chosen, done, errors_of, problems_of, typed

SEE = "layouts.see"
USUAL = {
    "signature": "{{ writer }}\n{{ post }}\n{{ council }}",
    "accessibility": "To have this in large print, another language or another format, call {{ phone }}.",
}


@staff(may=SEE)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    every = Layout.objects.order_by("withdrawn_at", "title")[:200]
    context = {"layouts": every, "may_keep": may(actor(request), KEEP).allowed, "service_name": service_name}
    return render(request, "workspace/writing/layouts.html", context)


@staff(may=KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    given = {**dict.fromkeys(("title", "kind", "writer", *PARTS), ""), "writer": "officer", **USUAL}
    if request.method != "POST":
        return _form(request, given, layout=None)
    given = typed(request, "title", "kind", "writer", *PARTS)
    services = chosen(request, "services")
    words = Words(**{part: given[part] for part in PARTS})
    try:
        made = layouts.add(
            given["title"], given["kind"], words, writer=given["writer"], services=services, by=actor(request), at=now()
        )
    except RuleBroken as error:
        return _form(request, given, layout=None, services=services, problems=problems_of(error))
    return redirect("workspace:layout", made.pk)


@staff(may=KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, layout_id: UUID) -> HttpResponse:
    layout = _layout(layout_id)
    used = layouts.version_of(layout, layout.version)
    if request.method != "POST":
        return _form(request, {**{part: getattr(used, part) for part in PARTS}, "note": ""}, layout=layout)
    given = typed(request, *PARTS, "note")
    try:
        layouts.change(
            layout_id,
            Words(**{part: given[part] for part in PARTS}),
            note=given["note"],
            by=actor(request),
            at=now(),
        )
    except RuleBroken as error:
        return _form(request, given, layout=layout, problems=problems_of(error))
    return redirect("workspace:layout", layout_id)


def _form(
    request: HttpRequest,
    given: dict[str, str],
    *,
    layout: Layout | None,
    services: list[str] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    found = problems or {}
    context = {
        "typed": given,
        "layout": layout,
        "chosen": services or [],
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "fields": list(FIELDS.items()),
        "replies": knowledge.replies_for(),
        "problems": found,
        "errors": errors_of(found),
    }
    return render(request, "workspace/writing/layout_form.html", context, status=422 if found else 200)


@staff(may=SEE)
@require_safe
def show(request: HttpRequest, layout_id: UUID) -> HttpResponse:
    layout = _layout(layout_id)
    return _shown(request, layout, layout.version)


@staff(may=SEE)
@require_safe
def version(request: HttpRequest, layout_id: UUID, number: int) -> HttpResponse:
    return _shown(request, _layout(layout_id), number)


def _shown(request: HttpRequest, layout: Layout, number: int) -> HttpResponse:
    shown = _version(layout, number)
    versions = list(layout.versions.order_by("-number"))
    context: dict[str, Any] = {
        "layout": layout,
        "version": shown,
        "versions": versions,
        "names": names_of({one.made_by for one in versions}),
        "sample": sample_of(shown),
        "asked": filling.asked_in(shown),
        "may_keep": may(actor(request), KEEP).allowed,
        "can_print": paper.can_print(),
        "service_name": service_name,
    }
    return render(request, "workspace/writing/layout.html", context)


def sample_of(shown: LayoutVersion) -> Filled:
    """As it looks with each field in its own words."""
    facts = {name: f"[{title}]" for name, title in FIELDS.items()}
    asked = {name: f"[{name}]" for name in filling.asked_in(shown)}
    return fill(shown, facts=facts, typed=asked, more=f"[{_('The writer’s own paragraphs')}]")


@staff(may=SEE)
@require_safe
def compare(request: HttpRequest, layout_id: UUID) -> HttpResponse:
    """Two versions side by side, line by line."""
    layout = _layout(layout_id)
    numbers = [request.GET.get(name, "") for name in ("from", "to")]
    before, after = (_version(layout, int(text) if text.isdecimal() and len(text) < 7 else 0) for text in numbers)
    versions = list(layout.versions.order_by("-number"))
    context = {
        "layout": layout,
        "before": before,
        "after": after,
        "versions": versions,
        "differences": layouts.differences(before, after),
        "names": names_of({before.made_by, after.made_by}),
    }
    return render(request, "workspace/writing/compare.html", context)


@staff(may=KEEP)
@require_POST
def use(request: HttpRequest, layout_id: UUID, number: int) -> HttpResponse:
    act = partial(layouts.put_back, layout_id, number, by=actor(request), at=now())
    words = _("Version %(number)s is in use.") % {"number": number}
    return done(request, act, words, to="workspace:layout", arguments=(layout_id,))


@staff(may=KEEP)
@require_POST
def withdraw(request: HttpRequest, layout_id: UUID) -> HttpResponse:
    back = "back" in request.POST
    act = partial(layouts.withdraw, layout_id, back=back, by=actor(request), at=now())
    words = _("The layout is in use again.") if back else _("The layout is offered to nobody any more.")
    return done(request, act, words, to="workspace:layout", arguments=(layout_id,))


@staff(may=SEE)
@require_safe
def pdf(request: HttpRequest, layout_id: UUID, number: int) -> HttpResponse:
    shown = _version(_layout(layout_id), number)
    sample = sample_of(shown)
    sheet = Sheet(
        title=sample.heading,
        body=sample.html,
        on=council_date(now()),
        to=(str(FIELDS["name"]), str(FIELDS["address"])),
        reference=str(FIELDS["reference"]),
        lines=paper.standard_lines(),
    )
    return pdf_answer(sheet, large="large" in request.GET)


def _layout(layout_id: UUID) -> Layout:
    try:
        return layouts.layout_of(layout_id)
    except NotFound as error:
        raise Http404 from error


def _version(layout: Layout, number: int) -> LayoutVersion:
    try:
        return layouts.version_of(layout, number)
    except NotFound as error:
        raise Http404 from error
