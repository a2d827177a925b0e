"""Signing in at an identity provider, and adding one to an account."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import identity as identities
from townhall.accounts.residents import oidc, providers, sessions, signing_in, steps, web
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.identity import NotProven
from townhall.accounts.residents.oidc import Proved, ProviderFailed
from townhall.accounts.residents.providers import ProviderSettings
from townhall.accounts.residents.steps import Purpose
from townhall.accounts.web import client_address
from townhall.core.access import public, resident
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.customers.accounts import checking
from townhall.portal.account.web import me
from townhall.portal.views.account.drawing import draw, problems_of, too_many
from townhall.portal.views.account.entering import let_in, typed_line
from townhall.portal.views.account.preferences import own

UNSIGNED_LONGEST = 20_000


def _provider(code: str) -> ProviderSettings:
    found = providers.provider(code)
    if found is None:
        raise Http404
    return found


def _back_to(code: str) -> str:
    return settings.PUBLIC_URL + reverse("portal:provider_back", args=[code])


@public
@never_cache
@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Off to the provider. Somebody signed in adds it to their account; anybody else signs in by it."""
    provider, at = _provider(code), now()
    person = web.resident(request)
    if person is not None and not person.is_fresh:
        return redirect(f"{reverse('portal:sign_in_again')}?next={reverse('portal:account_security')}")
    try:
        begun = oidc.begin(provider, back=_back_to(code), language=(get_language() or "en")[:2])
    except ProviderFailed as error:
        return draw(request, "provider_failed", reason=error.user_message, status=502)
    shared = web.is_shared_device(request) or "shared" in request.POST
    data = {**begun.kept, "provider": code, "next": web.safe_path(request.POST.get("next", "")), "shared": shared}
    account_id = person.account_id if person else None
    token = steps.begin(Purpose.PROVIDER, account_id=account_id, data=data, at=at)
    return _away(request, provider, begun, token)


def _away(request: HttpRequest, provider: ProviderSettings, begun: oidc.Begun, token: str) -> HttpResponse:
    """Off to the provider by a page of our own: a form may lead to no other site, and where the provider sends people on is its affair."""
    answer = draw(request, "provider_away", address=begun.address, provider=provider)
    web.keep_step(answer, token)
    return answer


@resident(fresh=True)
@never_cache
@require_POST
def identity(request: HttpRequest, code: str) -> HttpResponse:
    """Off to prove who they are. It is asked for by itself, after signing in."""
    provider, who, at = _provider(code), own(request), now()
    if not provider.identity_vtr:
        raise Http404
    language = (get_language() or "en")[:2]
    try:
        begun = oidc.begin(
            provider, back=_back_to(code), language=language, vtr=provider.identity_vtr, claims=identities.CLAIMS
        )
    except ProviderFailed as error:
        return draw(request, "provider_failed", reason=error.user_message, status=502)
    data = {**begun.kept, "provider": code, "next": web.safe_path(request.POST.get("next", "")), "identity": True}
    return _away(
        request, provider, begun, steps.begin(Purpose.PROVIDER, account_id=who.person.account_id, data=data, at=at)
    )


@public
@never_cache
@require_safe
def back(request: HttpRequest, code: str) -> HttpResponse:
    """Back from the provider, in the same browser that went there."""
    at = now()
    try:
        step = steps.running(web.step_token(request), Purpose.PROVIDER, at=at)
        steps.finish(step, at=at)
        provider = _provider(str(step.data["provider"]))  # whichever the browser set out for
        proved = oidc.finish(provider, request.GET.dict(), step.data, back=_back_to(provider.code))
    except StepOver:
        return draw(request, "code_over", status=410)
    except ProviderFailed as error:
        return draw(request, "provider_failed", reason=error.user_message, status=502)
    if step.account_id is not None and step.data.get("identity"):
        return _proved(request, provider, proved, account_id=step.account_id, to=str(step.data["next"]))
    if step.account_id is not None:
        return _added(request, provider, proved, account_id=step.account_id)
    account = providers.holder(issuer=proved.issuer, subject=proved.subject, at=at)
    to, shared = str(step.data["next"]), bool(step.data["shared"])
    if account is None:
        return _somebody_new(request, provider, proved)
    if not provider.is_strong:
        token = signing_in.second_step(account.pk, is_shared=shared, next_path=to, at=at)
        if token is not None:
            answer = redirect("portal:second_factor")
            web.keep_step(answer, token)
            return answer
    browser = request.headers.get("User-Agent", "")
    session = sessions.start(
        account.pk,
        browser=browser,
        how=provider.code,
        is_shared=shared,
        is_strong=provider.is_strong,
        provider_session=proved.session,
        at=at,
    )
    answer = redirect(web.safe_path(to) or reverse("portal:account"))
    web.enter(request, answer, session)
    return answer


