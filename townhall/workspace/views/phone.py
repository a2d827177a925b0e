"""Calls in figures, the upload of what a phone system kept, and who is behind which line."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.connectors.models import Connector
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.telephony.calls import lines, measures, setting, uploading
from townhall.telephony.calls.measures import Figures
from townhall.telephony.models import PhoneLine
from townhall.ui.words import time_of_day
from townhall.workspace.bars import bars
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import day, line, whole

SEE, MANAGE = "phone.see", lines.MANAGE
LONGEST = timedelta(days=366)


@staff(may=SEE)
@never_cache
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """One day, or from one day to another (`first_on`, `last_on`)."""
    today = council_date(now())
    first_on, last_on = _asked(request, today)
    since, until = measures.days(first_on, last_on)
    rows = measures.by_half_hour(since=since, until=until) if first_on == last_on else []
    spoken, automated = (measures.total(since=since, until=until, automated=one) for one in (False, True))
    both = spoken.answered + automated.answered
    context = {
        "first_on": first_on,
        "last_on": last_on,
        "total": spoken,
        "automated": automated,
        "automated_share": round(100 * automated.answered / both, 1) if both else None,
        "queues": [(lines.queue_name(code), one) for code, one in measures.by_queue(since=since, until=until)],
        "half_hours": rows,
        "picture": bars(
            [(time_of_day(at), one.offered) for at, one in rows],
            label=_("Calls offered in each half-hour; the table has the figures"),
        ),
        "standard": measures.standard(last_on),
        "may_manage": bool(may(actor(request), MANAGE)),
        "may_operate": bool(may(actor(request), "contacts.log")),
        "shown": shown,
    }
    return render(request, "workspace/phone/figures.html", context)


def shown(one: Figures) -> list[str]:
    """A row of a table of figures, in the order of its headings."""
    return [
        str(one.offered),
        str(one.answered),
        percent(one.service_level),
        seconds(one.average_wait),
        seconds(one.average_handling),
        percent(one.abandon_rate),
        percent(one.transfer_rate),
    ]


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:g}%"


def seconds(value: int | None) -> str:
    if value is None:
        return "–"
    return _("%(seconds)d s") % {"seconds": value} if value < 120 else f"{value // 60}:{value % 60:02d} min"


def _asked(request: HttpRequest, today: date) -> tuple[date, date]:
    first_on = day(request.GET.get("first_on", "")) or measures.last_day(today)
    last_on = day(request.GET.get("last_on", "")) or first_on
    return (first_on, last_on) if first_on <= last_on <= first_on + LONGEST else (today, today)


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    done, problems = None, {}
    if request.method == "POST":
        file = request.FILES.get("file")
        platform = line(request.POST, "platform", longest=60) or "upload"
        if file is None:
            problems = {"file": _("Select a CSV file")}
        else:
            try:
                done = uploading.upload(file.read(), platform=platform, by=actor(request), at=now())
            except BadInput as error:
                problems = error.problems
    context = {
        "done": done,
        "problems": problems,
        "errors": errors_of(problems),
        "headings": uploading.HEADINGS,
        "platforms": _platforms(),
    }
    return render(request, "workspace/phone/upload.html", context, status=422 if problems else 200)


def _platforms() -> list[tuple[str, str]]:
    known = Connector.objects.filter(kind="phone").order_by("name").values_list("code", "name")
    return [*known, ("upload", _("Another system, by file only"))]


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lines_page(request: HttpRequest) -> HttpResponse:
    """Which agent of a phone platform is whom, what its queues are about, and how calls are measured. `what` says which form was sent."""
    if request.method != "POST":
        return _lines_page(request, {})
    by, at = actor(request), now()
    typed = {name: line(request.POST, name) for name in _TYPED}
    try:
        match request.POST.get("what"):
            case "queue":
                team = as_uuid(typed["team"])
                setting.set_queue(
                    typed["code"], name=typed["name"], service_code=typed["service"], team_id=team, by=by, at=at
                )
            case "standard":
                numbers = {name: _number(typed[name]) for name in _NUMBERS}
                setting.set_standard(day(typed["from_on"]), **numbers, by=by, at=at)
            case _:
                lines.connect_line(typed["platform"], typed["agent"], typed["email"], by=by, at=at)
    except BadInput as error:
        return _lines_page(request, error.problems)
    messages.success(request, _("It holds from now on."))
    return redirect("workspace:phone_lines")


_NUMBERS = ("answer_seconds", "short_seconds", "target_percent")
_TYPED = ("platform", "agent", "email", "code", "name", "service", "team", "from_on", *_NUMBERS)


def _number(typed: str) -> int:
    found = whole(typed)
    return -1 if found is None else found


def _lines_page(request: HttpRequest, problems: dict[str, str]) -> HttpResponse:
    today = council_date(now())
    standard = measures.standard(today)
    typed = {name: line(request.POST, name) for name in _TYPED}
    if request.POST.get("what") != "standard":
        typed |= {name: str(getattr(standard, name)) for name in _NUMBERS} | {"from_on": today.isoformat()}
    rows = PhoneLine.objects.select_related("user").order_by("platform", "agent")[:1_000]
    teams = {one.id: one.name for one in directory.all_teams()}
    context = {
        "rows": rows,
        "queues": [
            [
                one.code,
                one.name,
                service_name(one.service_code) if one.service_code else "–",
                teams.get(one.team_id, "–") if one.team_id else "–",
            ]
            for one in lines.all_queues()
        ],
        "services": [("", _("None")), *sorted((pack.code, pack.name) for pack in catalogue.services())],
        "teams": [("", _("None")), *((str(key), name) for key, name in teams.items())],
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "platforms": _platforms(),
        "count": ngettext("%(num)d line", "%(num)d lines", len(rows)) % {"num": len(rows)},
    }
    return render(request, "workspace/phone/lines.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def end_line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    try:
        lines.end_line(line_id, by=actor(request), at=now())
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    return redirect("workspace:phone_lines")
