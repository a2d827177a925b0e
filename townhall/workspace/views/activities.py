"""Consultations, forums and focus groups at work: who takes part, findings, and the improvements that follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.outreach import participation
from townhall.outreach.models import Activity
from townhall.outreach.participation import Written
from townhall.outreach.states import ActivityState
from townhall.workspace.views.typing_in import day, done, errors_of, number, problems_of, typed

SEE = "outreach.see"
NAMES = ("kind", "title", "about", "how", "places", "closes_on")


@staff(may=SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def activity_list(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, dict.fromkeys(NAMES, ""))
    words = typed(request, *NAMES)
    try:
        made = participation.write(_read(words), by=actor(request), at=now())
    except RuleBroken as error:
        return _page(request, words, problems=problems_of(error, field="title"))
    return redirect("workspace:activity", made.pk)


def _read(words: dict[str, str]) -> Written:
    """Raises BadInput."""
    return Written(
        kind=words["kind"],
        title=words["title"],
        about=words["about"],
        how=words["how"],
        places=max(number(words["places"], "places", _("Enter how many places there are")), 0),
        closes_on=day(words["closes_on"], "closes_on"),
    )


def _page(
    request: HttpRequest, words: dict[str, str], *, row: Activity | None = None, problems: dict[str, str] | None = None
) -> HttpResponse:
    by, at = actor(request), now()
    may_plan = may(by, participation.PLAN).allowed
    context: dict[str, Any] = {
        "row": row,
        "rows": [] if row else participation.every_activity(),
        "kinds": Activity.Kind.choices,
        "typed": words,
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "may_plan": may_plan,
    }
    if row is not None:
        sees = may_plan and may(by, "customers.see").allowed
        context["volunteers"] = participation.volunteers_of(row.pk, by=by, at=at) if sees else []
        context["improvements"] = participation.improvements(row)
    name = "activity" if row else "activities"
    return render(request, f"workspace/outreach/{name}.html", context, status=422 if problems else 200)


@staff(may=SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    row = Activity.objects.filter(pk=activity_id).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        held = {name: str(getattr(row, name)) for name in NAMES} | {"closes_on": row.closes_on.isoformat()}
        return _page(request, held, row=row)
    words = typed(request, *NAMES)
    try:
        participation.write(_read(words), by=actor(request), at=now(), activity_id=activity_id)
    except RuleBroken as error:
        return _page(request, words, row=row, problems=problems_of(error, field="title"))
    return redirect("workspace:activity", activity_id)


@staff(may=participation.PLAN)
@require_POST
def state(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    by = actor(request)
    then = ActivityState.OPEN if request.POST.get("do") == "open" else ActivityState.CLOSED
    act = lambda: participation.move(activity_id, then, by=by, at=now())  # noqa: E731
    words = _("It is open.") if then is ActivityState.OPEN else _("It is closed.")
    return done(request, act, words, to="workspace:activity", arguments=[activity_id])


@staff(may=participation.PLAN)
@require_POST
def findings(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    by, words = actor(request), typed(request, "findings")["findings"]
    act = lambda: participation.publish_findings(activity_id, words, by=by, at=now())  # noqa: E731
    return done(request, act, _("The findings are published."), to="workspace:activity", arguments=[activity_id])


@staff(may=participation.PLAN)
@require_POST
def promise(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    by, words = actor(request), typed(request, "improvement", "by_on", "public_words")

    def act() -> object:
        by_on = day(words["by_on"], "by_on")
        return participation.promise(
            activity_id, title=words["improvement"], by_on=by_on, public_words=words["public_words"], by=by, at=now()
        )

    return done(
        request, act, _("It is in the register of improvements."), to="workspace:activity", arguments=[activity_id]
    )
