"""Who is behind a request. Nothing here touches the session until somebody asks."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from townhall.accounts import permissions, sessions
from townhall.accounts.sessions import SignedIn
from townhall.core.actors import PUBLIC, Actor
from townhall.core.time import now

SESSION_KEY = "staff_session"  # in the browser's session: the StaffSession's id
_UNASKED = object()


def signed_in(request: HttpRequest) -> SignedIn | None:
    """The member of staff behind the request, or None. One query, once for each request; none without a session cookie.

    Two where this process has not seen the browser's session yet, or it is over.
    """
    found = getattr(request, "_signed_in", _UNASKED)
    if found is _UNASKED:
        found = _look_up(request)
        request._signed_in = found  # type: ignore[attr-defined]
    assert found is None or isinstance(found, SignedIn)
    return found


def was_signed_in(request: HttpRequest) -> bool:
    """Whether this browser holds a staff session that is over."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session


def ask_again(request: HttpRequest) -> None:
    """Forget who was found: somebody has signed in during this request."""
    vars(request).pop("_signed_in", None)


# Browser session → staff session, as found before. The two stay together for good: signing in begins a new browser session.
_staff_session_of: dict[str, UUID] = {}
_MOST_KEPT = 10_000


def _look_up(request: HttpRequest) -> SignedIn | None:
    browser = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if browser is None:
        return None
    is_its_own = request.session.session_key == browser  # not while somebody signs in, when it gets a new key
    if is_its_own and (known := _staff_session_of.get(browser)):
        request.session.accessed = True  # the answer depends on the cookie
        if person := sessions.running(known, now(), browser=browser):
            return person
        _staff_session_of.pop(browser, None)
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    if is_its_own:
        if len(_staff_session_of) >= _MOST_KEPT:
            _staff_session_of.clear()
        _staff_session_of[browser] = UUID(kept)
    return sessions.running(UUID(kept), now())


def actor(request: HttpRequest) -> Actor:
    """Who acts: the key that was shown at an API's door, the member of staff signed in, or the public."""
    by_key = getattr(request, "key_actor", None)
    if isinstance(by_key, Actor):
        return by_key
    person = signed_in(request)
    return person.actor if person else PUBLIC


def require(request: HttpRequest, capability: str) -> Actor:
    """The actor, when they may do this kind of work. Raises NotAllowed with the reason; the middleware makes it a 403 page."""
    by = actor(request)
    permissions.require(by, capability)
    return by


def client_address(request: HttpRequest) -> str:
    """The caller's IP address. Behind TOWNHALL_PROXIES proxies it is the one the outermost of them saw."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return direct
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return seen[-settings.PROXIES] if len(seen) >= settings.PROXIES else direct
