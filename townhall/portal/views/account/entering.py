"""Opening an account, signing in and out. What is unknown to us and what is known are answered alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.errors import NotSignedIn, TooManyAttempts
from townhall.accounts.residents import changing, providers, registering, sessions, signing_in, steps, web
from townhall.accounts.residents.errors import StepOver, WrongCode
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.residents.steps import Purpose
from townhall.accounts.web import client_address
from townhall.core.access import public, resident
from townhall.core.errors import BadInput
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.places import queries as places
from townhall.portal.account.web import me, required
from townhall.portal.views import limits
from townhall.portal.views.account.drawing import draw, too_many

MAILED = (Purpose.REGISTER, Purpose.RECOVER)


def typed_line(request: HttpRequest, name: str, *, longest: int = 300) -> str:
    return clean_line(request.POST.get(name, "")[: longest * 4])[:longest]


def let_in(
    request: HttpRequest, account: ResidentAccount, *, how: str, to: str, shared: bool, is_strong: bool = False
) -> HttpResponse:
    """Begin a session and lead on. `to`: a path of ours."""
    browser = request.headers.get("User-Agent", "")
    token = sessions.start(account.pk, browser=browser, how=how, is_shared=shared, is_strong=is_strong, at=now())
    answer = redirect(web.safe_path(to) or reverse("portal:account"))
    web.enter(request, answer, token)
    return answer


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if me(request) is not None:
            return redirect("portal:account")
        return draw(request, "register", typed={"kind": "resident"})
    names = ("name", "email", "kind", "organisation")
    typed = {name: typed_line(request, name) for name in names}
    password = request.POST.get("password", "")
    try:
        token = registering.register(**typed, password=password, address=client_address(request), at=now())
    except BadInput as error:
        return draw(request, "register", problems=error.problems, typed=typed)
    except TooManyAttempts as error:
        return too_many(request, error)
    answer = redirect("portal:code")
    web.keep_step(answer, token)
    return answer


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code from a mail: it opens a new account, or leads to a new password."""
    at, token = now(), web.step_token(request)
    try:
        step = steps.running(token, *MAILED, at=at)
    except StepOver:
        return draw(request, "code_over", status=410)
    if request.method != "POST":
        return draw(request, "code", email=step.email)
    typed = request.POST.get("code", "")
    try:
        if step.purpose == Purpose.REGISTER:
            account = registering.confirm(token, typed, at=at)
            to = reverse("portal:account") + "?said=opened"
            return let_in(request, account, how="register", to=to, shared=web.is_shared_device(request))
        answer = redirect("portal:new_password")
        web.keep_step(answer, changing.code_shown(token, typed, at=at))
        return answer
    except WrongCode as error:
        return draw(request, "code", problems={"code": str(error.user_message)}, email=step.email)
    except StepOver:
        return draw(request, "code_over", status=410)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = web.safe_path(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        if me(request) is not None:
            return redirect(onward or reverse("portal:account"))
        return _sign_in_page(request, next=onward, has_ended="ended" in request.GET)
    email, password, at = typed_line(request, "email"), request.POST.get("password", ""), now()
    shared = web.is_shared_device(request) or "shared" in request.POST
    problems = _missing(email, password)
    if not problems:
        try:
            account = signing_in.show_password(email, password, address=client_address(request), at=at)
        except TooManyAttempts as error:
            return too_many(request, error)
        except NotSignedIn as error:
            problems = {"password": str(error.user_message)}
    if problems:
        return _sign_in_page(request, problems=problems, email=email, next=onward)
    token = signing_in.second_step(account.pk, is_shared=shared, next_path=onward, at=at)
    if token is None:
        return let_in(request, account, how="password", to=onward, shared=shared)
    answer = redirect("portal:second_factor")
    web.keep_step(answer, token)
    return answer


def _sign_in_page(
    request: HttpRequest,
    *,
    next: str,  # noqa: A002 - as the page calls it
    problems: dict[str, str] | None = None,
    email: str = "",
    has_ended: bool = False,
) -> HttpResponse:
    ways = providers.configured()
    typed = {"email": email}
    return draw(request, "sign_in", problems=problems, typed=typed, next=next, has_ended=has_ended, providers=ways)


def _missing(email: str, password: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not email:
        problems["email"] = str(registering.MISSING_EMAIL)
    if not password:
        problems["password"] = str(registering.MISSING_PASSWORD)
    return problems


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST signs out; GET says that it is done, or offers it."""
    person = web.resident(request)
    if request.method != "POST":
        return draw(request, "sign_out", is_out=person is None)
    if person is not None:
        sessions.end(person.session_id, account_id=person.account_id, because="signed_out", at=now())
    answer = redirect("portal:sign_out")
    web.leave(request, answer)
    return answer


@resident
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: their idle time starts again."""
    sessions.seen(required(request).person.session_id, now())
    return HttpResponse(status=204)


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code of an app, or a recovery code, after the password."""
    at, token = now(), web.step_token(request)
    problems: dict[str, str] = {}
    try:
        steps.running(token, Purpose.SECOND_FACTOR, at=at)
        if request.method == "POST":
            typed = request.POST.get("code", "")
            step = signing_in.show_code(token, typed, address=client_address(request), at=at)
            assert step.account is not None
            to, shared = str(step.data.get("next", "")), bool(step.data.get("shared"))
            return let_in(request, step.account, how="code", to=to, shared=shared, is_strong=True)
    except TooManyAttempts as error:
        return too_many(request, error)
    except WrongCode as error:
        problems = {"code": str(error.user_message)}
    except StepOver:
        return redirect("portal:sign_in")
    return draw(request, "second_factor", problems=problems)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """A forgotten password: a code by mail, and a second factor asked for all the same at the next sign-in."""
    if request.method != "POST":
        return draw(request, "recover", typed="")
    typed = typed_line(request, "email")
    try:
        token = changing.forgot(typed, address=client_address(request), at=now())
    except BadInput as error:
        return draw(request, "recover", problems=error.problems, typed=typed)
    except TooManyAttempts as error:
        return too_many(request, error)
    answer = redirect("portal:code")
    web.keep_step(answer, token)
    return answer


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    at, token = now(), web.step_token(request)
    try:
        steps.running(token, Purpose.NEW_PASSWORD, at=at)
        if request.method != "POST":
            return draw(request, "new_password")
        changing.choose_password(token, request.POST.get("password", ""), at=at)
    except BadInput as error:
        return draw(request, "new_password", problems=error.problems)
    except StepOver:
        return draw(request, "code_over", status=410)
    answer = redirect(reverse("portal:sign_in") + "?said=password")
    web.leave(request, answer)
    return answer


@resident
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Somebody signed in proves who they are once more, before what could lock its owner out."""
    person = required(request).person
    onward = web.safe_path(request.POST.get("next") or request.GET.get("next", "")) or reverse(
        "portal:account_security"
    )
    if request.method != "POST":
        return draw(request, "sign_in_again", next=onward)
    try:
        signing_in.show_password(
            person.email, request.POST.get("password", ""), address=client_address(request), at=now()
        )
    except TooManyAttempts as error:
        return too_many(request, error)
    except NotSignedIn:
        problem = _("Your password is not right. Check it and try again.")
        return draw(request, "sign_in_again", problems={"password": problem}, next=onward)
    sessions.shown_again(person.session_id, now())
    return redirect(onward)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def this_device(request: HttpRequest) -> HttpResponse:
    """Say that this computer is shared, as in a library: short sessions, and nothing kept, for everybody who signs in on it."""
    if request.method != "POST":
        return draw(request, "this_device")
    answer = redirect(reverse("portal:this_device") + "?said=device")
    web.set_shared_device(answer, shared="shared" in request.POST)
    return answer


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def moving_in(request: HttpRequest) -> HttpResponse:
    """Somebody moves into the borough: the address and an account in one form."""
    words = " ".join(request.GET.get("q", "").split())[:200]
    if words and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    found = places.choices(words) if words else []
    if request.method != "POST":
        nothing = _("We found no address like that. Check it and try again") if words and not found else ""
        problems = {"q": nothing} if nothing else {}
        return draw(request, "moving_in", problems=problems, words=words, found=found, typed={})
    typed = {name: typed_line(request, name) for name in ("name", "email")}
    choice = typed_line(request, "choice", longest=12)
    home = places.address(choice) if choice.isdecimal() else None
    if home is None:
        problems = {"choice" if words else "q": _("Search for your address and select it from the list")}
        return draw(request, "moving_in", problems=problems, words=words, found=found, typed=typed)
    try:
        token = registering.register(
            **typed,
            password=request.POST.get("password", ""),
            uprn=home.code,
            address=client_address(request),
            at=now(),
        )
    except BadInput as error:
        found = [home]
        return draw(request, "moving_in", problems=error.problems, words=words, found=found, typed=typed)
    except TooManyAttempts as error:
        return too_many(request, error)
    answer = redirect("portal:code")
    web.keep_step(answer, token)
    return answer
