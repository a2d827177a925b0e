"""The error handlers, staying signed in, and the page that shows every component."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST

from townhall.ui import examples
from townhall.ui.responses import csrf_page, error_page


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A rule's own sentence is shown when the refusal carries one."""
    return error_page(request, 403, detail=getattr(exception, "user_message", ""))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW."""
    return csrf_page(request)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: start the idle count again."""
    request.session.modified = True
    return HttpResponse(status=204)


@require_GET
def session_ended(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/session_ended.html")


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component, for those who build pages. Shown where DEBUG or DEMO is on."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    return render(request, "ui/components.html", examples.everything())
