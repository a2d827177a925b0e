"""Payments for staff: finding one, reading it, and giving money back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts import sites
from townhall.accounts.models import User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.money import Pence
from townhall.core.time import now
from townhall.forms.typed import clean_line, clean_text
from townhall.ledger import operations as ledger
from townhall.payments import operations, queries
from townhall.payments.models import Payment
from townhall.payments.operations.refunding import limit_of
from townhall.payments.states import PaymentState
from townhall.payments.typed import pence_of


@staff(may="payments.see")
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, typed = actor(request), clean_line(request.GET.get("reference", ""))[:100]
    ledger.looked(by=by, at=now(), customer_id=None, page="payments.list")
    context = {
        "page": queries.payments(by=by, reference=typed, after=request.GET.get("after", "")),
        "typed": typed,
        "is_first": not request.GET.get("after"),
        "sites": "" if sites.sites_for(by, "payments.see") is None else sites.where(by, "payments.see"),
        "may_take": may(by, "payments.take").allowed,
        "may_reconcile": may(by, "payments.reconcile").allowed,
        "may_administer": may(by, "payments.administer").allowed,
        "may_see_income": may(by, "income.see").allowed,
        "state_words": _state_words,
    }
    return render(request, "workspace/money/payments.html", context)


@staff(may="payments.see")
@never_cache
@require_safe
def show(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    return _page(request, payment_id)


@staff(may="payments.refund")
@require_POST
def refund(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Give back some or all of it."""
    typed = {name: clean_text(request.POST.get(name, ""))[:2000] for name in ("amount", "reason")}
    try:
        operations.request_refund(
            payment_id, amount_pence=pence_of(typed["amount"]), reason=typed["reason"], by=actor(request), at=now()
        )
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, payment_id, typed=typed, problems=error.problems)
    except RuleBroken as error:
        return _page(request, payment_id, typed=typed, problems={"amount": str(error)}, status=409)
    messages.success(request, _("The refund is on its way."))
    return redirect("workspace:payment", payment_id)


def _page(
    request: HttpRequest,
    payment_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    by, found = actor(request), problems or {}
    payment = queries.visible_to(by).filter(pk=payment_id).first()
    if payment is None:
        raise Http404
    ledger.looked(by=by, at=now(), customer_id=payment.customer_id, page="payment")
    refunds = list(payment.refunds.order_by("requested_at"))
    left = Pence(payment.amount_pence - payment.refunded_pence)
    taken = payment.state == PaymentState.SUCCESS
    context = {
        "payment": payment,
        "charge": payment.charge,
        "refunds": refunds,
        "names": _names([one.requested_by for one in refunds]),
        "left": left,
        "limit": limit_of(by),
        "may_refund": taken
        and left > 0
        and may(by, "payments.refund").allowed
        and sites.reaches(by, "payments.refund", payment.site_code),
        "state_words": _state_words,
        "typed": typed or {},
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
    }
    return render(request, "workspace/money/payment.html", context, status=status or (422 if found else 200))


def _names(ids: list[str]) -> dict[str, str]:
    rows = User.objects.filter(pk__in={one for one in ids if one}).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _state_words(payment: Payment) -> str:
    return str(PaymentState(payment.state).label)
