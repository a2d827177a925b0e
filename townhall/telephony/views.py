"""The page that a text to whoever is on call leads to. The link itself is the key: it is long, of one person, and over after two days."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import themselves
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.actors import SYSTEM
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.telephony.night import paging
from townhall.telephony.states import NightState


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
