"""How we decide: the rules behind an automatic decision, in words, for anybody."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from townhall.benefits import queries
from townhall.core.access import public
from townhall.core.errors import NotFound


@public
@require_safe
def how_we_decide(request: HttpRequest, page: str) -> HttpResponse:
    """The version in use, or another one that was published with `?version=`."""
    try:
        versions = queries.by_page(page)
    except NotFound as error:
        raise Http404 from error
    asked = request.GET.get("version", "")
    row = next((one for one in versions if str(one.version) == asked), None) if asked else versions[0]
    if row is None:
        raise Http404
    context = {"row": row, "rules": queries.rules_of(row), "versions": versions, "page": page}
    return render(request, "portal/how_we_decide.html", context)
