"""Where nudges and printed codes lead, and what there is to take part in."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import guessing
from townhall.accounts.web import client_address
from townhall.core.access import public, resident
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.outreach import codes, counting, participation
from townhall.portal.account.web import me, required
from townhall.portal.views.by_reference import wait_page
from townhall.registers.queries import definition_of
from townhall.ui.responses import error_page


@public
@never_cache
@require_safe
def nudge(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A nudge's link. Who opens it is not noted, only that it was."""
    leads_to = counting.followed(code, token, at=now()) if request.method == "GET" else "/"
    if leads_to is None:
        raise Http404
    return redirect(leads_to)


@public
@never_cache
@require_http_methods(["GET", "HEAD"])
def campaign_code(request: HttpRequest, code: str) -> HttpResponse:
    """The address on a leaflet. Who guesses codes waits, as with references."""
    address = client_address(request)
    if seconds := guessing.wait(address):
        return wait_page(request, seconds)
    found = codes.visited(code, at=now()) if request.method == "GET" else codes.behind(code)
    if found is None:
        guessing.missed(address, at=now())
        raise Http404
    return redirect(found.leads_to)


@public
@require_safe
def taking_part(request: HttpRequest) -> HttpResponse:
    open_ones, over = participation.public_list(at=now())
    return render(request, "portal/taking_part.html", {"open": open_ones, "over": over})


@public
@require_safe
def activity(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    try:
        row = participation.public_one(activity_id)
    except NotFound as error:
        raise Http404 from error
    who = me(request)
    mine = who.acting.customer_id if who is not None and not who.is_helping else None
    done = participation.improvements(row)
    outcomes = {one.code: one.label for one in definition_of(participation.IMPROVEMENTS).outcomes} if done else {}
    context = {
        "one": row,
        "is_open": participation.is_open(row, at=now()),
        "signed_in": mine is not None,
        "takes_part": mine is not None and bool(participation.takes_part([row.pk], mine)),
        "improvements": [(each, outcomes.get(each.outcome, "")) for each in done],
        "said": request.GET.get("said", ""),
    }
    return render(request, "portal/activity.html", context)


@resident
@require_POST
def volunteer(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Take part, or not any more: one button either way."""
    who, at = required(request), now()
    if who.is_helping:
        raise Http404
    customer_id, by = who.acting.customer_id, who.acting.actor
    try:
        if "withdraw" in request.POST:
            participation.withdraw(activity_id, customer_id, by=by, at=at)
            said = "withdrawn"
        else:
            participation.volunteer(activity_id, customer_id, by=by, at=at)
            said = "in"
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return error_page(request, 409, detail=error.user_message)
    path = redirect("portal:activity", activity_id)
    path["Location"] += f"?said={said}"
    return path
