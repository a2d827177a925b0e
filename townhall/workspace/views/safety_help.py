"""The help button: pressing it, what every open workspace nearby shows, and saying that somebody is coming."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor, signed_in
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.safety import calling, queries, telling
from townhall.safety.models import Station
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import done, errors_of, problems_of, typed

MAY = "safety.report"


def help_here(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """Context processor: whether whoever is signed in has the button. Asks nothing until a page of the workspace draws it."""
    return {"has_help_button": cache(partial(_has_button, request))}


def _has_button(request: HttpRequest) -> bool:
    person = signed_in(request)
    return person is not None and may(person.actor, MAY).allowed


@staff(may=MAY)
@require_POST
def press(request: HttpRequest) -> HttpResponse:
    """One press. What the page it was pressed on was about comes along."""
    alarm = calling.call_for_help(
        by=actor(request),
        at=now(),
        customer_id=as_uuid(request.POST.get("customer", "")),
        contact_id=as_uuid(request.POST.get("contact", "")),
    )
    return redirect("workspace:help", alarm.pk)


@staff(may=MAY, keeps_alive=False)
@never_cache
@require_safe
def going_on(request: HttpRequest) -> HttpResponse:
    """What an open workspace shows just now: a part of a page, empty while nobody calls. Asked every few seconds."""
    return render(request, "workspace/safety/alarms.html", {"alarms": calling.heard_by(actor(request))})


@staff(may=MAY)
@never_cache
@require_safe
def alarm(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    try:
        found = calling.one(alarm_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ended_by = calling.ended_by(found)
    context: dict[str, Any] = {
        "alarm": found,
        "ended_by": ended_by,
        "where": calling.where_of(found),
        "names": telling.names_of([found.raised_by, found.acknowledged_by, ended_by]),
        "is_mine": str(found.raised_by) == by.id,
        "flags": [],
    }
    if found.customer_id:
        ledger.looked(by=by, at=at, customer_id=found.customer_id, page="help", reason="help")
        context["flags"] = queries.markers_of(found.customer_id, by=by, at=at)
    return render(request, "workspace/safety/alarm.html", context)


@staff(may=MAY)
@require_POST
def acknowledge(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    act = partial(calling.acknowledge, alarm_id, by=actor(request), at=now())
    return done(request, act, _("They are told that you are coming."), to="workspace:help", arguments=[alarm_id])


@staff(may=MAY)
@require_POST
def end(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    act = partial(calling.end, alarm_id, by=actor(request), at=now())
    return done(request, act, _("The alarm is over."), to="workspace:help", arguments=[alarm_id])


@staff(may=MAY)
@require_POST
def station(request: HttpRequest) -> HttpResponse:
    """Where somebody works just now."""
    given = typed(request, "site", "place")
    try:
        calling.set_station(site_code=given["site"], place=given["place"], by=actor(request), at=now())
    except RuleBroken as error:
        return render(
            request, "workspace/safety/hub.html", hub_context(request, problems=problems_of(error)), status=422
        )
    messages.success(request, _("A call for help from you now says that you are there."))
    return redirect("workspace:safety")


def hub_context(request: HttpRequest, *, problems: dict[str, str] | None = None) -> dict[str, Any]:
    by, at = actor(request), now()
    return {
        "station": Station.objects.filter(pk=by.id).first(),
        "sites": [("", _("Not at a site")), *Site.objects.order_by("name").values_list("code", "name")],
        "to_report": calling.unreported(by, at=at),
        "may_manage": may(by, "safety.manage").allowed,
        "may_detail": may(by, "markers.detail").allowed,
        "may_nominate": may(by, "people.administer").allowed,
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }


@staff(may=MAY)
@never_cache
@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    """Where everything about safety begins."""
    return render(request, "workspace/safety/hub.html", hub_context(request))
