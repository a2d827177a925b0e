"""First-contact resolution by service and month, against the goal; and how long after a contact a repeat counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.contacts import coming_back
from townhall.contacts.coming_back import GOAL, Resolved
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date, now
from townhall.workspace import queue
from townhall.workspace.views.typing_in import errors_of, problems_of, typed

MONTHS = 12
FEW = 5  # fewer are said as such: a share of them says nothing, and may show who it was


@staff(may="figures.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resolution(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, "service", "days"), {}
    by, at = actor(request), now()
    if request.method == "POST":
        try:
            days = int(words["days"]) if words["days"].isdecimal() and len(words["days"]) < 4 else 0
            coming_back.set_days(words["service"], days, by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="days")
        else:
            messages.success(request, _("That is how long a repeat counts from now on."))
            return redirect("workspace:resolution")
    today = council_date(at)
    since, until = _month(today, -MONTHS + 1), _month(today, 1)
    found = coming_back.by_month(since=since, until=until)
    of = request.GET.get("service", "")
    context = {
        "months": _by_month([one for one in found if not of or one.service == of]),
        "found": [one for one in found if not of or one.service == of],
        "of": of,
        "goal": GOAL,
        "month_name": lambda day: date_format(day, "F Y"),
        "few": FEW,
        "service_name": queue.service_name,
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "windows": [(pack.name, coming_back.days_of(pack.code)) for pack in catalogue.services()],
        "usual": coming_back.USUAL_DAYS,
        "may_set": may(by, coming_back.SET).allowed,
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/resolution.html", context, status=422 if problems else 200)


def _by_month(found: Sequence[Resolved]) -> list[Resolved]:
    """All services together, the latest month first."""
    months: dict[date, list[Resolved]] = {}
    for one in found:
        months.setdefault(one.month, []).append(one)
    return [
        Resolved(
            service="",
            month=month,
            contacts=sum(one.contacts for one in rows),
            first=sum(one.first for one in rows),
            resolved=sum(one.resolved for one in rows),
            referred=sum(one.referred for one in rows),
            reopened=sum(one.reopened for one in rows),
        )
        for month, rows in sorted(months.items(), reverse=True)
    ]


def _month(day: date, later: int) -> date:
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
