"""Beginning a report, or going on with one that was left."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.forms.errors import DraftGone
from townhall.inclusion import restricting
from townhall.portal.views.steps import forget_draft, journey_of, path_of


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str) -> HttpResponse:
    """To the first page. Answers of a report that was not sent are offered again; posting here begins afresh."""
    try:
        journey = journey_of(request, code)
    except NotFound as error:
        raise Http404 from error
    except DraftGone:
        return _afresh(code)
    if restricting.closed(code, "web"):
        return redirect("portal:service", code)
    draft = journey.draft
    if request.method == "POST" or (draft is not None and draft.result_id is not None):
        return _afresh(code)
    if draft is None:
        return redirect("portal:where", code)
    context = {"journey": journey, "pack": journey.pack, "next": path_of(journey, journey.first_missing())}
    return render(request, "portal/journey/resume.html", context)


def _afresh(code: str) -> HttpResponse:
    answer = redirect("portal:where", code)
    forget_draft(answer, code)
    return answer
