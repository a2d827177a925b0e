"""What forms saved, per form, per month and in all, with what it is worked out from (FORM-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput
from townhall.core.time import council_date, now
from townhall.forms import queries as forms
from townhall.insight import savings
from townhall.insight.models import UnitCost
from townhall.insight.savings import Amounts
from townhall.workspace.bars import bars
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.views.website import SEE
from townhall.workspace.website_inputs import amount, day, line

YEAR = timedelta(days=365)
REPORT = "report"  # the drafts of street reports
_AMOUNTS = ("printed_forms", "letters", "minutes_before", "minutes_now")
_FIELDS = ("do", "what", "pence", "source", "form_code", "from_on", *_AMOUNTS)


def titles() -> dict[str, str]:
    """Each form by its code."""
    return {REPORT: _("Street and waste reports"), **{one.code: one.title for one in forms.forms()}}


@staff(may=SEE)
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The last twelve months."""
    since = (council_date(now()) - YEAR).replace(day=1)
    found, names = savings.report(since=since), titles()
    by_form = sorted(found.by_form.items(), key=lambda one: (-one[1].pence, one[0]))
    by_month = sorted(found.by_month.items())
    context = {
        "since": since,
        "total": found.total,
        "unknown": sorted(found.unknown),
        "unknown_words": {**dict(UnitCost.What.choices), "minutes": _("What a form does away with")},
        "by_form": [(names.get(code, code), code, saved) for code, saved in by_form],
        "by_month": [(month.strftime("%B %Y"), saved) for month, saved in reversed(by_month)],
        "picture": bars(
            [(month.strftime("%b %y"), int(saved.pence)) for month, saved in by_month],
            label=_("Saved by month; the table has the figures"),
        ),
        "may_manage": bool(may(actor(request), savings.MAY)),
    }
    return render(request, "workspace/website/savings.html", context)


@staff(may=savings.MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: HttpRequest) -> HttpResponse:
    """The unit costs, and what each form does away with, from which day on."""
    problems: dict[str, str] = {}
    typed = {"from_on": council_date(now()).isoformat()}
    if request.method == "POST":
        typed = {name: line(request.POST, name) for name in _FIELDS}
        try:
            _kept(request, typed)()
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("Kept. The figures from that day on follow it."))
            return redirect("workspace:website_costs")
    names = titles()
    context = {
        "costs": savings.costs(),
        "savings": [(names.get(one.form_code, _("All other forms")), one) for one in savings.savings()],
        "whats": [("", _("Select one")), *UnitCost.What.choices],
        "forms": [("", _("All other forms")), *sorted(names.items(), key=lambda one: one[1])],
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/website/costs.html", context, status=422 if problems else 200)


def _kept(request: HttpRequest, typed: dict[str, str]) -> Callable[[], object]:
    by, at, from_on = actor(request), now(), day(typed["from_on"])
    if typed["do"] == "cost":
        pence = amount(typed["pence"])
        return lambda: savings.set_cost(
            typed["what"], from_on=from_on, pence=pence, source=typed["source"], by=by, at=at
        )
    given = {name: amount(typed[name]) for name in _AMOUNTS}
    code = typed["form_code"] if typed["form_code"] in titles() else ""
    return lambda: savings.set_saving(code, from_on=from_on, amounts=Amounts(**given), by=by, at=at)
