"""What the newsletter is, and the link in each mail that ends it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.engagement import newsletter as newsletters
from townhall.portal.views.ending import ending_page


@public
@require_safe
def newsletter(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/newsletter.html")


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: UUID) -> HttpResponse:
    """A mail program's own button (RFC 8058) posts here, and brings only the link."""
    reads = newsletters.reads(token)
    if reads is None:
        raise Http404
    if request.method == "POST":
        try:
            newsletters.stop(token, at=now())
        except NotFound as error:
            raise Http404 from error
        reads = False
    return ending_page(
        request,
        title=_("Stop the newsletter?") if reads else _("You get no more newsletters"),
        question=_("Stop it"),
        is_over=not reads,
        onward=None if reads else (reverse("portal:preferences"), _("Turn it on in your account")),
    )
