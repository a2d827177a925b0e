"""One line for each request: what was asked for, the answer and the time it took; no query, no address, nobody's name."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from time import perf_counter

import structlog
from django.http import HttpRequest, HttpResponseBase

log = structlog.get_logger(__name__)
HEADER = "X-Request-Id"
_LONGEST = 200  # characters of a path
SECRET = frozenset({"token", "key"})  # parts of an address that open a door, as the urls name them


class RequestLogMiddleware:
    """Stands below the one that answers for static files, and above everything else.

    The request's id is on every other line that the request writes, and in the answer's X-Request-Id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began, request_id = perf_counter(), secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request_id)
        try:
            answer = self.get_response(request)
            answer[HEADER] = request_id
            log.info(
                "request",
                method=request.method,
                path=_path(request),
                status=answer.status_code,
                ms=round((perf_counter() - began) * 1000, 1),
            )
        finally:
            structlog.contextvars.unbind_contextvars("request")
        return answer


def _path(request: HttpRequest) -> str:
    path = request.path
    match = request.resolver_match
    for name in SECRET.intersection(match.kwargs if match else ()):
        assert match is not None
        path = path.replace(str(match.kwargs[name]), "…")
    return path[:_LONGEST]
