"""What comes from the web server is answered as Django's own handler and layers would, with less done for it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.contrib import messages
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from townhall.config import handler as handlers
from townhall.config.handler import Handler
from townhall.ui.middleware import Notices

DJANGOS = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "townhall.config.request_log.RequestLogMiddleware",
    "townhall.ui.middleware.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "townhall.accounts.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "townhall.ui.middleware.PolicyMiddleware",
]
# Address, method and headers: a page, none, one that redirects, one behind a door, one asked for under a wrong name, a refused POST.
ASKED: list[tuple[str, str, dict[str, str]]] = [
    ("/signed-out", "GET", {}),
    ("/signed-out", "HEAD", {"HTTP_COOKIE": "sessionid=nobodys; messages=nonsense"}),
    ("/no-such-page", "GET", {"HTTP_ACCEPT_LANGUAGE": "cy"}),
    ("/work/", "GET", {}),
    ("/signed-out", "GET", {"HTTP_HOST": "evil.example.org"}),
    ("/report/fly-tipping/check", "POST", {"HTTP_ORIGIN": "https://evil.example.org"}),
    ("/open311/v2/requests.json", "POST", {}),
    ("/static/ui/townhall.css", "GET", {}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "method", "headers"), ASKED, ids=[f"{one[1]} {one[0]} {len(one[2])}" for one in ASKED]
)
def test_an_answer_is_what_it_is_by_djangos_own_layers(
    path: str, method: str, headers: dict[str, str], settings: Any
) -> None:
    ours = Handler()
    settings.MIDDLEWARE = [*DJANGOS, *settings.MIDDLEWARE[len(DJANGOS) - 3 :]]
    theirs = WSGIHandler()

    expected = _ask(theirs, path, method, headers)

    for _time in range(2):  # the second finds its page remembered
        assert _ask(ours, path, method, headers) == expected


def test_an_address_with_a_secret_is_not_remembered() -> None:
    ours = Handler()
    for path in ("/signed-out", "/staff/set-up/secret-token"):
        ours.resolve_request(RequestFactory().get(path))
    assert [*ours._pages] == ["/signed-out"]


def test_no_more_addresses_are_remembered_than_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_MOST_KEPT", 3)
    ours = Handler()
    for number in range(8):
        assert ours.resolve_request(RequestFactory().get(f"/r/TH-0000-000{number}")).kwargs
    assert len(ours._pages) <= 3


def test_a_notice_stays_until_it_was_shown() -> None:
    def told(cookie: str = "") -> HttpRequest:
        request = RequestFactory().get("/")
        if cookie:
            request.COOKIES["messages"] = cookie
        request._messages = Notices(request)  # type: ignore[attr-defined]
        return request

    first, answer = told(), HttpResponse()
    messages.success(first, "It is set.")
    first._messages.update(answer)  # type: ignore[attr-defined]
    kept = answer.cookies["messages"].value

    assert [str(one) for one in messages.get_messages(told(kept))] == ["It is set."]
    assert "signer" not in vars(told()._messages)  # type: ignore[attr-defined]


def _ask(handler: WSGIHandler, path: str, method: str, headers: dict[str, str]) -> dict[str, Any]:
    """Status, headers and body, without what differs from one request to the next."""
    begun: list[Any] = []
    environ = RequestFactory().generic(method, path).environ | {"wsgi.input": BytesIO()} | headers

    def start_response(status: str, sent: list[tuple[str, str]], *_more: object) -> Callable[[bytes], object]:
        begun.append((status, sent))
        return bytes

    answer = handler(environ, start_response)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    [(status, sent)] = begun
    said = {
        name: sorted(part.strip() for part in value.split(",")) if name == "Vary" else value
        for name, value in sent
        if name not in ("X-Request-Id", "Expires", "Set-Cookie", "Content-Length")
    }
    cookies = sorted(value.split("=")[0] for name, value in sent if name == "Set-Cookie")
    lengths = [value for name, value in sent if name == "Content-Length"]
    return {"status": status, "headers": said, "cookies": cookies, "has_length": bool(lengths), "begins": body[:15]}
