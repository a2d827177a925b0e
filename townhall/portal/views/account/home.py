"""The first page of the account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from townhall.core.access import resident
from townhall.portal.account.requests import mine
from townhall.portal.account.web import required
from townhall.portal.views.account.drawing import draw

NEWEST = 5


@resident
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Requests by any channel, and what the address brings."""
    who = required(request)
    return draw(request, "home", requests=mine(who.acting.customer_id, size=NEWEST))
