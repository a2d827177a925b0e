"""What people do with their own sign-in: sessions, password, recovery codes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from townhall.accounts import operations, second_factor, throttle
from townhall.accounts import sessions as staff_sessions
from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.sessions import SignedIn
from townhall.accounts.views.sign_in import add_problems, too_many
from townhall.accounts.web import signed_in
from townhall.accounts.web_forms import ChangePasswordForm
from townhall.core.access import staff
from townhall.core.errors import BadInput
from townhall.core.time import now


@staff
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    context = {
        "person": person,
        "sessions": staff_sessions.sessions_of(person.user_id, now()),
        "codes_left": second_factor.codes_left(person.user_id),
    }
    return render(request, "accounts/sessions.html", context)


@staff
@require_POST
def session_end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    person = _me(request)
    staff_sessions.end(session_id, user_id=person.user_id, because="ended", by=person.actor, at=now())
    if session_id == person.session_id:
        request.session.flush()
        return redirect("accounts:sign_out")
    messages.success(request, _("That session has ended."))
    return redirect("accounts:sessions")


@staff
@require_POST
def other_sessions_end(request: HttpRequest) -> HttpResponse:
    person = _me(request)
    staff_sessions.end_all(person.user_id, because="ended", by=person.actor, at=now(), keep=person.session_id)
    messages.success(request, _("Every other session has ended."))
    return redirect("accounts:sessions")


@staff
@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    person, at = _me(request), now()
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if left := throttle.wait(throttle.SIGN_IN, person.email, at):
            return too_many(request, TooManyAttempts(left))
        try:
            operations.change_password(
                person.user_id,
                present=form.cleaned_data["present"],
                new=form.cleaned_data["password"],
                by=person.actor,
                at=at,
                keep=person.session_id,
            )
        except BadInput as error:
            add_problems(form, error)
        else:
            throttle.forget(throttle.SIGN_IN, person.email)
            request.session.cycle_key()
            messages.success(request, _("Your password has changed, and every other session has ended."))
            return redirect("accounts:sessions")
    return render(request, "accounts/password.html", {"form": form})


@staff
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once; the old ones stop working."""
    person = _me(request)
    made = second_factor.renew_recovery_codes(person.user_id, by=person.actor, at=now())
    return render(request, "accounts/recovery_codes.html", {"codes": made, "onward": ""})


def _me(request: HttpRequest) -> SignedIn:
    person = signed_in(request)
    assert person is not None  # the middleware lets nobody else in
    return person
