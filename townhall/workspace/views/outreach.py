"""Bringing people to the quicker way: the figures, and the nudges with what each did."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.outreach import assisting, counting, nudges
from townhall.outreach.counting import Result
from townhall.outreach.models import Nudge
from townhall.outreach.nudges import Written
from townhall.outreach.states import NudgeState
from townhall.workspace.queue import service_name
from townhall.workspace.views.typing_in import chosen, done, errors_of, number, problems_of, typed

SEE = "outreach.see"
NAMES = ("code", "words", "leads_to", "audience", "share", "within_days")
FIRST = {
    "code": "",
    "words": "",
    "leads_to": "/account/register",
    "audience": "without_account",
    "share": "100",
    "within_days": "28",
}


@staff(may=SEE)
@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    context = {
        "figures": assisting.figures(at=now()),
        "may_plan": may(by, nudges.PLAN).allowed,
        "may_run": may(by, assisting.RUN).allowed,
        "sees_registers": may(by, "registers.see").allowed,
    }
    return render(request, "workspace/outreach/hub.html", context)


@staff(may=SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def nudge_list(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    if request.method != "POST":
        return _nudges(request, FIRST)
    words = typed(request, *NAMES)
    lists = {name: chosen(request, name) for name in ("places", "services", "channels")}
    try:
        made = nudges.write(
            Written(
                code=words["code"],
                words=words["words"],
                leads_to=words["leads_to"],
                audience=words["audience"],
                share=number(words["share"], "share", _("Enter a share from 1 to 100 per cent")),
                within_days=number(words["within_days"], "within_days", _("Enter a number of days from 1 to 90")),
                places=lists["places"],
                services=lists["services"],
                channels=lists["channels"],
            ),
            by=by,
            at=now(),
        )
    except RuleBroken as error:
        return _nudges(request, words, lists=lists, problems=problems_of(error, field="code"))
    return redirect("workspace:nudge", made.pk)


def _nudges(
    request: HttpRequest,
    words: dict[str, str],
    *,
    lists: dict[str, list[str]] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    rows = list(Nudge.objects.order_by("-written_at")[:200])
    found = counting.results([row.pk for row in rows])
    context: dict[str, Any] = {
        "rows": [(row, found.get(row.pk, Result())) for row in rows],
        "typed": words,
        "lists": lists or {"places": [], "services": [], "channels": []},
        "places": Nudge.Place.choices,
        "audiences": Nudge.Audience.choices,
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "channels": list(contacts.words().channels.items()),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "may_plan": may(actor(request), nudges.PLAN).allowed,
    }
    return render(request, "workspace/outreach/nudges.html", context, status=422 if problems else 200)


def _nudge(nudge_id: UUID) -> Nudge:
    row = Nudge.objects.filter(pk=nudge_id).first()
    if row is None:
        raise Http404
    return row


@staff(may=SEE)
@require_safe
def nudge(request: HttpRequest, nudge_id: UUID) -> HttpResponse:
    row = _nudge(nudge_id)
    context = {
        "nudge": row,
        "result": counting.results([row.pk]).get(row.pk, Result()),
        "by_service": [
            (service_name(code) if code else "", Nudge.Place(place).label, shown, taken)
            for code, place, shown, taken in counting.by_service(row.pk)
        ],
        "places": [Nudge.Place(place).label for place in row.places],
        "services": [service_name(code) for code in row.services],
        "channels": [contacts.words().all_channels.get(code, code) for code in row.channels],
        "may_plan": may(actor(request), nudges.PLAN).allowed,
    }
    return render(request, "workspace/outreach/nudge.html", context)


@staff(may=nudges.PLAN)
@require_POST
def nudge_state(request: HttpRequest, nudge_id: UUID) -> HttpResponse:
    by = actor(request)
    begins = request.POST.get("do") == "begin"
    act = lambda: (nudges.begin if begins else nudges.end)(nudge_id, by=by, at=now())  # noqa: E731
    words = _("It is in use.") if begins else _("It is not used any more.")
    return done(request, act, words, to="workspace:nudge", arguments=[nudge_id])


@staff(may=SEE)
@require_safe
def hold(request: HttpRequest) -> HttpResponse:
    """What the phone platform says to who waits: one message to a line, with the site's name instead of a link."""
    host = settings.PUBLIC_URL.partition("://")[2]
    rows = Nudge.objects.filter(state=NudgeState.LIVE, places__contains=[Nudge.Place.HOLD]).order_by("code")
    text = "".join(f"{row.code}\t{row.words} {host}{row.leads_to}\n" for row in rows)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
