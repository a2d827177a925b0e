"""Writing down how a payment stands with its provider, and posting the money. The same news again changes nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from townhall.core.actors import Actor
from townhall.core.db import execute
from townhall.core.events import publish
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.payments import messages
from townhall.payments.events import ChargePaid
from townhall.payments.models import Charge, Difference, Payment
from townhall.payments.operations.locking import locked_payment
from townhall.payments.protocol import Found
from townhall.payments.states import (
    PAYMENT_NEXT,
    UNFINISHED,
    ChargeState,
    PaymentState,
    check_charge_move,
)

log = structlog.get_logger(__name__)
_VERBS = {
    PaymentState.SUBMITTED: "payment.submitted",
    PaymentState.SUCCESS: "payment.succeeded",
    PaymentState.FAILED: "payment.failed",
    PaymentState.CANCELLED: "payment.cancelled",
    PaymentState.ERROR: "payment.error",
}


@transaction.atomic
def record(payment_id: UUID, found: Found, *, by: Actor, at: datetime, is_here: bool = False) -> Payment:
    """The provider says how a payment stands. News that is older than what we know is passed over. Raises NotFound.

    is_here: the payer is on the page that says so; else an end without payment is told by mail.
    """
    charge, payment = locked_payment(payment_id)
    then = found.state
    if then not in PAYMENT_NEXT[PaymentState(payment.state)]:
        return payment  # the same news, or older
    payment.state, payment.code = then, found.code
    if then is PaymentState.SUBMITTED:
        payment.submitted_at = at
    if then not in UNFINISHED:
        payment.finished_at, payment.next_look_at = at, None
    if then is PaymentState.SUCCESS:
        _paid(charge, payment, found, at=at)
    payment.save()
    if verb := _VERBS.get(then):
        _record(verb, payment, by=by, at=at)
    if then not in UNFINISHED and then is not PaymentState.SUCCESS and not is_here:
        messages.not_taken(charge, payment, at=at)
    return payment


def _paid(charge: Charge, payment: Payment, found: Found, *, at: datetime) -> None:
    money_in(payment, at=at)
    if found.amount_pence != payment.amount_pence:
        _differs(payment, Difference.Kind.AMOUNT, found, at=at)
    if charge.state == ChargeState.PAID:
        payment.is_surplus = True
        _differs(payment, Difference.Kind.SURPLUS, found, at=at)
        log.error("payment.surplus", payment_id=str(payment.pk), charge_id=str(charge.pk))
    else:
        check_charge_move(ChargeState(charge.state), ChargeState.PAID)
        charge.state, charge.closed_at = ChargeState.PAID, at
        charge.save(update_fields=["state", "closed_at"])
        publish(
            ChargePaid(
                charge_id=charge.pk,
                payment_id=payment.pk,
                kind=charge.kind_id,
                subject_kind=charge.subject_kind,
                subject_id=charge.subject_id,
                at=at,
            )
        )
    messages.receipt(charge, payment, at=at)


def _differs(payment: Payment, kind: Difference.Kind, found: Found, *, at: datetime) -> None:
    Difference.objects.get_or_create(
        provider=payment.provider,
        provider_id=payment.provider_id,
        kind=kind,
        defaults={
            "payment": payment,
            "reference": found.reference,
            "our_pence": payment.amount_pence,
            "their_pence": found.amount_pence,
            "our_state": PaymentState.SUCCESS.value,
            "their_state": found.state.value,
            "on": council_date(at),
            "found_at": at,
        },
    )


def money_in(payment: Payment, *, at: datetime, refunded_pence: int = 0) -> None:
    """Post one payment, or one refund of it, to the day's income. In the transaction that made it so."""
    came, back = (0, 1) if refunded_pence else (1, 0)
    execute(
        """INSERT INTO payments_income AS i ("on", kind_code, method, site_code, payments, pence, refunds, refunded_pence)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT ("on", kind_code, method, site_code) DO UPDATE SET
             payments = i.payments + excluded.payments, pence = i.pence + excluded.pence,
             refunds = i.refunds + excluded.refunds, refunded_pence = i.refunded_pence + excluded.refunded_pence""",
        (
            council_date(at),
            payment.kind_code,
            payment.method,
            payment.site_code,
            came,
            payment.amount_pence * came,
            back,
            refunded_pence,
        ),
    )


def _record(verb: str, payment: Payment, *, by: Actor, at: datetime) -> None:
    ledger.record(
        verb,
        about=payment.subject,
        by=by,
        at=at,
        customer_id=payment.customer_id,
        data={
            "charge": str(payment.charge_id),
            "kind": payment.kind_code,
            "method": payment.method,
            "pence": payment.amount_pence,
            "code": payment.code[:40],
        },
    )
