"""Money of a permit that goes back by its own rules, without anybody of the finance team."""

from __future__ import annotations

from datetime import datetime

from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.payments import operations as payments
from townhall.payments.models import Payment
from townhall.payments.states import PaymentState
from townhall.permits.models import Permit


def give_back(permit: Permit, pence: Pence, *, reason: str, at: datetime) -> Pence:
    """Ask for so much of the fee back, to whoever paid it; how much that is. What was never paid is not given back."""
    paid = Payment.objects.filter(
        charge__subject_kind="case", charge__subject_id=permit.case_id, state=PaymentState.SUCCESS
    ).first()
    if paid is None or pence <= 0:
        return Pence(0)
    most = Pence(min(pence, paid.amount_pence - paid.refunded_pence))
    if most > 0:
        payments.request_refund(paid.pk, amount_pence=most, reason=reason, by=SYSTEM, at=at)
    return most
