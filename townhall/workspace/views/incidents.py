"""Incidents: telling people of an address, street, round or ward before they ask."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import end_of, now
from townhall.neighbourhood import operations
from townhall.neighbourhood.models import Incident
from townhall.neighbourhood.queries import incidents_in_force, place_words
from townhall.places import queries as places
from townhall.places.whereabouts import wards
from townhall.workspace import queue
from townhall.workspace.admin_forms import IncidentEndForm, IncidentForm
from townhall.workspace.views.shared import add_problems

MAY = "incidents.declare"


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def incidents(request: HttpRequest) -> HttpResponse:
    """What is in force, and a form for one more."""
    at = now()
    form = IncidentForm(request.POST if request.method == "POST" else None)
    choices: list[tuple[str, str]] = []
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        code, choices = _place(given["scope"], given["scope_code"])
        if choices:
            form.add_error("scope_code", _("Several places match. Select one of them below"))
        else:
            try:
                incident = operations.post_incident(
                    service_code=given["service_code"],
                    scope=given["scope"],
                    scope_code=code,
                    title=given["title"],
                    message=given["message"],
                    reason=given["reason"],
                    ends_at=end_of(given["ends_on"]) if given["ends_on"] else None,
                    by=actor(request),
                    at=at,
                )
            except BadInput as error:
                add_problems(form, error)
            except RuleBroken as error:
                form.add_error(None, str(error))
            else:
                told = ngettext("%(count)d subscriber is told.", "%(count)d subscribers are told.", incident.told)
                messages.success(request, _("The incident is posted.") + " " + told % {"count": incident.told})
                return redirect("workspace:incidents")
    context = {
        "form": form,
        "choices": choices,
        "in_force": list(incidents_in_force(at=at).order_by("-posted_at")[:200]),
        "service_name": queue.service_name,
        "place_words": lambda incident: place_words(incident.scope, incident.scope_code),
    }
    return render(request, "workspace/incidents.html", context, status=status)


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    incident = Incident.objects.filter(pk=incident_id).first()
    if incident is None:
        raise Http404
    form = IncidentEndForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            operations.end_incident(incident_id, message=form.cleaned_data["message"], by=actor(request), at=now())
        except NotFound as error:
            raise Http404 from error
        except RuleBroken as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("The incident is over."))
            return redirect("workspace:incidents")
    return render(request, "workspace/incident_end.html", {"incident": incident, "form": form}, status=status)


def _place(scope: str, typed: str) -> tuple[str, list[tuple[str, str]]]:
    """The code that was meant, or the places to choose from when words fit several."""
    typed = typed.strip()
    if scope == Incident.Scope.ROUND:
        return typed.lower(), []
    if scope == Incident.Scope.AREA:
        named = {name.lower(): code for code, name in wards()}
        return named.get(typed.lower(), typed), []
    if typed.isdigit():
        return typed.lstrip("0"), []
    kind = "address" if scope == Incident.Scope.ADDRESS else "street"
    found = [one for one in places.find(typed) if one.kind == kind]
    exact = [one for one in found if one.label.lower() == typed.lower()]
    only = exact or found
    if len(only) == 1:
        return only[0].code, []
    return typed, [(one.code, one.label) for one in found[:10]]
