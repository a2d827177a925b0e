"""Answers that any door may give: the pages that say no."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.functional import Promise

from townhall.ui.errors import CSRF, PAGES, ErrorPage


def error_page(
    request: HttpRequest | None, status: int, *, detail: str | Promise = "", retry_after_seconds: int | None = None
) -> HttpResponse:
    """A page in plain words for this status. `detail` is a sentence for the reader, such as a rule's user_message."""
    response = _page(request, PAGES[status], status=status, detail=detail)
    if retry_after_seconds is not None:
        response["Retry-After"] = str(retry_after_seconds)
    return response


def csrf_page(request: HttpRequest) -> HttpResponse:
    return _page(request, CSRF, status=403)


def _page(request: HttpRequest | None, page: ErrorPage, *, status: int, detail: str | Promise = "") -> HttpResponse:
    context = {"page": page, "detail": detail, "request_id": getattr(request, "request_id", "")}
    response = HttpResponse(loader.render_to_string("ui/error.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return response
