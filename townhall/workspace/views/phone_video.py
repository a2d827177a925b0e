"""Telepresence: sessions at places with a camera, where it is switched on, and how much each place is used."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now, start_of
from townhall.places.hours import site_names
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.models import VideoPlace, VideoSession
from townhall.telephony.video import operations, report, rooms
from townhall.workspace.bars import bars
from townhall.workspace.queue import service_name
from townhall.workspace.views.call_backs import month_of
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import line

SEE = "phone.see"


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def video(request: HttpRequest) -> HttpResponse:
    """Start a session, end one's own, and see where it is on. `customer`: with whom."""
    by, at = actor(request), now()
    asked = request.POST if request.method == "POST" else request.GET
    customer = as_uuid(asked.get("customer", ""))
    problems: dict[str, str] = {}
    if request.method == "POST":
        site, _slash, service = line(request.POST, "where").partition("/")
        try:
            operations.start(site, service, customer_id=customer, by=by, at=at)
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"where": str(error.user_message)}
        else:
            return redirect("workspace:video")
    places = list(VideoPlace.objects.select_related("site").order_by("site__name"))
    own = (
        VideoSession.objects.filter(adviser_id=UUID(by.id), ended_at=None).select_related("site").order_by("started_at")
    )
    context = {
        "places": places,
        "choices": [
            (f"{one.site_id}/{code}", f"{one.site.name}: {service_name(code)}")
            for one in places
            if one.is_on
            for code in one.services
        ],
        "sessions": [(one, rooms.provider().link(one.room, as_host=True)) for one in own],
        "customer": customer,
        "service_name": service_name,
        "sites": list(site_names().items()),
        "services": sorted((pack.code, pack.name) for pack in catalogue.services()),
        "problems": problems,
        "errors": errors_of(problems),
        "may_log": bool(may(by, operations.MAY)),
        "may_manage": bool(may(by, MANAGE)),
        "may_figures": bool(may(by, "figures.see")),
    }
    return render(request, "workspace/phone/video.html", context, status=422 if problems else 200)


@staff(may=operations.MAY)
@require_POST
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    try:
        done = operations.end(session_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    return redirect("workspace:contact", done.contact_id)


@staff(may=MANAGE)
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    try:
        operations.set_place(
            line(request.POST, "site"),
            services=request.POST.getlist("services"),
            is_on="is_on" in request.POST,
            by=actor(request),
            at=now(),
        )
    except BadInput as error:
        messages.error(request, " ".join(error.problems.values()))
    else:
        messages.success(request, _("The place is changed."))
    return redirect("workspace:video")


@staff(may="figures.see")
@never_cache
@require_safe
def use(request: HttpRequest) -> HttpResponse:
    first_on, next_on = month_of(request.GET.get("month", ""), council_date(now()))
    rows = report.use(since=start_of(first_on), until=start_of(next_on))
    context = {
        "rows": rows,
        "places": report.by_place(rows),
        "picture": bars(report.by_place(rows), label=_("Sessions at each place; the table has the figures")),
        "service_name": service_name,
        "month": first_on,
        "earlier": (first_on - timedelta(days=1)).strftime("%Y-%m"),
        "later": next_on.strftime("%Y-%m") if next_on <= council_date(now()) else "",
    }
    return render(request, "workspace/phone/video_use.html", context)
