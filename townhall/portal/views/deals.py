"""Deals of local traders: the public list, vouchers of who is signed in, and what a trader does with their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.codes import picture_of
from townhall.core.access import public, resident
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers.accounts.links import Opened
from townhall.engagement.deals import operations as deals
from townhall.engagement.deals import queries
from townhall.engagement.deals.operations import Offer
from townhall.engagement.deals.queries import DealLine, VoucherLine
from townhall.engagement.states import Deal as State
from townhall.forms.typed import clean_line, clean_text
from townhall.portal.account.web import Me, me, required
from townhall.portal.views import limits
from townhall.portal.views.account.drawing import draw, problems_of


@public
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """What is on this month."""
    page = queries.shown(at=now(), after=request.GET.get("after", "")[:200])
    who = me(request)
    held = queries.vouchers_of(who.acting.customer_id) if who and not who.is_helping else []
    context = {"me": who, "page": page, "held": held, "month": deals.month_words(deals.months(now())[0])}
    return render(request, "portal/deals/deals.html", context)


@public
@never_cache
@require_safe
def deal(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    return _deal(request, deal_id)


def _deal(request: HttpRequest, deal_id: UUID, *, says: str = "") -> HttpResponse:
    found = queries.deal(deal_id)
    if found is None or found.state not in (State.APPROVED, State.CLOSED, State.WITHDRAWN):
        raise Http404
    who = me(request)
    mine = queries.voucher_of(deal_id, who.acting.customer_id) if who else None
    is_on = found.state == State.APPROVED and found.month == deals.months(now())[0]
    context = {
        "me": who,
        "deal": found,
        "is_on": is_on,
        "mine": mine,
        "says": says,
        "errors": [{"text": says, "href": "#take"}] if says else [],
    }
    return render(request, "portal/deals/deal.html", context, status=409 if says else 200)


@resident
@require_POST
def take(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    who = required(request)
    if who.is_helping:
        raise Http404
    try:
        made = deals.take(deal_id, who.acting.customer_id, by=who.actor, at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _deal(request, deal_id, says=str(error.user_message))
    return redirect("portal:voucher", made.pk)


@resident
@require_safe
def voucher(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """To show at the till or to print."""
    found = _voucher(request, voucher_id)
    return draw(request, "deals/voucher", voucher=found, picture=picture_of(_redeem_link(found)))


@resident
@require_safe
def voucher_file(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """The same as one picture to keep on a phone."""
    found = _voucher(request, voucher_id)
    context = {"voucher": found, "picture": picture_of(_redeem_link(found)), "council": settings.COUNCIL_NAME}
    answer = render(request, "portal/deals/voucher.svg", context, content_type="image/svg+xml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="voucher-{found.code}.svg"'
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def _voucher(request: HttpRequest, voucher_id: UUID) -> VoucherLine:
    who = required(request)
    found = None if who.is_helping else queries.voucher(voucher_id, who.acting.customer_id)
    if found is None:
        raise Http404
    return found


def _redeem_link(found: VoucherLine) -> str:
    """What the trader's phone reads from the picture."""
    return f"{settings.PUBLIC_URL}{reverse('portal:deals_yours')}?code={found.code}"


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def yours(request: HttpRequest) -> HttpResponse:
    """A trader's deals with their counts; and a voucher taken in."""
    trader = _trader(required(request))
    if trader is None:
        return draw(request, "deals/not_a_trader", status=403)
    typed = clean_line(request.POST.get("code", request.GET.get("code", "")))[:40]
    problems: dict[str, str] = {}
    if request.method == "POST":
        if wait := limits.held_up(request, limits.LOOK_UPS):
            return wait
        try:
            used = deals.redeem(typed, trader.customer_id, by=trader.actor, at=now())
        except RuleBroken as error:
            problems = problems_of(error, "code")
        else:
            return redirect(f"{reverse('portal:deals_yours')}?said=redeemed&used={used.code}")
    page = queries.of_trader(trader.customer_id, after=request.GET.get("after", "")[:200])
    used_code = clean_line(request.GET.get("used", ""))[:20]
    return draw(request, "deals/yours", problems=problems, page=page, typed=typed, used=used_code)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, deal_id: UUID | None = None) -> HttpResponse:
    """A new offer; or, with `deal_id`, one of an earlier month again."""
    trader, at = _trader(required(request)), now()
    if trader is None:
        return draw(request, "deals/not_a_trader", status=403)
    earlier = _own(trader, deal_id) if deal_id else None
    typed = _typed(request, earlier)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            deals.offer(trader.customer_id, _offer(typed), by=trader.actor, at=at, renews=deal_id)
        except RuleBroken as error:
            problems = problems_of(error, "title")
        else:
            return redirect(f"{reverse('portal:deals_yours')}?said=offered")
    months = [(f"{one:%Y-%m}", deals.month_words(one)) for one in deals.months(at)]
    if earlier is not None:
        months = months[1:] if f"{earlier.month:%Y-%m}" == months[0][0] else months
    return draw(request, "deals/offer", problems=problems, typed=typed, months=months, earlier=earlier)


def _typed(request: HttpRequest, earlier: DealLine | None) -> dict[str, str]:
    if request.method == "POST":
        lines = {name: clean_line(request.POST.get(name, ""))[:300] for name in ("title", "where", "most", "month")}
        return lines | {name: clean_text(request.POST.get(name, ""))[:2_000] for name in ("offer", "terms")}
    if earlier is None:
        return dict.fromkeys(("title", "where", "most", "month", "offer", "terms"), "")
    most = "" if earlier.most is None else str(earlier.most)
    words = {name: getattr(earlier, name) for name in ("title", "where", "offer", "terms")}
    return {**words, "most": most, "month": ""}


def _offer(typed: dict[str, str]) -> Offer:
    """Raises BadInput."""
    most = typed["most"].replace(",", "")
    if most and (not most.isdecimal() or len(most) > 9):
        raise BadInput({"most": _("Enter a number from 1 to 100,000, or leave it empty")})
    try:
        month = date.fromisoformat(f"{typed['month'][:7]}-01")
    except ValueError as error:
        raise BadInput({"month": _("Select this month or the next")}) from error
    return Offer(
        title=typed["title"],
        offer=typed["offer"],
        terms=typed["terms"],
        where=typed["where"],
        most=int(most) if most else None,
        month=month,
    )


@resident
@require_POST
def withdraw(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    trader = _trader(required(request))
    if trader is None:
        raise Http404
    found, by = _own(trader, deal_id), trader.actor
    return _done(lambda: deals.withdraw(found.id, by=by, at=now()), said="withdrawn")


def _done(act: Callable[[], Any], *, said: str) -> HttpResponse:
    try:
        act()
    except RuleBroken:
        said = "moved_on"
    return redirect(f"{reverse('portal:deals_yours')}?said={said}")


def _trader(who: Me) -> Opened | None:
    """The organisation for which they trade: the one that the pages are for just now, otherwise the first that is theirs."""
    mine = [one for one in (who.acting, *who.opened) if one.is_organisation and one.is_own]
    return None if who.is_helping or not mine else mine[0]


def _own(trader: Opened, deal_id: UUID) -> DealLine:
    found = queries.deal(deal_id)
    if found is None or found.trader_id != trader.customer_id:
        raise Http404
    return found
