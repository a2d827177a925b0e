"""Out of hours, as staff meet it: what came last night, who is on call, and what people ring for while the council is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.night import queries, report, rota, scripts
from townhall.workspace import spreadsheets
from townhall.workspace.queue import service_name
from townhall.workspace.views.call_backs import month_of
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import line, moment, whole

SEE = "phone.see"


@staff(may="cases.see")
@never_cache
@require_safe
def night(request: HttpRequest) -> HttpResponse:
    """Since last evening, the urgent first; `whose=all` for every team's."""
    by, at = actor(request), now()
    everybody = request.GET.get("whose") == "all" or not by.teams
    since = queries.since_last_evening(at)
    rows = queries.night_list(by=by, since=since, teams=None if everybody else list(by.teams))
    if rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.night")
    context = {
        "rows": rows,
        "since": since,
        "everybody": everybody,
        "service_name": service_name,
        "shown_phone": shown_phone,
        "sees_customer": bool(may(by, "customers.see")),
        "may_figures": bool(may(by, "figures.see")),
    }
    return render(request, "workspace/phone/night.html", context)


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def on_call(request: HttpRequest) -> HttpResponse:
    """The emergency services, who is on call for them in the next weeks, and the standby hours that nobody covers."""
    by, at = actor(request), now()
    problems: dict[str, str] = {}
    names = ("service", "email", "phone", "from_on", "from_at", "until_on", "until_at", "position")
    typed = {name: line(request.POST, name) for name in names}
    if request.method == "POST" and may(by, MANAGE):
        try:
            rota.add_turn(
                typed["service"],
                email=typed["email"],
                phone=typed["phone"],
                starts_at=moment(typed["from_on"], typed["from_at"]),
                ends_at=moment(typed["until_on"], typed["until_at"]),
                position=whole(typed["position"], most=9) or 1,
                by=by,
                at=at,
            )
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("They are on call."))
            return redirect("workspace:on_call")
    elif request.method != "POST":
        typed |= {"from_at": "16:45", "until_at": "08:45", "position": "1"}
    context = {
        "services": scripts.services(at=at),
        "turns": rota.turns(at=at),
        "gaps": rota.gaps(at=at),
        "service_name": service_name,
        "shown_phone": shown_phone,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_manage": bool(may(by, MANAGE)),
    }
    return render(request, "workspace/phone/on_call.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def end_turn(request: HttpRequest, turn_id: UUID) -> HttpResponse:
    try:
        rota.remove_turn(turn_id, by=actor(request), at=now())
    except RuleBroken as error:
        messages.info(request, str(error.user_message))
    return redirect("workspace:on_call")


@staff(may="figures.see")
@never_cache
@require_safe
def demand(request: HttpRequest) -> HttpResponse:
    first_on, next_on = month_of(request.GET.get("month", ""), council_date(now()))
    rows = report.demand(first_on=first_on, last_on=next_on - timedelta(days=1))
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.window] = totals.get(row.window, 0) + row.calls
    context = {
        "rows": rows,
        "totals": totals,
        "windows": report.window_words(),
        "outcomes": report.outcome_words(),
        "service_name": service_name,
        "month": first_on,
        "earlier": (first_on - timedelta(days=1)).strftime("%Y-%m"),
        "later": next_on.strftime("%Y-%m") if next_on <= council_date(now()) else "",
    }
    return render(request, "workspace/phone/night_report.html", context)


@staff(may="figures.see")
@require_safe
def demand_csv(request: HttpRequest) -> StreamingHttpResponse:
    """For a committee: a line for each window, half-hour, service and outcome."""
    first_on, next_on = month_of(request.GET.get("month", ""), council_date(now()))
    rows = report.demand(first_on=first_on, last_on=next_on - timedelta(days=1))
    windows, outcomes = report.window_words(), report.outcome_words()
    head: list[Any] = ["month", "window", "half_hour", "service", "outcome", "calls"]
    table = [
        [
            first_on.strftime("%Y-%m"),
            windows[row.window],
            row.half_hour.strftime("%H:%M"),
            _service(row.service_code),
            outcomes.get(row.outcome, row.outcome),
            row.calls,
        ]
        for row in rows
    ]
    return _file(head, table, f"out-of-hours-{first_on:%Y-%m}.csv")


def _service(code: str) -> str:
    return service_name(code) if code else _("No service told")


def _file(head: list[Any], table: list[list[Any]], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(spreadsheets.lines([head, *table]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
