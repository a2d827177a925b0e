"""Signing in and out. Both factors are asked for on pages of their own; only then is there a session."""

from __future__ import annotations

from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts import cookies, demo, operations, permissions, second_factor, sessions, signing_in
from townhall.accounts.errors import LinkOver, NotSignedIn, TooManyAttempts, WrongCode
from townhall.accounts.first_page import first_page
from townhall.accounts.web import actor, ask_again, client_address, signed_in
from townhall.accounts.web_forms import CodeForm, NewPasswordForm, SignInForm
from townhall.core.access import public
from townhall.core.errors import BadInput, RuleBroken, WrongState
from townhall.core.time import now
from townhall.ui.paths import is_ours
from townhall.ui.responses import error_page
from townhall.ui.site import path_to


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    next_path = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "GET" and (person := signed_in(request)) is not None:
        return redirect(next_path or first_page(person.actor))
    form = SignInForm(request.POST if request.method == "POST" else None)
    at = now()
    if form.is_valid():
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        try:
            user = signing_in.show_password(email, password, address=client_address(request), at=at)
        except TooManyAttempts as error:
            return too_many(request, error)
        except NotSignedIn as error:
            form.add_error("password", str(error.user_message))
        else:
            cookies.password_shown(request.session, user.pk, next_path=next_path, at=at)
            return redirect(_second_step(user.pk))
    context = {
        "form": form,
        "next": next_path,
        "has_ended": "ended" in request.GET,
        "demo_people": demo.people_with_codes(at),
        "demo_password": demo.PASSWORD,
    }
    return render(request, "accounts/sign_in.html", context)


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    at = now()
    user_id = cookies.pending(request.session, at)
    if user_id is None:
        return redirect("accounts:sign_in")
    if not second_factor.is_enrolled(user_id):
        return redirect("accounts:set_up_second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            session = signing_in.show_code(
                user_id,
                form.cleaned_data["code"],
                address=client_address(request),
                browser=request.headers.get("User-Agent", ""),
                at=at,
            )
        except TooManyAttempts as error:
            return too_many(request, error)
        except WrongCode as error:
            form.add_error("code", str(error.user_message))
        except NotSignedIn:
            return redirect("accounts:sign_in")
        else:
            return _enter(request, session.pk)
    demo_people = [person for person in demo.people_with_codes(at) if person.id == user_id]
    context = {"form": form, "demo_people": demo_people, "demo_password": demo.PASSWORD}
    return render(request, "accounts/second_factor.html", context)


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """For somebody who has shown their password and has no app yet. Ends with recovery codes, and signed in."""
    at = now()
    user_id = cookies.pending(request.session, at)
    if user_id is None:
        return redirect("accounts:sign_in")
    by = permissions.themselves(user_id)
    try:
        enrolment = second_factor.begin(user_id)
    except WrongState:
        return redirect("accounts:second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = second_factor.confirm(user_id, form.cleaned_data["code"], by=by, at=at)
        except RuleBroken as error:
            form.add_error("code", str(error.user_message))
        else:
            browser = request.headers.get("User-Agent", "")
            session = sessions.start(user_id, browser=browser, at=at, by=by)
            onward = _enter(request, session.pk)["Location"]
            return render(request, "accounts/recovery_codes.html", {"codes": made, "onward": onward})
    return render(request, "accounts/set_up_second_factor.html", {"form": form, "enrolment": enrolment})


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link by which somebody chooses a password."""
    at = now()
    try:
        user = operations.link_holder(token, at)
        form = NewPasswordForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                operations.choose_password(token, form.cleaned_data["password"], at=at)
            except BadInput as error:
                add_problems(form, error)
            else:
                cookies.password_shown(request.session, user.pk, next_path="", at=at)
                return redirect(_second_step(user.pk))
    except LinkOver as error:
        return error_page(request, 410, detail=error.user_message)
    return render(request, "accounts/set_up.html", {"form": form, "person": user})


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST signs out; GET asks whether to, or says that it is done."""
    person = signed_in(request)
    if request.method == "POST":
        if person is not None:
            sessions.end(person.session_id, user_id=person.user_id, because="signed_out", by=actor(request), at=now())
        request.session.flush()
        return redirect("accounts:sign_out")
    return render(request, "accounts/sign_out.html", {"person": person})


@public
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: their idle time starts again. 401 when the session is over."""
    person = signed_in(request)
    if person is None:
        return HttpResponse(status=401)
    sessions.seen(person.session_id, now())
    return HttpResponse(status=204)


def too_many(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    seconds = max(1, int(error.left.total_seconds()))
    return error_page(request, 429, detail=error.user_message, retry_after_seconds=seconds)


def add_problems(form: Form, error: BadInput) -> None:
    for field, message in error.problems.items():
        form.add_error(field if field in form.fields else None, message)


def _enter(request: HttpRequest, staff_session_id: UUID) -> HttpResponse:
    next_path = cookies.signed_in(request.session, staff_session_id)
    ask_again(request)
    person = signed_in(request)
    return redirect(next_path or (first_page(person.actor) if person else reverse("accounts:sessions")))


def _second_step(user_id: UUID) -> str:
    return "accounts:second_factor" if second_factor.is_enrolled(user_id) else "accounts:set_up_second_factor"


def _safe(request: HttpRequest, path: str) -> str:
    """A path of ours to go on to, or nothing. The workspace's front door leads everybody to their own first page."""
    return path if is_ours(path) and path != path_to("workspace:queue") else ""
