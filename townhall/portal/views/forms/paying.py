"""A fee in the middle of a form: paid on the provider's page before it goes on. Who comes back late, or never, loses nothing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.core.access import public
from townhall.core.errors import WrongState
from townhall.core.money import pounds
from townhall.core.time import now
from townhall.forms import engine, queries
from townhall.forms import operations as forms
from townhall.forms.definition import FormPage
from townhall.forms.engine import Step
from townhall.forms.operations.paying import SOURCE, TEST, Standing, standing
from townhall.forms.questions import Payment as PaymentQuestion
from townhall.payments import operations as payments
from townhall.payments.errors import CannotPayNow
from townhall.payments.models import Method, Payment
from townhall.payments.queries import by_token as payments_by_token
from townhall.payments.setting_up import takes
from townhall.payments.states import UNFINISHED, PaymentState
from townhall.portal.account.web import acting
from townhall.portal.filling import Filling, email_given
from townhall.portal.pay_result import result_of
from townhall.portal.views.forms.finding import COOKIE, address_of, begin_draft


def payment_of(page: FormPage) -> PaymentQuestion | None:
    """The payment that a page takes; such a page asks nothing else."""
    return next((one for one in page.questions if isinstance(one, PaymentQuestion)), None)


def payment_page(request: HttpRequest, filling: Filling, here: Step, question: PaymentQuestion) -> HttpResponse:
    if filling.draft is None:
        return _begin(request, filling, here) if request.method == "POST" else _draw(request, filling, here, question)
    stands = _looked_after(filling, question)
    if request.method != "POST":
        return _draw(request, filling, here, question, stands=stands)
    token = request.COOKIES[COOKIE.format(code=filling.code)]
    if filling.is_test:
        forms.save_draft(token, {question.code: TEST}, step=str(here), at=now(), page=here.page)
        return redirect(address_of(filling, filling.after(here, changed={question.code: TEST})))
    by, email = acting(request), email_given(filling)
    charge = forms.owe_on_the_way(token, question.code, by=by, at=now(), email=email)
    if charge is None:
        kept = forms.save_draft(token, {}, step=str(here), at=now(), page=here.page)
        return redirect(address_of(filling, filling.after(here, changed=kept.answers)))
    language = "cy" if get_language() == "cy" else "en"
    try:
        payment = payments.start(charge.pk, by=by, at=now(), email=email, language=language)
    except (WrongState, CannotPayNow) as error:
        return _draw(request, filling, here, question, stands=_looked_after(filling, question), problem=str(error))
    answer = redirect(payment.next_url)
    answer.status_code = 303
    return answer


def _begin(request: HttpRequest, filling: Filling, here: Step) -> HttpResponse:
    """A form that begins with its fee: first there has to be a draft that the fee can be owed under."""
    return begin_draft(request, filling, here, redirect(address_of(filling, here)))


def _looked_after(filling: Filling, question: PaymentQuestion) -> Standing:
    """How the fee stands, after the provider was asked about a payment that nobody came back from."""
    assert filling.draft is not None
    found = standing(filling.draft.pk, filling.flow, question, filling.answers, today=filling.today)
    unfinished = found.open and found.open.payments.filter(state__in=UNFINISHED).exclude(provider_id="").first()
    if not unfinished:
        return found
    after = payments.look_now(unfinished.pk, at=now(), is_here=True)
    if after.state in UNFINISHED:
        return found
    return standing(filling.draft.pk, filling.flow, question, filling.answers, today=filling.today)


def _draw(
    request: HttpRequest,
    filling: Filling,
    here: Step,
    question: PaymentQuestion,
    *,
    stands: Standing | None = None,
    problem: str = "",
) -> HttpResponse:
    before = filling.before(here)
    last = _last_try(stands)
    pence = stands.pence if stands else engine.to_pay(filling.flow, question, filling.known_at(here))
    context: dict[str, Any] = {
        "filling": filling,
        "page": filling.flow.pages[here.page],
        "question": question,
        "pence": pence,
        "left": stands.left if stands else pence,
        "paid": stands.paid if stands else 0,
        "receipts": stands.receipts if stands else [],
        "is_waiting": last is not None and last.state == PaymentState.SUBMITTED,
        "was_not_taken": last is not None and last.state in (PaymentState.FAILED, PaymentState.ERROR),
        "was_cancelled": last is not None and last.state == PaymentState.CANCELLED,
        "may_pay": takes(Method.CARD) or filling.is_test,
        "back": address_of(filling, before) if before else reverse("portal:form", args=[filling.code]),
        "errors": [{"text": problem, "href": "#pay"}] if problem else [],
    }
    return render(request, "portal/forms/payment.html", context, status=409 if problem else 200)


def _last_try(stands: Standing | None) -> Payment | None:
    return stands.open.payments.order_by("-id").first() if stands and stands.open else None


def back_to_form(payment: Payment) -> str:
    """Where a payer goes on who comes back from paying a fee of a form that was not sent yet; empty for other payments."""
    code, _page = _place(payment)
    return reverse("portal:form_paid", args=[code, payment.token]) if code else ""


@public
@never_cache
@require_safe
def paid(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Back from the provider, where this browser shows which form it has: on with it, or the receipt alone in another browser."""
    payment = payments_by_token(token)
    if payment is None:
        raise Http404
    form, page = _place(payment)
    if form == code and page and COOKIE.format(code=code) in request.COOKIES:
        return redirect("portal:form_step", code, page)
    return render(request, "portal/pay/result.html", result_of(payment))


def _place(payment: Payment) -> tuple[str, str]:
    """The form and its page that the payment is for, while the form is not sent."""
    charge = payment.charge
    if charge.source != SOURCE or charge.subject_kind != "draft" or charge.subject_id is None:
        return "", ""
    return queries.place_of_payment(charge.subject_id, charge.source_key.split(":")[1])


def paid_lines(filling: Filling, clean: dict[str, Any]) -> list[dict[str, str]]:
    """What was paid on the way, for the check of answers."""
    if filling.draft is None or filling.is_test:
        return []
    lines = []
    for question in filling.flow.form.questions():
        if isinstance(question, PaymentQuestion) and clean.get(question.code):
            stands = standing(filling.draft.pk, filling.flow, question, filling.answers, today=filling.today)
            if stands.paid:
                receipt = _("%(amount)s, receipt number %(number)s") % {
                    "amount": pounds(stands.paid),
                    "number": ", ".join(stands.receipts),
                }
                lines.append({"key": question.label, "value": receipt})
    return lines
