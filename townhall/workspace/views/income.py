"""Income over time, by method, by what was paid for, or by site: a table, a picture and a file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.money import Pence, pounds
from townhall.core.time import council_date, now
from townhall.payments import income, queries
from townhall.payments.income import IncomeLine
from townhall.payments.models import Method
from townhall.places.models import Site
from townhall.ui.words import long_date
from townhall.workspace.bars import bars

BY = {
    "kind_code": gettext_lazy("What was paid for"),
    "method": gettext_lazy("Method of payment"),
    "site_code": gettext_lazy("Site"),
}
STEPS = {"month": gettext_lazy("By month"), "day": gettext_lazy("By day")}
LONGEST = timedelta(days=10 * 366)


@dataclass(frozen=True, kw_only=True)
class Asked:
    first_on: date
    last_on: date
    by: str
    step: str


@staff(may="income.see")
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    asked, problem = _asked(request)
    lines = income.report(
        first_on=asked.first_on, last_on=asked.last_on, by=asked.by, step=asked.step, seen_by=actor(request)
    )
    totals: dict[date, int] = {}
    for line in lines:
        totals[line.since] = totals.get(line.since, 0) + line.net_pence
    context = {
        "asked": asked,
        "problems": {"first_on": problem} if problem else {},
        "errors": [{"text": problem, "href": "#first_on"}] if problem else [],
        "lines": lines,
        "total": Pence(sum(line.net_pence for line in lines)),
        "names": _names(asked.by),
        "since_words": lambda on: on.strftime("%B %Y") if asked.step == "month" else long_date(on),
        "by": list(BY.items()),
        "steps": list(STEPS.items()),
        "picture": bars(
            [(on.strftime("%b %y" if asked.step == "month" else "%d %b"), pence) for on, pence in totals.items()],
            label=_("Income over time; the table has the figures"),
        ),
        "query": request.GET.urlencode(),
    }
    return render(request, "workspace/money/income.html", context, status=422 if problem else 200)


@staff(may="income.see")
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    asked, _problem = _asked(request)
    names = _names(asked.by)
    written = StringIO()
    table = csv.writer(written)
    table.writerow(["since", asked.by, "name", "payments", "pounds", "refunds", "pounds_refunded", "pounds_net"])
    for line in income.report(
        first_on=asked.first_on, last_on=asked.last_on, by=asked.by, step=asked.step, seen_by=actor(request)
    ):
        table.writerow(_row(line, names))
    answer = HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="income-{asked.first_on}-{asked.last_on}.csv"'
    return answer


def _row(line: IncomeLine, names: dict[str, str]) -> list[object]:
    plain = [
        pounds(Pence(pence)).replace("£", "").replace(",", "")
        for pence in (line.pence, line.refunded_pence, line.net_pence)
    ]
    return [
        line.since.isoformat(),
        line.what,
        names.get(line.what, line.what),
        line.payments,
        plain[0],
        line.refunds,
        plain[1],
        plain[2],
    ]


def _asked(request: HttpRequest) -> tuple[Asked, str]:
    """What to report, the last twelve months unless told otherwise, and what is wrong with what was typed."""
    today = council_date(now())
    usual = Asked(first_on=date(today.year - 1, today.month, 1), last_on=today, by="kind_code", step="month")
    by = request.GET.get("by", "")
    step = request.GET.get("step", "")
    chosen = {"by": by if by in BY else usual.by, "step": step if step in STEPS else usual.step}
    try:
        first_on = date.fromisoformat(request.GET.get("first_on") or usual.first_on.isoformat())
        last_on = date.fromisoformat(request.GET.get("last_on") or usual.last_on.isoformat())
    except ValueError:
        return Asked(first_on=usual.first_on, last_on=usual.last_on, **chosen), _("Enter a real date, like 27/3/2026")
    if not first_on <= last_on <= first_on + LONGEST:
        wrong = _("The first day must be before the last, and at most ten years earlier")
        return Asked(first_on=usual.first_on, last_on=usual.last_on, **chosen), wrong
    return Asked(first_on=first_on, last_on=last_on, **chosen), ""


def _names(by: str) -> dict[str, str]:
    if by == "method":
        return {str(value): str(label) for value, label in Method.choices}
    if by == "site_code":
        return {"": _("No site (online)"), **dict(Site.objects.values_list("code", "name"))}
    return {kind.code: kind.name for kind in queries.kinds()}
