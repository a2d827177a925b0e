"""Whether the account was there, month by month, as measured from outside; announcing work (ACCT-01)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import LONDON, council_date, now
from townhall.insight import availability
from townhall.insight.models import PlannedWork
from townhall.workspace.bars import bars
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.views.website import SEE
from townhall.workspace.website_inputs import line, moment

_FIELDS = {"on": 10, "from_at": 5, "until_at": 5, "why": 300}
_SPEED_DAYS = timedelta(days=30)
_MONTHS = timedelta(days=395)


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """POST: announce work."""
    at, by = now(), actor(request)
    today, problems, typed = council_date(at), dict[str, str](), dict[str, str]()
    if request.method == "POST":
        typed = {name: line(request.POST, name, longest=longest) for name, longest in _FIELDS.items()}
        begins, ends = (moment(typed["on"], typed[name]) for name in ("from_at", "until_at"))
        try:
            availability.plan(begins, ends, why=typed["why"], by=by, at=at)
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"why": str(error)}
        else:
            messages.success(request, _("The work is announced."))
            return redirect("workspace:website_availability")
    months = availability.months(since=(today - _MONTHS).replace(day=1), at=at)
    speeds = availability.speeds(since=today - _SPEED_DAYS)
    context = {
        "months": months,
        "spoken": lambda when: when.astimezone(LONDON),
        "picture": bars(
            [(one.first_on.strftime("%b %y"), one.lost) for one in reversed(months)],
            label=_("Minutes lost by month; the table has the figures"),
        ),
        "speeds": list(reversed(speeds)),
        "speed_picture": bars(
            [(one.on.strftime("%d %b"), one.slow_ms) for one in speeds],
            label=_("Milliseconds by day; the table has the figures"),
        ),
        "troubles": availability.troubles(since=today - _SPEED_DAYS),
        "planned": list(PlannedWork.objects.filter(until_at__gt=at).order_by("from_at")),
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_plan": bool(may(by, availability.MAY)),
    }
    return render(request, "workspace/website/availability.html", context, status=422 if problems else 200)
