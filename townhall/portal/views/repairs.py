"""The visit for a repair: choose a time from the housing system's diary, book it, change it, call it off. Opened by a signed link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.core.access import public
from townhall.core.time import now
from townhall.housing import choosing, diagnosis, queries
from townhall.housing.operations import TimeGone
from townhall.housing.queries import Whole
from townhall.housing.states import VisitState
from townhall.portal.account.web import acting
from townhall.portal.views import limits


@public
@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    whole = _whole(token)
    return _draw(request, "show", token, whole, said=request.GET.get("said", ""), is_open=queries.is_open(whole.repair))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: HttpRequest, token: str) -> HttpResponse:
    """The times that are free just now, and holding one."""
    whole = _whole(token)
    if request.method != "POST":
        gone = str(TimeGone.user_message) if "gone" in request.GET else ""
        return _times(request, token, whole, choosing.Chosen(days=_free(whole), problem=gone))
    if wait := limits.held_up(request, limits.REPORTS):
        return wait
    found = choosing.choose(whole.repair, request.POST.get("slot", "")[:100], by=acting(request), at=now())
    if found.visit is not None:
        return redirect("portal:repair_confirm", token, found.visit.pk)
    return _times(request, token, whole, found)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str, visit_id: UUID) -> HttpResponse:
    """The time that is held, how to get in, and booking it."""
    whole = _whole(token)
    visit = queries.visit(visit_id, repair_id=whole.repair.pk)
    if visit is None:
        raise Http404
    given = request.POST.dict() if request.method == "POST" else {}
    typed = choosing.typed_of(given, whole.repair, whole.booked)
    problems: dict[str, str] = {}
    if request.method == "POST":
        done = choosing.confirm(visit.pk, typed, by=acting(request), at=now())
        if done.is_gone:
            return redirect(f"{reverse('portal:repair_times', args=[token])}?gone")
        if done.visit is not None:
            return redirect(f"{reverse('portal:repair', args=[token])}?said={choosing.said_of(done.visit)}")
        problems = dict(done.problems)
    elif visit.state != VisitState.HELD:
        return redirect("portal:repair", token)
    return _draw(request, "confirm", token, whole, problems=problems, visit=visit, typed=typed)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    whole, problems = _whole(token), {}
    if request.method == "POST":
        problem = choosing.cancelled(whole.repair, request.POST.get("needed", ""), by=acting(request), at=now())
        if not problem:
            return redirect(f"{reverse('portal:repair', args=[token])}?said=cancelled")
        problems["needed"] = problem
    return _draw(request, "cancel", token, whole, problems=problems)


def _free(whole: Whole) -> Any:
    return queries.free_times(whole.repair, at=now())


def _times(request: HttpRequest, token: str, whole: Whole, found: choosing.Chosen) -> HttpResponse:
    return _draw(
        request,
        "times",
        token,
        whole,
        problems={"slot": found.problem} if found.problem else {},
        days=found.days,
        chosen=found.chosen,
        within=diagnosis.DAYS[whole.repair.urgency],
    )


def _whole(token: str) -> Whole:
    repair_id = queries.repair_in(token)
    found = queries.whole(repair_id) if repair_id else None
    if found is None:
        raise Http404
    return found


def _draw(
    request: HttpRequest,
    step: str,
    token: str,
    whole: Whole,
    *,
    problems: dict[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    found = problems or {}
    shown = {
        "step": step,
        "token": token,
        "whole": whole,
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}" if field else ""} for field, text in found.items()],
        **context,
    }
    return render(request, f"portal/repairs/{step}.html", shown, status=422 if found else 200)
