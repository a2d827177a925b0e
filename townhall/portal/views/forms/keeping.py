"""A draft that is kept for later, opened again on another device, or left."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.core.access import public, resident
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.forms import engine
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.engine import parse_step
from townhall.forms.errors import DraftGone
from townhall.forms.typed import clean_line
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address
from townhall.portal.account.web import required
from townhall.portal.filling import Filling, email_given
from townhall.portal.views import limits
from townhall.portal.views.forms.finding import (
    COOKIE,
    address_of,
    form_page,
    gone,
    keep_token,
)
from townhall.ui.words import long_date


@form_page
def again(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Ask, then leave the draft and begin anew. A mailed link or the account still opens it; it is forgotten in its time."""
    answer = redirect("portal:form", filling.code)
    if filling.draft is None:
        return answer
    if request.method != "POST":
        following = engine.resume(filling.flow, filling.answers, today=filling.today)
        return render(request, "portal/forms/again.html", {"filling": filling, "next": address_of(filling, following)})
    answer.delete_cookie(COOKIE.format(code=filling.code), path=f"/forms/{filling.code}", samesite="Lax")
    return answer


@form_page
def save(request: HttpRequest, filling: Filling) -> HttpResponse:
    """Keep the answers for later, with a link by mail that opens them on any device."""
    if filling.draft is None:
        return redirect("portal:form", filling.code)
    typed = request.POST.get("email", "") if request.method == "POST" else email_given(filling)
    email = clean_line(typed)[:254]
    problems: dict[str, str] = {}
    if request.method == "POST":
        if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
            return wait
        if email_address(email):
            return _saved(request, filling, email)
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    context = {
        "filling": filling,
        "typed": email,
        "back": address_of(filling, parse_step(filling.draft.step)),
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "portal/forms/save.html", context, status=422 if problems else 200)


def _saved(request: HttpRequest, filling: Filling, email: str) -> HttpResponse:
    draft = filling.draft
    assert draft is not None
    by, at = actor(request), now()
    with transaction.atomic():
        token = forms.save_for_later(request.COOKIES[COOKIE.format(code=filling.code)], by=by, at=at)
        notifications.send(
            "form/saved",
            to=Recipient(email=email),
            about=Subject(kind="draft", id=draft.pk),
            key=f"form-saved-{token[:16]}",
            context={
                "title": filling.flow.form.title,
                "link": f"{settings.PUBLIC_URL}{reverse('portal:form_resume', args=[filling.code, token])}",
                "until": long_date(council_date(at) + timedelta(days=forms.SAVED_DAYS)),
            },
            at=at,
        )
    return render(request, "portal/forms/saved.html", {"filling": filling, "email": email})


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The link of a saved form. Opening it shows a button, so that a mail scanner that follows links changes nothing."""
    try:
        draft = drafts.draft(token, at=now())
    except DraftGone:
        return gone(request, code)
    if draft.form_code != code:
        raise Http404
    flow = drafts.flow(code, version=draft.form_version)
    if request.method != "POST":
        return render(request, "portal/forms/resume.html", {"flow": flow})
    following = engine.resume(flow, draft.answers, today=council_date(now()))
    return keep_token(redirect("portal:form_step", code, str(following)), code, token, days=forms.SAVED_DAYS)


@resident
@never_cache
@require_POST
def open_mine(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Go on, on this device, with a draft that is in one's account."""
    who = required(request)
    try:
        token = forms.open_draft(draft_id, by=who.actor, at=now())
        code = drafts.draft(token, at=now()).form_code
    except (NotFound, DraftGone) as error:
        raise Http404 from error
    return keep_token(redirect("portal:form", code), code, token, days=0)
