"""How somebody signs in, and where they are signed in: theirs alone to see and change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import changing, passkeys, providers, second_factor, sessions, steps, web
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.models import ResidentAccount, ResidentIdentity
from townhall.accounts.residents.steps import Purpose
from townhall.accounts.web import client_address
from townhall.core.access import resident
from townhall.core.errors import BadInput, RuleBroken, WrongState
from townhall.core.time import now
from townhall.portal.account.browsers import browser_words
from townhall.portal.account.web import required
from townhall.portal.views.account.drawing import draw, problems_of, too_many
from townhall.portal.views.account.entering import typed_line


def _back(said: str) -> HttpResponse:
    return redirect(f"{reverse('portal:account_security')}?said={said}")


@resident
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    person, at = required(request).person, now()
    identities = list(ResidentIdentity.objects.filter(account_id=person.account_id).order_by("linked_at"))
    held = {one.provider for one in identities}
    context: dict[str, Any] = {
        "sessions": sessions.sessions_of(person.account_id, at),
        "browser_words": browser_words,
        "has_code": second_factor.is_on(person.account_id),
        "codes_left": second_factor.codes_left(person.account_id),
        "passkeys": passkeys.passkeys_of(person.account_id),
        "identities": identities,
        "providers": [one for one in providers.configured() if one.code not in held],
        "provider_names": {one.code: one.name for one in providers.configured()},
    }
    return draw(request, "security", **context)


@resident
@require_POST
def session_end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    person = required(request).person
    sessions.end(session_id, account_id=person.account_id, because="ended", at=now())
    if session_id != person.session_id:
        return _back("session")
    answer = redirect("portal:sign_out")
    web.leave(request, answer)
    return answer


@resident
@require_POST
def other_sessions_end(request: HttpRequest) -> HttpResponse:
    person = required(request).person
    sessions.end_all(person.account_id, because="ended", at=now(), keep=person.session_id)
    return _back("sessions")


@resident
@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    person = required(request).person
    has_password = bool(ResidentAccount.objects.get(pk=person.account_id).password)
    if not has_password and not person.is_fresh:
        return redirect(f"{reverse('portal:sign_in_again')}?next={request.path}")
    if request.method != "POST":
        return draw(request, "password", has_password=has_password)
    try:
        changing.change_password(
            person.account_id,
            present=request.POST.get("present", ""),
            new=request.POST.get("password", ""),
            keep=person.session_id,
            at=now(),
        )
    except BadInput as error:
        return draw(request, "password", problems=error.problems, has_password=has_password)
    except TooManyAttempts as error:
        return too_many(request, error)
    return _back("password")


@resident(fresh=True)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_code(request: HttpRequest) -> HttpResponse:
    """Put an authenticator app in place; ends with recovery codes, shown this once."""
    account_id = required(request).person.account_id
    try:
        enrolment = second_factor.begin(account_id)
    except WrongState:
        return redirect("portal:account_security")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = second_factor.confirm(account_id, request.POST.get("code", ""), at=now())
        except RuleBroken as error:
            problems = problems_of(error, "code")
        else:
            return draw(request, "recovery_codes", codes=made)
    return draw(request, "set_up_code", problems=problems, enrolment=enrolment)


@resident(fresh=True)
@require_POST
def code_off(request: HttpRequest) -> HttpResponse:
    person = required(request).person
    second_factor.take_away(person.account_id, by=person.actor, at=now())
    return _back("code_off")


@resident(fresh=True)
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    try:
        made = second_factor.renew_codes(required(request).person.account_id, at=now())
    except WrongState:
        return redirect("portal:account_security")
    return draw(request, "recovery_codes", codes=made)


@resident(fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """Another email address: a code goes to it, and the account moves when the code comes back."""
    person = required(request).person
    if request.method != "POST":
        return draw(request, "email", typed="")
    typed = typed_line(request, "email")
    try:
        token = changing.ask_new_email(person.account_id, typed, address=client_address(request), at=now())
    except BadInput as error:
        return draw(request, "email", problems=error.problems, typed=typed)
    except TooManyAttempts as error:
        return too_many(request, error)
    answer = redirect("portal:email_code")
    web.keep_step(answer, token)
    return answer


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def email_code(request: HttpRequest) -> HttpResponse:
    person, token = required(request).person, web.step_token(request)
    try:
        step = steps.running(token, Purpose.CHANGE_EMAIL, at=now())
        if request.method != "POST":
            return draw(request, "code", email=step.email)
        changing.change_email(person.account_id, token, request.POST.get("code", ""), keep=person.session_id, at=now())
    except StepOver:
        return draw(request, "code_over", status=410)
    except RuleBroken as error:
        return draw(request, "code", problems=problems_of(error, "code"), email=step.email)
    answer = _back("email")
    web.leave_step(answer)
    return answer


@resident(fresh=True)
@require_POST
def identity_end(request: HttpRequest, identity_id: UUID) -> HttpResponse:
    gone = providers.unlink(identity_id, account_id=required(request).person.account_id, at=now())
    return _back("identity" if gone else "only_way")


@resident(fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Close the account. What the council did for somebody stays on record, without a way in."""
    if request.method != "POST":
        return draw(request, "close")
    changing.close(required(request).person.account_id, at=now())
    answer = redirect("portal:sign_out")
    web.leave(request, answer)
    return answer
