"""Finding a service and reading what the council does about it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import NotFound


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"groups": catalogue.groups()})


@public
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:200]
    found = catalogue.search(typed) if typed else catalogue.services()
    return render(request, "portal/services.html", {"typed": typed, "found": found})


@public
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Choose the problem: search first, then the list by group."""
    typed = request.GET.get("q", "").strip()[:200]
    context = {"typed": typed, "found": catalogue.search(typed) if typed else [], "groups": catalogue.groups()}
    return render(request, "portal/report.html", context)


@public
@require_safe
def service(request: HttpRequest, code: str) -> HttpResponse:
    try:
        entry = catalogue.entry(code)
    except NotFound as error:
        raise Http404 from error
    if not entry.is_live:
        raise Http404
    return render(request, "portal/service.html", {"pack": entry.pack, "updated_at": entry.updated_at})
