"""Which form is meant, and how far this browser is with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.engine import Step
from townhall.forms.errors import DraftGone, TooMany, TooMuch
from townhall.forms.known import at_start
from townhall.portal import form_language
from townhall.portal.account.web import acting, me
from townhall.portal.filling import Filling
from townhall.portal.known import known_of_me
from townhall.portal.views.account.gate import barred
from townhall.portal.views.forms import languages
from townhall.portal.views.steps import sent
from townhall.ui.responses import error_page

COOKIE = "form-{code}"
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Filling, P], HttpResponse]


def form_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """A page of a form. A draft that was sent leads to what it became."""

    @wraps(page)
    def view(request: HttpRequest, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            filling = filling_of(request, code)
        except NotFound as error:
            raise Http404 from error
        except DraftGone:
            return gone(request, code)
        draft = filling.draft
        if turned := languages.switched(request, filling.flow.form):
            return turned
        if filling.needs_level and (gate := barred(request, filling.level)):
            return gate
        if draft is not None and draft.result_id is not None:
            return after_sending(request, filling, draft.result_id)
        try:
            with translation.override(form_language.of_screens(filling.flow.language)):
                return page(request, filling, *args, **kwargs)
        except (TooMuch, TooMany) as error:
            return error_page(request, 400, detail=str(error))

    return public(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def filling_of(request: HttpRequest, code: str) -> Filling:
    """Raises NotFound for a form that is not offered, DraftGone when the cookie's draft is over."""
    token = request.COOKIES.get(COOKIE.format(code=code), "")
    draft = drafts.draft(token, at=now()) if token else None
    version = draft.form_version if draft else drafts.published_version(code)
    flow = drafts.flow(code, version=version)
    if flow.form.texts:
        flow = drafts.flow(code, version=version, language=languages.chosen(request, flow.form))
    level = "public"
    if not (draft and draft.is_test):
        entry = catalogue.entry(flow.form.service)
        if not entry.is_live:
            raise NotFound
        level = entry.pack.level
    who = me(request) if draft is None else None
    known = at_start(flow.form, known_of_me(who)) if who else {}
    return Filling(
        code=code, version=version, flow=flow, draft=draft, today=council_date(now()), known=known, level=level,
        languages=languages.offered(request, flow),
    )  # fmt: skip


def gone(request: HttpRequest, code: str) -> HttpResponse:
    answer = render(request, "portal/forms/gone.html", {"first": reverse("portal:form", args=[code])}, status=410)
    answer.delete_cookie(COOKIE.format(code=code), path=f"/forms/{code}", samesite="Lax")
    return answer


def after_sending(request: HttpRequest, filling: Filling, result_id: UUID) -> HttpResponse:
    """What a draft became: its case, or the end of a test."""
    if not filling.is_test:
        return sent(result_id)
    answer = render(request, "portal/forms/tested.html", {"filling": filling})
    answer.delete_cookie(COOKIE.format(code=filling.code), path=f"/forms/{filling.code}", samesite="Lax")
    return answer


def begin_draft(
    request: HttpRequest,
    filling: Filling,
    here: Step,
    answer: HttpResponse,
    *,
    answers: Mapping[str, Any] | None = None,
    draft_id: UUID | None = None,
) -> HttpResponse:
    """Begin the draft of this form on a step, with `answers` beside what is known; `answer` keeps its token."""
    who = me(request)
    token = forms.start_draft(
        filling.code,
        by=acting(request),
        at=now(),
        channel="web",
        version=filling.version,
        answers={**filling.known, **(answers or {})},
        customer_id=who.acting.customer_id if who else None,
        on_behalf_of=who.acting.customer_id if who and who.is_helping else None,
        page=here.page,
        draft_id=draft_id,
    )
    return keep_token(answer, filling.code, token, days=0 if who else forms.DRAFT_DAYS)


def keep_token(answer: HttpResponse, code: str, token: str, *, days: int = forms.DRAFT_DAYS) -> HttpResponse:
    """This browser has this draft; for no days: until it is closed."""
    answer.set_cookie(
        COOKIE.format(code=code),
        token,
        max_age=days * 86_400 or None,
        path=f"/forms/{code}",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return answer


def address_of(filling: Filling, step: Step) -> str:
    return reverse("portal:form_step", args=[filling.code, str(step)])
