"""The door of every page. Views declare who may enter (core.access); what declares nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from townhall.accounts import keys, permissions, sessions
from townhall.accounts.first_page import first_page
from townhall.accounts.residents import sessions as resident_sessions
from townhall.accounts.residents.web import SESSION as RESIDENT_COOKIE
from townhall.accounts.residents.web import resident
from townhall.accounts.web import signed_in, was_signed_in
from townhall.core.access import Access, Door, access_of
from townhall.core.errors import NotAllowed
from townhall.core.time import now
from townhall.ui.responses import error_page
from townhall.ui.site import path_to

log = structlog.get_logger(__name__)


class AccessMiddleware:
    """Sets `request.user` lazily, lets in whom the view declares, and keeps staff pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.user = SimpleLazyObject(lambda: signed_in(request) or AnonymousUser())  # type: ignore[assignment]
        answer = self.get_response(request)
        access = getattr(request, "access", None)
        if access is not None and access.door in (Door.STAFF, Door.RESIDENT):
            add_never_cache_headers(answer)
        return answer

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        access = access_of(view)
        if access is None:
            log.error("access.undeclared", view=f"{view.__module__}.{getattr(view, '__qualname__', view)}")
            return refused(request, _("This page does not say who may open it, so nobody may."))
        request.access = access  # type: ignore[attr-defined]
        if access.door is Door.PUBLIC:
            return None
        if access.door is Door.KEY:
            return _key_door(request, access)
        if access.door is Door.RESIDENT:
            return _resident_door(request, access)
        return _staff_door(request, access)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A rule that said no inside a view which did not expect it."""
        return refused(request, str(error.user_message)) if isinstance(error, NotAllowed) else None


def _staff_door(request: HttpRequest, access: Access) -> HttpResponseBase | None:
    person = signed_in(request)
    if person is None:
        asked = {"next": request.get_full_path()} if request.method == "GET" else {}
        if was_signed_in(request):
            asked["ended"] = "1"  # the page says why they have to sign in again
        answer: HttpResponseBase = redirect(f"{reverse('accounts:sign_in')}?{urlencode(asked)}".rstrip("?"))
        add_never_cache_headers(answer)
        return answer
    at = now()
    if access.keeps_alive and at - person.last_seen_at > sessions.SEEN_EVERY:
        sessions.seen(person.session_id, at)
    if access.may:
        decision = permissions.may(person.actor, access.may)
    elif access.roles:
        decision = permissions.role_decision(person.actor, access.roles)
    else:
        return None
    if decision.allowed:
        return None
    if request.method == "GET" and request.path == path_to("workspace:queue"):  # the workspace's front door
        return redirect(first_page(person.actor))
    return refused(request, decision.reason)


def _resident_door(request: HttpRequest, access: Access) -> HttpResponseBase | None:
    person = resident(request)
    if person is None or (access.fresh and not person.is_fresh):
        page = path_to("portal:sign_in") if person is None else path_to("portal:sign_in_again")
        asked = {"next": request.get_full_path()} if request.method == "GET" else {}
        if person is None and RESIDENT_COOKIE in request.COOKIES:
            asked["ended"] = "1"
        answer: HttpResponseBase = redirect(f"{page}?{urlencode(asked)}".rstrip("?"))
        add_never_cache_headers(answer)
        return answer
    if access.keeps_alive and person.asked_at - person.last_seen_at > resident_sessions.SEEN_EVERY:
        resident_sessions.seen(person.session_id, person.asked_at)
    return None


def _key_door(request: HttpRequest, access: Access) -> HttpResponseBase | None:
    key = keys.shown(request.headers, request.GET, request.POST)
    try:
        request.key_actor = keys.check(key, scope=access.scope, at=now())  # type: ignore[attr-defined]
    except keys.KeyRefused as refusal:
        if access.refuse is not None:
            answer = access.refuse(request, refusal)
            assert isinstance(answer, HttpResponseBase)
            return answer
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        body = {"code": refusal.code, "description": str(refusal.user_message)}
        return JsonResponse(body, status=refusal.status, headers=headers)
    return None


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """The 403 page, with the reason in words."""
    return error_page(request, 403, detail=reason)