def _added(request: HttpRequest, provider: ProviderSettings, proved: Proved, *, account_id: UUID) -> HttpResponse:
    person = web.resident(request)
    if person is None or person.account_id != account_id:  # signed out, or as another, in the meantime
        return draw(request, "code_over", status=410)
    theirs = providers.link(
        account_id, provider_code=provider.code, issuer=proved.issuer, subject=proved.subject, at=now()
    )
    answer = redirect(f"{reverse('portal:account_security')}?said={'identity_added' if theirs else 'identity_taken'}")
    web.leave_step(answer)
    return answer


def _proved(
    request: HttpRequest, provider: ProviderSettings, proved: Proved, *, account_id: UUID, to: str
) -> HttpResponse:
    """Who they are was proved there: it counts for the record of the account that is signed in, and of nobody else."""
    who, at = me(request), now()
    if who is None or who.is_helping or who.person.account_id != account_id:
        return draw(request, "code_over", status=410)
    verify = reverse("portal:verify")
    try:
        found = identities.proved(provider, proved.about, subject=proved.subject)
        with transaction.atomic():
            if not providers.spend(issuer=provider.issuer, key=found.key, expires_at=found.expires_at):
                raise ProviderFailed
            linked = providers.link(
                account_id, provider_code=provider.code, issuer=proved.issuer, subject=proved.subject, at=at
            )
            if not linked:
                raise NotProven(_("That identity signs in to another account here."))
            checking.provider_proved(
                who.own.customer_id,
                family_names=found.family_names,
                born_on=found.born_on,
                provider_code=provider.code,
                by=who.own.actor,
                at=at,
            )
    except RuleBroken as error:
        answer = draw(request, "identity_failed", reason=str(error), verify=verify, status=422)
    else:
        answer = redirect(web.safe_path(to) or f"{verify}?said=verified")
    web.leave_step(answer)
    return answer


def _somebody_new(request: HttpRequest, provider: ProviderSettings, proved: Proved) -> HttpResponse:
    """No account has this identity: one is opened once an email address is proved, by our own code."""
    data = {
        "provider": provider.code,
        "issuer": proved.issuer,
        "subject": proved.subject,
        "name": proved.name,
        "email": proved.email,
    }
    answer = redirect("portal:provider_email", provider.code)
    web.keep_step(answer, steps.begin(Purpose.PROVIDER, data={**data, "proved": True}, at=now()))
    return answer


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, code: str) -> HttpResponse:
    """Name and email address of somebody new, then the code from the mail."""
    at, token = now(), web.step_token(request)
    try:
        step = steps.running(token, Purpose.PROVIDER, Purpose.PROVIDER_EMAIL, at=at)
    except StepOver:
        return draw(request, "code_over", status=410)
    if step.purpose == Purpose.PROVIDER_EMAIL:
        return _mailed(request, token, step.email)
    kept = step.data
    if not kept.get("proved"):
        return draw(request, "code_over", status=410)
    if request.method != "POST":
        return draw(request, "provider_email", typed={"name": kept["name"], "email": kept["email"]})
    typed = {"name": typed_line(request, "name"), "email": typed_line(request, "email")}
    if not typed["name"]:
        return draw(request, "provider_email", problems={"name": _("Enter your full name")}, typed=typed)
    try:
        mailed = providers.ask_email(
            provider_code=kept["provider"],
            issuer=kept["issuer"],
            subject=kept["subject"],
            address=client_address(request),
            at=at,
            **typed,
        )
    except TooManyAttempts as error:
        return too_many(request, error)
    except RuleBroken as error:
        return draw(request, "provider_email", problems=problems_of(error, "email"), typed=typed)
    answer = redirect("portal:provider_email", code)
    web.keep_step(answer, mailed)
    return answer


def _mailed(request: HttpRequest, token: str, address: str) -> HttpResponse:
    if request.method != "POST":
        return draw(request, "code", email=address)
    try:
        account = providers.confirm_email(token, request.POST.get("code", ""), at=now())
    except StepOver:
        return draw(request, "code_over", status=410)
    except RuleBroken as error:
        return draw(request, "code", problems=problems_of(error, "code"), email=address)
    to = reverse("portal:account") + "?said=opened"
    return let_in(request, account, how="register", to=to, shared=web.is_shared_device(request))


@public
@csrf_exempt
@never_cache
@require_POST
def logout(request: HttpRequest, code: str) -> HttpResponse:
    """OpenID Connect Back-Channel Logout: the provider itself calls, with a signed token."""
    provider, token = _provider(code), request.POST.get("logout_token", "")
    if not token or len(token) > UNSIGNED_LONGEST:
        return HttpResponse(status=400)
    try:
        said = oidc.read_logout(provider, token)
    except ProviderFailed:
        return HttpResponse(status=400)
    providers.logged_out(
        issuer=said.issuer,
        subject=said.subject,
        session=said.session,
        jti=said.jti,
        expires_at=said.expires_at,
        at=now(),
    )
    return HttpResponse(status=200)
