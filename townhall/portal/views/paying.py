"""Paying a bill: by its reference, at the provider's own page, and back to a receipt. No card is ever typed here."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.throttle import Limit
from townhall.core.access import public
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.notifications.recipients import email_address
from townhall.payments import operations, queries
from townhall.payments.errors import CannotPayNow
from townhall.payments.models import Method
from townhall.payments.queries import ToPay
from townhall.payments.setting_up import takes
from townhall.payments.states import UNFINISHED, ChargeState
from townhall.portal.account.web import acting, me
from townhall.portal.pay_result import masked, result_of
from townhall.portal.views import limits
from townhall.portal.views.forms.paying import back_to_form

# Looking for what somebody owes by guessing references: what was found is not counted.
MISSES = Limit(what="pay.misses", most=limits.REPORTS.most)
STARTS = Limit(what="pay.starts", most=limits.REPORTS.most)


@public
@never_cache
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find what is to be paid by its reference, and go straight to it when there is one."""
    typed = clean_line(request.GET.get("reference", ""))[:100]
    kind = clean_line(request.GET.get("kind", ""))[:100]
    problems, found = {}, list[ToPay]()
    if "reference" in request.GET:
        if wait := limits.held_up(request, MISSES):
            return wait
        found = queries.find(typed, at=now(), kind=kind)
        if found:
            limits.give_back(request, MISSES)
        else:
            problems["reference"] = (
                _("We have nothing to pay with that reference. Check it and try again")
                if typed
                else _("Enter the reference")
            )
    if len(found) == 1:
        return redirect("portal:pay", found[0].id)
    kinds = queries.kinds()
    chosen = next((one for one in kinds if one.code == kind), None)
    context = {"typed": typed, "found": found, "kinds": kinds, "chosen": chosen, **_said(problems)}
    return render(request, "portal/pay/find.html", context, status=422 if problems else 200)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """What is to be paid, and on to the provider's page."""
    at = now()
    charge = queries.to_pay(charge_id, at=at)
    if charge is None:
        raise Http404
    who = me(request)
    if request.method != "POST":
        return _summary(request, charge, email=who.person.email if who else "")
    if wait := limits.held_up(request, STARTS):
        return wait
    typed = clean_line(request.POST.get("email", ""))[:300]
    email = email_address(typed) if typed else _earlier(request.POST.get("again", ""), charge)
    if typed and not email:
        wrong = _("Enter an email address in the correct format, like name@example.com")
        return _summary(request, charge, email=typed, problems={"email": wrong})
    language = "cy" if get_language() == "cy" else "en"
    try:
        payment = operations.start(
            charge_id,
            by=acting(request),
            at=at,
            email=email,
            language=language,
            customer_id=who.acting.customer_id if who else None,
        )
    except (WrongState, CannotPayNow) as error:
        charge = queries.to_pay(charge_id, at=at) or charge
        return _summary(request, charge, email=typed, problems={"": str(error)}, status=409)
    answer = redirect(payment.next_url)
    answer.status_code = 303
    return answer


def _summary(
    request: HttpRequest, charge: ToPay, *, email: str = "", problems: dict[str, str] | None = None, status: int = 0
) -> HttpResponse:
    found = problems or {}
    token = (request.POST if request.method == "POST" else request.GET).get("again", "")
    earlier = "" if email and request.method != "POST" else _earlier(token, charge)
    context = {
        "charge": charge,
        "email": email,
        "earlier": masked(earlier),
        "again": token if earlier else "",
        "may_pay": charge.state is ChargeState.OPEN and takes(Method.CARD),
        "is_open": charge.state is ChargeState.OPEN,
        "is_held": charge.state is ChargeState.HELD,
        "is_paid": charge.state is ChargeState.PAID,
        **_said(found),
    }
    return render(request, "portal/pay/summary.html", context, status=status or (422 if found else 200))


def _earlier(token: str, charge: ToPay) -> str:
    """The address for the receipt of a payment of this charge that failed. It is never shown whole: the link may be somebody else's."""
    payment = queries.by_token(token) if token else None
    return payment.email if payment and payment.charge_id == charge.id else ""


@public
@never_cache
@require_safe
def back(request: HttpRequest, token: str) -> HttpResponse:
    """Where the provider sends the payer back to: the receipt, or what went wrong and what to do. Can be opened again."""
    payment = queries.by_token(token)
    if payment is None:
        raise Http404
    if payment.state in UNFINISHED:
        try:
            operations.look_now(payment.pk, at=now(), is_here=True)
        except NotFound as error:
            raise Http404 from error
        payment = queries.by_token(token)
        assert payment is not None
    if onward := back_to_form(payment):
        return redirect(onward)
    return render(request, "portal/pay/result.html", result_of(payment))


def _said(problems: dict[str, str]) -> dict[str, object]:
    errors = [{"text": text, "href": f"#{field}" if field else ""} for field, text in problems.items()]
    return {"problems": problems, "errors": errors}
