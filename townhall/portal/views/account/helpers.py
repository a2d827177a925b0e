"""Asking somebody to help, saying yes to it, and ending it; and taking over an account that staff opened."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import sessions, steps, web
from townhall.accounts.residents.errors import StepOver, WrongCode
from townhall.accounts.residents.steps import Purpose
from townhall.core.access import public, resident
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers.accounts import desk
from townhall.customers.accounts import helpers as helping
from townhall.portal.account.web import required
from townhall.portal.views.account.drawing import draw, problems_of, too_many
from townhall.portal.views.account.entering import let_in, typed_line
from townhall.portal.views.account.preferences import own


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def helpers(request: HttpRequest) -> HttpResponse:
    """Those who help, and an invitation to another."""
    who, at = own(request), now()
    customer_id = who.acting.customer_id
    typed = {"name": typed_line(request, "name", longest=200), "email": typed_line(request, "email")}
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            helping.invite(customer_id, account_id=who.person.account_id, by=who.acting.actor, at=at, **typed)
            return redirect(f"{reverse('portal:helpers')}?said=invited")
        except TooManyAttempts as error:
            return too_many(request, error)
        except RuleBroken as error:
            problems = problems_of(error, "email")
    return draw(request, "helpers", problems=problems, typed=typed, invites=helping.invites_of(customer_id, at=at))


@resident
@require_POST
def end(request: HttpRequest, invite_id: UUID) -> HttpResponse:
    who = own(request)
    try:
        helping.end(invite_id, customer_id=who.acting.customer_id, by=who.acting.actor, at=now())
    except NotFound as error:
        raise Http404 from error
    return redirect(f"{reverse('portal:helpers')}?said=ended")


@resident
@require_POST
def leave(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Stop helping somebody."""
    who = required(request)
    try:
        helping.leave(link_id, account_id=who.person.account_id, by=who.own.actor, at=now())
    except NotFound as error:
        raise Http404 from error
    return redirect("portal:account")


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation: what helping means, and yes."""
    who, at = required(request), now()
    try:
        invite = helping.invite_in(token, at=at)
        if request.method == "POST":
            link = helping.accept(
                token, account_id=who.person.account_id, email=who.person.email, by=who.own.actor, at=at
            )
            sessions.act_for(who.person.session_id, link.pk)
            return redirect(f"{reverse('portal:account')}?said=helping")
    except NotFound:
        return draw(request, "code_over", status=410)
    except RuleBroken as error:
        return draw(request, "accept", problems=problems_of(error, "accept"), invite=invite)
    return draw(request, "accept", invite=invite)


@public
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def opened_for_you(request: HttpRequest, token: str) -> HttpResponse:
    """An account that staff prepared: the code they gave, and a password."""
    at = now()
    try:
        steps.running(token, Purpose.DESK, at=at)
        if request.method != "POST":
            return draw(request, "opened_for_you")
        typed, password = request.POST.get("code", ""), request.POST.get("password", "")
        account = desk.complete(token, typed, password, at=at)
    except StepOver:
        return draw(request, "code_over", status=410)
    except (WrongCode, BadInput) as error:
        return draw(request, "opened_for_you", problems=problems_of(error, "code"))
    to = reverse("portal:account") + "?said=opened"
    return let_in(request, account, how="register", to=to, shared=web.is_shared_device(request))
