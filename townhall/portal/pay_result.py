"""What came of a payment, as its payer reads it."""

from __future__ import annotations

from django.conf import settings

from townhall.core.money import Pence
from townhall.core.time import now
from townhall.payments import operations
from townhall.payments.models import Payment
from townhall.payments.states import UNFINISHED, ChargeState, PaymentState
from townhall.portal.hints import on_confirmation


def result_of(payment: Payment) -> dict[str, object]:
    state = PaymentState(payment.state)
    return {
        "payment": payment,
        "charge": payment.charge,
        "is_of_case": payment.charge.subject_kind == "case",
        "phone": settings.COUNCIL_PHONE,
        "amount": Pence(payment.amount_pence),
        "refunded": Pence(payment.refunded_pence),
        "outcome": "waiting" if state in UNFINISHED else state.value,
        "is_expired": payment.code == operations.EXPIRED,
        "email": masked(payment.email),
        "hint": on_confirmation(payment.pk, at=now(), customer_id=payment.customer_id, email=payment.email)
        if state is PaymentState.SUCCESS
        else None,
        "is_paid_otherwise": state is not PaymentState.SUCCESS and payment.charge.state == ChargeState.PAID,
    }


def masked(email: str) -> str:
    """Enough for who typed it: whoever has the link need not be them."""
    name, at_sign, place = email.partition("@")
    return f"{name[:1]}…{at_sign}{place}" if at_sign else ""
