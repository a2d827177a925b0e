"""Penalty notices for staff: looking one up, and deciding about appeals."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.files.queries import files_of
from townhall.forms.typed import clean_line, clean_text
from townhall.ledger import operations as ledger
from townhall.payments import queries as payments
from townhall.payments.models import Payment
from townhall.payments.owed import reference_key
from townhall.payments.states import PaymentState
from townhall.penalties import operations, queries
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.states import AppealState

MAY = "penalties.decide"


@staff(may=MAY)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Appeals to decide, those due first; and a notice by its number."""
    typed = clean_line(request.GET.get("number", ""))[:60]
    problems = {}
    if typed:
        notice = PenaltyNotice.objects.filter(number_key=reference_key(typed)).first()
        if notice is not None:
            return redirect("workspace:penalty", notice.pk)
        problems["number"] = _("There is no notice with that number")
    ledger.looked(by=actor(request), at=now(), customer_id=None, page="penalties.list")
    context = {
        "waiting": queries.waiting(),
        "typed": typed,
        "today": council_date(now()),
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "workspace/money/penalties.html", context, status=422 if problems else 200)


@staff(may=MAY)
@never_cache
@require_safe
def show(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    notice = PenaltyNotice.objects.filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    return _page(request, notice, queries.latest_appeal(notice))


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """The appeal with everything that was sent, and the decision."""
    appeal = Appeal.objects.select_related("notice").filter(pk=appeal_id).first()
    if appeal is None:
        raise Http404
    if request.method != "POST":
        return _page(request, appeal.notice, appeal)
    words, choice = clean_text(request.POST.get("words", ""))[:10_000], request.POST.get("decision", "")
    typed = {"words": words, "decision": choice}
    if choice not in ("accept", "reject"):
        return _page(request, appeal.notice, appeal, typed=typed, problems={"decision": _("Select the decision")})
    try:
        operations.decide(appeal_id, accepted=choice == "accept", words=words, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, appeal.notice, appeal, typed=typed, problems=error.problems)
    except RuleBroken as error:
        return _page(request, appeal.notice, appeal, typed=typed, problems={"": str(error)}, status=409)
    messages.success(request, _("The decision is made, and the appellant is told."))
    return redirect("workspace:appeal", appeal_id)


def _page(
    request: HttpRequest,
    notice: PenaltyNotice,
    appeal: Appeal | None,
    *,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    found = problems or {}
    ledger.looked(by=actor(request), at=now(), customer_id=notice.customer_id, page="penalty")
    paid = Payment.objects.filter(charge_id=notice.charge_id, state=PaymentState.SUCCESS).first()
    context = {
        "notice": notice,
        "charge": payments.to_pay(notice.charge_id, at=now()),
        "appeal": appeal,
        "pictures": queries.pictures(notice),
        "evidence": files_of(appeal.subject) if appeal else [],
        "may_decide": appeal is not None and appeal.state == AppealState.RECEIVED,
        "paid": paid,
        "to_refund": paid is not None and notice.state == "cancelled" and paid.refunded_pence < paid.amount_pence,
        "typed": typed or {},
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}" if field else ""} for field, text in found.items()],
    }
    return render(request, "workspace/money/penalty.html", context, status=status or (422 if found else 200))
