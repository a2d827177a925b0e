"""My requests: each with its progress, our questions and their answers; adding to one, and taking one back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import limits
from townhall.cases import operations as cases
from townhall.cases import public as public_cases
from townhall.cases.operations.adding import LONGEST
from townhall.cases.operations.claiming import claim
from townhall.core.access import resident
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_text
from townhall.notifications.queries import messages_about
from townhall.portal.account.requests import OwnCase, mine, own_case
from townhall.portal.account.web import Me, required
from townhall.portal.case_parts import part_of
from townhall.portal.views.account.drawing import draw, problems_of, too_many
from townhall.portal.views.account.entering import typed_line


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """The list; and one more put on it, that was made with this email address before there was an account."""
    who, typed = required(request), ""
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = typed_line(request, "reference", longest=100)
        try:
            limits.count((limits.PROOF, str(who.person.account_id)), at=now())
            case = claim(typed, customer_id=who.own.customer_id, email=who.person.email, by=who.own.actor, at=now())
        except TooManyAttempts as error:
            return too_many(request, error)
        except NotFound:
            problems["reference"] = _("We have no request with that reference from your email address. Check it")
        else:
            return redirect(f"{reverse('portal:request', args=[case.reference])}?said=claimed")
    page = mine(who.acting.customer_id, after=request.GET.get("after", ""))
    return draw(request, "requests", problems=problems, page=page, typed=typed)


@resident
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    who = required(request)
    return _page(request, who, _own(who, reference))


def _own(who: Me, reference: str) -> OwnCase:
    try:
        return own_case(reference, customer_id=who.acting.customer_id)
    except NotFound as error:
        raise Http404 from error


def _page(
    request: HttpRequest, who: Me, own: OwnCase, *, problems: dict[str, str] | None = None, **typed: str
) -> HttpResponse:
    case = public_cases.follow_page(own.case.reference)
    if case is None:
        raise Http404
    mails = [one for one in messages_about(own.case.pk, limit=50) if _is_theirs(one, who)]
    context: dict[str, Any] = {
        "own": own,
        "case": case,
        "today": council_date(now()),
        "mails": mails,
        "part": part_of(own.case.pk, service_code=own.case.service_code, at=now()),
        "typed": typed,
    }
    return draw(request, "request", problems=problems, **context)


def _is_theirs(message: Any, who: Me) -> bool:
    """Other people follow the same report: what they were told is theirs."""
    return bool(message.recipient_address) and message.recipient_address in (who.person.email, who.acting.phone)


def _changed(reference: str, said: str) -> HttpResponse:
    return redirect(f"{reverse('portal:request', args=[reference])}?said={said}")


def _do(
    request: HttpRequest, reference: str, field: str, said: str, change: Callable[[Me, OwnCase, str], object]
) -> HttpResponse:
    who = required(request)
    own = _own(who, reference)
    text = clean_text(request.POST.get(field, "")[: LONGEST * 2])
    if own.follower is None:
        raise Http404
    try:
        change(who, own, text)
    except RuleBroken as error:
        return _page(request, who, own, problems=problems_of(error, field), **{field: text})
    return _changed(own.case.reference, said)


@resident
@require_POST
def more(request: HttpRequest, reference: str) -> HttpResponse:
    """Something to add, which staff see."""

    def add(who: Me, own: OwnCase, text: str) -> None:
        assert own.follower is not None
        cases.add_information(own.follower.pk, text=text, channel="web", by=who.actor, at=now())

    return _do(request, reference, "more", "added", add)


@resident
@require_POST
def reply(request: HttpRequest, reference: str) -> HttpResponse:
    """The answer to our question."""

    def answer(who: Me, own: OwnCase, text: str) -> None:
        cases.customer_replied(own.case.pk, text=text, by=who.actor, at=now())

    return _do(request, reference, "reply", "replied", answer)


@resident
@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """It is not needed any more."""

    def withdraw(who: Me, own: OwnCase, text: str) -> None:
        assert own.follower is not None
        cases.withdraw_own(own.follower.pk, by=who.actor, at=now())

    return _do(request, reference, "cancel", "cancelled", withdraw)
