"""School places for everybody: the rounds with their dates and where help is given; and changing an application by its link."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.admissions import applying, queries
from townhall.admissions.queries import SERVICE
from townhall.core.access import public
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import now
from townhall.places.models import Site
from townhall.portal.account.web import acting, me
from townhall.portal.views import limits
from townhall.portal.views.forms.finding import keep_token
from townhall.ui.responses import error_page


@public
@require_safe
def school_places(request: HttpRequest) -> HttpResponse:
    """When to apply for what, and where."""
    context = {
        "rounds": queries.public_rounds(at=now()),
        "service": SERVICE,
        "sites": list(Site.objects.order_by("name").values_list("name", "address")),
    }
    return render(request, "portal/schools/rounds.html", context)


@public
@never_cache
@require_POST
def change(request: HttpRequest, token: str) -> HttpResponse:
    """Open the form again with what was sent. Only the page of whoever sent it in has the token."""
    if wait := limits.held_up(request, limits.REPORTS):
        return wait
    found: UUID | None = queries.application_in(token)
    if found is None:
        raise Http404
    who = me(request)
    customer_id = who.acting.customer_id if who else None
    try:
        draft = applying.begin_change(found, by=acting(request), at=now(), customer_id=customer_id)
    except NotFound as error:
        raise Http404 from error
    except WrongState:
        return error_page(request, 410)
    return keep_token(redirect("portal:form_check", SERVICE), SERVICE, draft, days=0)
