"""Counts the pages that residents open. It asks the database nothing, sets no cookie and keeps no address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from townhall.core.access import Door
from townhall.core.time import council_date, now
from townhall.insight import visitors
from townhall.insight.counting import counts

# Pages that are counted for each thing they tell of: the argument that says which.
EACH: Final = {
    "portal:service": "code",
    "portal:start": "code",
    "portal:form": "code",
    "portal:how_we_decide": "page",
}
_DOORS: Final = (Door.PUBLIC, Door.RESIDENT)


class VisitsMiddleware:
    """Stands next to the view: whatever was refused on the way here is no visit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if request.method == "GET" and answer.status_code == 200:
            _count(request, answer)
        return answer


def _count(request: HttpRequest, answer: HttpResponseBase) -> None:
    access, headers = getattr(request, "access", None), request.META
    if access is None or access.door not in _DOORS or not may_count(request):
        return
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    if headers.get("HTTP_SEC_FETCH_DEST", "document") != "document" or "HTTP_SEC_PURPOSE" in headers:
        return  # a part of a page, or a page fetched before anybody asked for it
    page = name_of(request)
    if page:
        source = visitors.source_of(headers.get("HTTP_REFERER", ""), host=request.get_host())
        reader = visitors.reader_of(headers.get("HTTP_USER_AGENT", ""))
        counts.page(council_date(now()), page, source, reader)


def may_count(request: HttpRequest) -> bool:
    """Not when the browser says that its owner does not want to be counted, and not our own staff at work."""
    headers = request.META
    if headers.get("HTTP_DNT") == "1" or headers.get("HTTP_SEC_GPC") == "1":
        return False
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def name_of(request: HttpRequest) -> str:
    """The page's name in the register, or empty for what has none."""
    match = request.resolver_match
    if match is None or not match.namespace:
        return ""
    name = match.view_name
    return f"{name}/{match.kwargs[EACH[name]]}" if name in EACH else name
