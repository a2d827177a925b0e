"""Repairs in council homes for staff: whom to look after, and choosing a time with whoever is on the phone or at the counter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.time import council_date, now
from townhall.housing import choosing, diagnosis, queries
from townhall.housing.operations import TimeGone
from townhall.housing.queries import Whole
from townhall.housing.states import VisitState
from townhall.ledger import operations as ledger
from townhall.workspace.views.desk import draw

MAY = "repairs.manage"


@staff(may=MAY)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """What needs somebody, repairs without a time, and the visits to come."""
    at = now()
    ledger.looked(by=actor(request), at=at, customer_id=None, page="repairs.list")
    return draw(
        request,
        "repairs",
        trouble=queries.to_look_at(at=at),
        without_time=queries.without_time(limit=50),
        visits=queries.booked_from(council_date(at)),
    )


@staff(may=MAY)
@never_cache
@require_safe
def show(request: HttpRequest, repair_id: UUID) -> HttpResponse:
    whole = _whole(request, repair_id)
    return _draw(request, "repair", whole, is_open=queries.is_open(whole.repair))


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: HttpRequest, repair_id: UUID) -> HttpResponse:
    whole, at = _whole(request, repair_id), now()
    if request.method == "POST":
        found = choosing.choose(whole.repair, request.POST.get("slot", "")[:100], by=actor(request), at=at)
        if found.visit is not None:
            return redirect("workspace:repair_confirm", repair_id, found.visit.pk)
    else:
        gone = str(TimeGone.user_message) if "gone" in request.GET else ""
        found = choosing.Chosen(days=queries.free_times(whole.repair, at=at), problem=gone)
    problems = {"slot": found.problem} if found.problem else {}
    within = diagnosis.DAYS[whole.repair.urgency]
    return _draw(request, "repair_times", whole, problems=problems, days=found.days, chosen=found.chosen, within=within)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, repair_id: UUID, visit_id: UUID) -> HttpResponse:
    whole = _whole(request, repair_id)
    visit = queries.visit(visit_id, repair_id=repair_id)
    if visit is None:
        raise Http404
    given = request.POST.dict() if request.method == "POST" else {}
    typed = choosing.typed_of(given, whole.repair, whole.booked)
    problems: dict[str, str] = {}
    if request.method == "POST":
        done = choosing.confirm(visit.pk, typed, by=actor(request), at=now())
        if done.is_gone:
            return redirect(f"{reverse('workspace:repair_times', args=[repair_id])}?gone")
        if done.visit is not None:
            is_booked = choosing.said_of(done.visit) == "booked"
            messages.success(request, _("The visit is booked.") if is_booked else _("The choice is kept."))
            return redirect("workspace:repair", repair_id)
        problems = dict(done.problems)
    elif visit.state != VisitState.HELD:
        return redirect("workspace:repair", repair_id)
    return _draw(request, "repair_confirm", whole, problems=problems, visit=visit, typed=typed)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, repair_id: UUID) -> HttpResponse:
    whole, problems = _whole(request, repair_id), {}
    if request.method == "POST":
        problem = choosing.cancelled(whole.repair, request.POST.get("needed", ""), by=actor(request), at=now())
        if not problem:
            messages.success(request, _("The visit is cancelled."))
            return redirect("workspace:repair", repair_id)
        problems["needed"] = problem
    return _draw(request, "repair_cancel", whole, problems=problems)


def _whole(request: HttpRequest, repair_id: UUID) -> Whole:
    """The repair; that it was looked at is kept."""
    found = queries.whole(repair_id)
    if found is None:
        raise Http404
    repair = found.repair
    ledger.looked(by=actor(request), at=now(), customer_id=repair.customer_id, case_id=repair.case_id, page="repair")
    return found


def _draw(request: HttpRequest, template: str, whole: Whole, **context: Any) -> HttpResponse:
    return draw(request, template, whole=whole, **context)
