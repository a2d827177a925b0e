"""Answers that any door may give: the pages that say no."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template import loader
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.http import http_date

from townhall.ui.errors import CSRF, PAGES, ErrorPage

NEVER_CACHED = "max-age=0, no-cache, no-store, must-revalidate, private"  # as Django writes it
P = ParamSpec("P")


def error_page(
    request: HttpRequest | None, status: int, *, detail: str | Promise = "", retry_after_seconds: int | None = None
) -> HttpResponse:
    """A page in plain words for this status. `detail` is a sentence for the reader, such as a rule's user_message."""
    response = _page(request, PAGES[status], status=status, detail=detail)
    if retry_after_seconds is not None:
        response["Retry-After"] = str(retry_after_seconds)
    return response


class OwnRedirect(HttpResponseRedirect):
    """To an address that Townhall made itself, so that nothing in it has to be looked at or quoted."""

    def __init__(self, path: str) -> None:
        HttpResponse.__init__(self)
        self.headers["Location"] = path


def csrf_page(request: HttpRequest) -> HttpResponse:
    return _page(request, CSRF, status=403)


def _page(request: HttpRequest | None, page: ErrorPage, *, status: int, detail: str | Promise = "") -> HttpResponse:
    context = {"page": page, "detail": detail, "request_id": getattr(request, "request_id", "")}
    response = HttpResponse(loader.render_to_string("ui/error.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return response


def never_cache(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """As Django's decorator, at a tenth of its cost where the answer says nothing of caches by itself."""

    @wraps(view)
    def uncached(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(*args, **kwargs)
        if answer.has_header("Cache-Control") or answer.has_header("Expires"):
            add_never_cache_headers(answer)
        else:
            answer.headers["Expires"] = _http_date(int(time.time()))
            answer.headers["Cache-Control"] = NEVER_CACHED
        return answer

    return uncached


@lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    return http_date(second)
