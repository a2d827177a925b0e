"""Pages that a link of its own leads to: of a page to whoever is on call, for two days; and a room of telepresence, while it lasts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.permissions import themselves
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.actors import SYSTEM
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.telephony.models import VideoSession
from townhall.telephony.night import paging
from townhall.telephony.states import NightState
from townhall.telephony.video import rooms


@public  # the link says who it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def on_call(request: HttpRequest, token: str) -> HttpResponse:
    at = now()
    try:
        page = paging.page_of(token, at=at)
        if request.method == "POST":
            if "outcome" in request.POST:
                paging.settle(token, outcome=request.POST["outcome"], at=at)
            else:
                paging.answer(token, at=at)
            return redirect("telephony:on_call", token)
    except NotFound as error:
        raise Http404 from error
    except RuleBroken:
        return redirect("telephony:on_call", token)
    call = page.call
    by = themselves(page.user_id) if page.user_id else SYSTEM
    ledger.looked(by=by, at=at, customer_id=call.customer_id, page="telephony.on_call", reason=str(call.pk))
    context = {
        "call": call,
        "is_mine": page.answered_at is not None,
        "is_paging": call.state == NightState.PAGING,
        "is_taken": call.state == NightState.TAKEN,
        "service": catalogue.service(call.service_code).name,
        "phone": shown_phone(call.phone),
        "reference": call.case.reference,
    }
    return render(request, "telephony/on_call.html", context)


@public  # the name of the room is signed
@never_cache
@require_safe
def room(request: HttpRequest, room: str) -> HttpResponse:
    """Stands in for a WebRTC service: says which session meets here. Not a word of who."""
    session_id = rooms.session_in(room)
    running = VideoSession.objects.select_related("site").filter(ended_at=None)
    session = running.filter(pk=session_id).first() if session_id else None
    if session is None:
        raise Http404
    context = {"place": session.site.name, "service": catalogue.service(session.service_code).name}
    return render(request, "telephony/room.html", context)
