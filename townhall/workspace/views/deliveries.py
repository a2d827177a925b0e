"""How it stands with other systems, and sending again what they refused or we gave up."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.web import actor
from townhall.connectors import operations as connectors
from townhall.connectors import queries
from townhall.connectors.states import State
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.notifications import queries as notifications

MAY = "deliveries.manage"


@staff(may=MAY)
@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    at = now()
    context = {
        "systems": queries.health(at=at),
        "dead": queries.dead_letters(after=request.GET.get("after", "")),
        "stuck": notifications.stuck(at),
    }
    return render(request, "workspace/systems.html", context)


@staff(may=MAY)
@require_safe
def system(request: HttpRequest, target: str) -> HttpResponse:
    """One system's deliveries, newest first."""
    typed = request.GET.get("state", "")
    state = State(typed) if typed in State.values else None
    page = queries.deliveries(target=target, state=state, after=request.GET.get("after", ""))
    known = next((one for one in queries.health(at=now()) if one.target == target and one.is_known), None)
    context = {
        "target": target,
        "page": page,
        "state": typed if state else "",
        "states": State.choices,
        "known": known,
        "is_webhook": known is not None and known.kind == connectors.WEBHOOK,
    }
    return render(request, "workspace/system.html", context)


@staff(may=MAY)
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    chosen = []
    for text in request.POST.getlist("delivery"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            continue
    target = request.POST.get("target", "")
    try:
        again = connectors.resend(chosen, by=actor(request), at=now()) if chosen else []
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        if again:
            words = ngettext("%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", len(again))
            messages.success(request, words % {"count": len(again)})
        else:
            messages.error(request, _("Select at least one delivery that can be sent again."))
    known = target and target in {one.target for one in queries.health(at=now())}
    return redirect("workspace:system", target) if known else redirect("workspace:systems")
