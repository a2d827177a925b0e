"""Results of surveys by service and channel, how many are asked, and what is to be put right."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may, require
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.feedback import answering, counting, queries, setting
from townhall.feedback.models import Point
from townhall.ledger import operations as ledger
from townhall.workspace.queue import service_name
from townhall.workspace.views.typing_in import errors_of, number, problems_of, typed

_RULE = ("point", "service", "sample_percent", "gap_days")


@staff(may=answering.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def results(request: HttpRequest) -> HttpResponse:
    """A month of one point or of both; and the settings, for managers."""
    by, at = actor(request), now()
    problems: dict[str, str] = {}
    given = {"point": Point.CASE_CLOSED.value, "service": "", "sample_percent": "", "gap_days": ""}
    if request.method == "POST":
        require(by, answering.MANAGE)
        given = typed(request, *_RULE)
        try:
            setting.set_rule(
                point=given["point"],
                service_code=given["service"],
                sample_percent=number(given["sample_percent"], "sample_percent", _("Enter a number from 0 to 100")),
                gap_days=number(given["gap_days"], "gap_days", _("Enter a number of days")),
                by=by,
                at=at,
            )
        except RuleBroken as error:
            problems = problems_of(error, field="point")
        else:
            messages.success(request, _("It holds from now on."))
            return redirect("workspace:surveys")
    point = request.GET.get("point", "") if request.GET.get("point") in Point.values else ""
    months = counting.months()
    month = _month(request.GET.get("month", ""), months)
    context = {
        "months": [(one.isoformat(), dateformat.format(one, "F Y")) for one in months],
        "month": month,
        "point": point,
        "points": [("", _("Both")), *Point.choices],
        "whole": counting.whole(month, point=point),
        "services": counting.by_service(month, point=point),
        "channels": counting.by_channel(month, point=point),
        "service_name": service_name,
        "channel_names": contacts.words().all_channels,
        "fewest": counting.FEWEST,
        "to_do": queries.open_recoveries(by),
        "today": council_date(at),
        "rules": queries.rules(),
        "may_manage": may(by, answering.MANAGE).allowed,
        "choices": [
            ("", _("All without a setting of their own")),
            *((one.code, one.name) for one in catalogue.services()),
        ],
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/complaints/surveys.html", context, status=422 if problems else 200)


def _month(text: str, months: list[date]) -> date:
    chosen = next((one for one in months if one.isoformat() == text), None)
    return chosen or (months[0] if months else council_date(now()).replace(day=1))


@staff(may=answering.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """What somebody was not content with, and what was done about it."""
    by, at = actor(request), now()
    try:
        found = queries.recovery(recovery_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=found.customer_id, page="survey.recovery")
    words, problems = typed(request, "words"), {}
    if request.method == "POST":
        try:
            answering.put_right(recovery_id, words=words["words"], by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="words")
        else:
            messages.success(request, _("It is put right."))
            return redirect("workspace:surveys")
    context = {
        "found": found,
        "answer": found.answer,
        "asked": found.answer.asked,
        "service": service_name(found.service_code) if found.service_code else "",
        "may_do": found.state == "open" and may(by, answering.RECOVER).allowed and answering.is_theirs(found, by),
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/complaints/recovery.html", context, status=422 if problems else 200)
