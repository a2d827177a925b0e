"""The resident behind a request, and the cookies that say so. Without a cookie nothing is read."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token

from townhall.accounts.residents import sessions
from townhall.accounts.residents.sessions import Resident
from townhall.accounts.residents.steps import LASTS
from townhall.core.time import now
from townhall.ui.paths import is_ours

_PREFIX = "__Host-" if settings.SECURE else ""
SESSION = f"{_PREFIX}account"
STEP = f"{_PREFIX}account-step"
SHARED = f"{_PREFIX}shared"  # this device is used by many people, such as a library's
SHARED_LASTS = timedelta(days=365)
_UNASKED = object()


def resident(request: HttpRequest) -> Resident | None:
    """Who is signed in to an account, or None. One query, once for each request; none without the cookie."""
    found = getattr(request, "_resident", _UNASKED)
    if found is _UNASKED:
        token = request.COOKIES.get(SESSION, "")
        found = sessions.running(token, now()) if token else None
        request._resident = found  # type: ignore[attr-defined]
    assert found is None or isinstance(found, Resident)
    return found


def enter(request: HttpRequest, answer: HttpResponseBase, token: str) -> None:
    """Give the browser its session, and a new secret for its forms. The cookie ends with the browser."""
    _set(answer, SESSION, token, None)
    leave_step(answer)
    rotate_token(request)
    vars(request).pop("_resident", None)


def leave(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Take the session out of the browser. On a shared computer everything that the browser kept of our site goes too.

    Pages of the account are never kept (no-store), so elsewhere that would only make the next page slow.
    """
    person = resident(request)
    for name in (SESSION, STEP):
        answer.delete_cookie(name, samesite="Lax")
    if is_shared_device(request) or (person is not None and person.is_shared):
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    answer.headers["Cache-Control"] = "no-store, private"


def keep_step(answer: HttpResponseBase, token: str) -> None:
    _set(answer, STEP, token, LASTS)


def step_token(request: HttpRequest) -> str:
    return str(request.COOKIES.get(STEP, ""))


def leave_step(answer: HttpResponseBase) -> None:
    answer.delete_cookie(STEP, samesite="Lax")


def is_shared_device(request: HttpRequest) -> bool:
    return request.COOKIES.get(SHARED) == "1"


def set_shared_device(answer: HttpResponseBase, *, shared: bool) -> None:
    if shared:
        _set(answer, SHARED, "1", SHARED_LASTS)
    else:
        answer.delete_cookie(SHARED, samesite="Lax")


def safe_path(path: str) -> str:
    """A path of ours to go on to, or nothing: never another site, and never out of the browser's own rules for paths."""
    return path if is_ours(path) else ""


def _set(answer: HttpResponseBase, name: str, value: str, lasts: timedelta | None) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
