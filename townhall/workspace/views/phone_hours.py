"""Telephone hours compared with the corporate day and the counters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput
from townhall.core.time import council_date, now
from townhall.registers.models import Row
from townhall.telephony import consistency
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.corporate import set_day
from townhall.telephony.night.report import corporate_day
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import line, time_of

TIMES = ("opens", "closes", "early_from", "late_until")
REGISTER = "hours-shortfalls"


@staff(may="phone.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def compared(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    typed = {name: line(request.POST, name) for name in TIMES}
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            set_day({name: time_of(value) for name, value in typed.items()}, by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("The corporate day is changed."))
            return redirect("workspace:hours_consistency")
    day = corporate_day()
    found = consistency.shortfalls(on=council_date(at))
    rows = dict(Row.objects.filter(register_id=REGISTER, key__in=[one.key for one in found]).values_list("key", "pk"))
    if request.method != "POST":
        typed = {name: getattr(day, name).strftime("%H:%M") for name in TIMES}
    context = {
        "shortfalls": [(one, rows.get(one.key)) for one in found],
        "against": consistency.against_words(),
        "day": day,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_manage": bool(may(by, MANAGE)),
        "may_register": bool(may(by, "registers.see")),
    }
    return render(request, "workspace/phone/hours_compared.html", context, status=422 if problems else 200)
