"""The complaints procedure: every version, and a new one from a day on. What began under a version ends under it."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts import directory
from townhall.accounts.models import Role
from townhall.accounts.permissions import may, require
from townhall.accounts.web import actor
from townhall.clocks.models import Calendar
from townhall.complaints import procedures
from townhall.complaints.models import Procedure
from townhall.complaints.procedures import NewProcedure, StageRule
from townhall.complaints.queries import SEE
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, now
from townhall.workspace.views.typing_in import chosen, day, errors_of, number, problems_of, typed

_DAYS = ("acknowledge_days", "reply_days", "extend_days")
_OWNERS = (Role.OFFICER, Role.TEAM_MANAGER, Role.SENIOR_MANAGER)


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    every, problems = procedures.every(), {}
    given: dict[str, object] = _as_now(every[0])
    if request.method == "POST":
        require(by, procedures.MANAGE)
        names = [f"{name}_{stage}" for stage in (1, 2) for name in _DAYS]
        text = typed(request, "from_on", "enquiry_days", "ombudsman", "calendar", "officer_post", "why", *names)
        owners = {f"owners_{stage}": chosen(request, f"owners_{stage}") for stage in (1, 2)}
        given = {**text, **owners}
        try:
            made = procedures.publish(_new(text, owners), by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="why")
        else:
            messages.success(request, _("Version %(number)d holds from its day on.") % {"number": made.number})
            return redirect("workspace:complaint_procedure")
    today = council_date(at)
    context = {
        "every": every,
        "current": procedures.in_force(today),
        "may_change": may(by, procedures.MANAGE).allowed,
        "calendars": [(one.code, one.name) for one in Calendar.objects.filter(kind="working_days").order_by("name")],
        "posts": [("", _("Nobody in particular")), *((str(one.id), one.title) for one in directory.all_posts())],
        "roles": [(role.value, role.label) for role in _OWNERS],
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/complaints/procedure.html", context, status=422 if problems else 200)


def _as_now(procedure: Procedure) -> dict[str, object]:
    """What a new version begins with: the newest one, but for its day and its reason."""
    found: dict[str, object] = {
        "from_on": "",
        "why": "",
        "enquiry_days": procedure.enquiry_days,
        "ombudsman": procedure.ombudsman,
        "calendar": procedure.calendar,
        "officer_post": str(procedure.officer_post_id or ""),
    }
    for stage in procedure.stages.all():
        found |= {f"{name}_{stage.number}": getattr(stage, name) for name in _DAYS}
        found[f"owners_{stage.number}"] = stage.owners
    return found


def _new(text: Mapping[str, str], owners: Mapping[str, list[str]]) -> NewProcedure:
    """Raises BadInput."""
    words = _("Enter a number of working days")
    stages = [
        StageRule(
            **{name: number(text[f"{name}_{stage}"], f"{name}_{stage}", words) for name in _DAYS},
            owners=owners[f"owners_{stage}"],
        )
        for stage in (1, 2)
    ]
    return NewProcedure(
        from_on=day(text["from_on"], "from_on"),
        stages=stages,
        enquiry_days=number(text["enquiry_days"], "enquiry_days", words),
        ombudsman=text["ombudsman"],
        calendar=text["calendar"],
        officer_post=as_uuid(text["officer_post"]),
        why=text["why"],
    )
