"""Passkeys: what the script on the page asks for and brings back, as JSON."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import passkeys, sessions, web
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.web import client_address
from townhall.core.access import public, resident
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.portal.account.web import required
from townhall.portal.views.account.entering import typed_line

LONGEST = 100_000


def _answer(request: HttpRequest) -> dict[str, Any]:
    """What the browser made. Anything else is an empty answer, which no check lets through."""
    text = request.POST.get("credential", "")
    if len(text) > LONGEST:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@resident(fresh=True)
@require_POST
def adding(request: HttpRequest) -> HttpResponse:
    account = ResidentAccount.objects.get(pk=required(request).person.account_id)
    token, options = passkeys.begin_adding(account, at=now())
    answer = JsonResponse(options)
    web.keep_step(answer, token)
    return answer


@resident(fresh=True)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    account_id = required(request).person.account_id
    name = typed_line(request, "name", longest=passkeys.LONGEST_NAME) or _("Passkey")
    try:
        passkeys.add(web.step_token(request), _answer(request), account_id=account_id, name=name, at=now())
    except RuleBroken as error:
        return JsonResponse({"problem": str(error.user_message)}, status=422)
    answer = JsonResponse({"next": reverse("portal:account_security") + "?said=passkey"})
    web.leave_step(answer)
    return answer


@resident(fresh=True)
@require_POST
def remove(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    try:
        passkeys.remove(passkey_id, account_id=required(request).person.account_id, at=now())
    except NotFound:
        return redirect("portal:account_security")
    return redirect(reverse("portal:account_security") + "?said=passkey_removed")


@public
@never_cache
@require_POST
def signing_in(request: HttpRequest) -> HttpResponse:
    token, options = passkeys.begin_signing_in(at=now())
    answer = JsonResponse(options)
    web.keep_step(answer, token)
    return answer


@public
@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in; or shows once more who they are, to somebody who is signed in to the same account."""
    at, onward = now(), web.safe_path(request.POST.get("next", "")) or reverse("portal:account")
    try:
        account = passkeys.sign_in(web.step_token(request), _answer(request), address=client_address(request), at=at)
    except (RuleBroken, TooManyAttempts) as error:
        return JsonResponse({"problem": str(error.user_message)}, status=422)
    answer = JsonResponse({"next": onward})
    person = web.resident(request)
    if person is not None and person.account_id == account.pk:
        sessions.shown_again(person.session_id, at)
        web.leave_step(answer)
        return answer
    shared = web.is_shared_device(request) or "shared" in request.POST
    browser = request.headers.get("User-Agent", "")
    token = sessions.start(account.pk, browser=browser, how="passkey", is_strong=True, is_shared=shared, at=at)
    web.enter(request, answer, token)
    return answer
