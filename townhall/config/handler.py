"""From the web server to Django and back: as Django's handler, without what is done anew for each request and is always the same."""

from __future__ import annotations

from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.cache import close_caches
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, reset_queries
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch
from django.utils.log import log_response

from townhall.config.request_log import SECRET

_MOST_KEPT = 4_000  # addresses whose page is remembered
_LONGEST_KEPT = 200  # characters
_MOUNTED = ("SCRIPT_NAME", "SCRIPT_URL", "REDIRECT_URL")  # how a server says that we do not stand at its root


class Handler(WSGIHandler):
    """Remembers which page an address leads to, and looks after the thread's connection to the database once a request."""

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[str, ResolverMatch] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> HttpResponseBase:
        if any(map(environ.get, _MOUNTED)) or settings.FORCE_SCRIPT_NAME is not None:
            return super().__call__(environ, start_response)
        request_started.send(sender=self.__class__, environ=environ)
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        response: Any = self.get_response(WSGIRequest(environ))
        response._handler_class = self.__class__
        cookies = [("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()]
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items(), *cookies])
        return _by_the_server(response, environ)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """As Django's, for a site that has one set of addresses."""
        response: Any = self._middleware_chain(request)  # type: ignore[attr-defined]
        response._resource_closers.append(request.close)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        assert isinstance(response, HttpResponseBase)
        return response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """The page of the request's address. Raises Resolver404."""
        path = request.path_info
        found = self._pages.get(path)
        if found is not None:
            request.resolver_match = found
            return found
        found = super().resolve_request(request)
        if len(path) <= _LONGEST_KEPT and SECRET.isdisjoint(found.kwargs):
            if len(self._pages) >= _MOST_KEPT:
                self._pages.clear()
            self._pages[path] = found
        return found


def _by_the_server(response: Any, environ: WSGIEnvironment) -> HttpResponseBase:
    """The answer; of a file, what has the server send it by itself where it can."""
    file, wrapper = getattr(response, "file_to_stream", None), environ.get("wsgi.file_wrapper")
    if file is not None and wrapper is not None:
        file.close = response.close  # the server closes the file, and with it the response
        response = wrapper(file, response.block_size)
    answer: HttpResponseBase = response
    return answer


def look_after_connections_alone() -> None:
    """For a process that only serves requests: Handler does what these listeners do, and what they clear is not in use."""
    request_started.disconnect(reset_queries)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
