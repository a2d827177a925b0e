"""What payers are told by mail."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from townhall.core.money import Pence
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.payments.models import Charge, Payment, Refund


def receipt(charge: Charge, payment: Payment, *, at: datetime) -> None:
    _send("payment/receipt", charge, payment, key=f"payment-receipt-{payment.pk}", at=at, paid_at=at)


def not_taken(charge: Charge, payment: Payment, *, at: datetime) -> None:
    """Only to who left: whoever is still there reads it on the page."""
    _send("payment/not_taken", charge, payment, key=f"payment-not-taken-{payment.pk}", at=at)


def refunded(charge: Charge, payment: Payment, refund: Refund, *, at: datetime) -> None:
    back = Pence(refund.amount_pence)
    _send("payment/refunded", charge, payment, key=f"payment-refund-{refund.pk}", at=at, back=back)


def _send(template: str, charge: Charge, payment: Payment, *, key: str, at: datetime, **more: object) -> None:
    if not payment.email:
        return
    notifications.send(
        template,
        to=Recipient(name=charge.payer_name, email=payment.email, customer_id=payment.customer_id),
        about=payment.subject,
        key=key,
        context={
            "kind": charge.kind.name,
            "reference": charge.reference,
            "number": payment.receipt_number,
            "description": charge.description,
            "words": charge.words,
            "amount": Pence(payment.amount_pence),
            "link": f"{settings.PUBLIC_URL}/pay/back/{payment.token}",
            "again": f"{settings.PUBLIC_URL}/pay/{charge.pk}",
            "phone": settings.COUNCIL_PHONE,
            **more,
        },
        at=at,
    )
