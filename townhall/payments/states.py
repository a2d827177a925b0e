"""What can become of a charge, a payment and a refund."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class ChargeState(models.TextChoices):
    OPEN = "open", _("To pay")
    HELD = "held", _("On hold")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("No longer owed")


class PaymentState(models.TextChoices):
    CREATED = "created", _("Not begun")
    STARTED = "started", _("Begun")
    SUBMITTED = "submitted", _("Being processed")
    SUCCESS = "success", _("Paid")
    FAILED = "failed", _("Not taken")
    CANCELLED = "cancelled", _("Cancelled")
    ERROR = "error", _("Something went wrong")


class RefundState(models.TextChoices):
    REQUESTED = "requested", _("Waiting to be sent")
    SUBMITTED = "submitted", _("With the payment provider")
    SUCCESS = "success", _("Refunded")
    ERROR = "error", _("Refused by the payment provider")


_OVER: Final = frozenset({PaymentState.SUCCESS, PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.ERROR})

# Money that was on its way when a charge was put on hold or cancelled still pays it: somebody then decides whether it goes back.
CHARGE_NEXT: Final[Mapping[ChargeState, frozenset[ChargeState]]] = {
    ChargeState.OPEN: frozenset({ChargeState.HELD, ChargeState.PAID, ChargeState.CANCELLED}),
    ChargeState.HELD: frozenset({ChargeState.OPEN, ChargeState.PAID, ChargeState.CANCELLED}),
    ChargeState.CANCELLED: frozenset({ChargeState.PAID}),
    ChargeState.PAID: frozenset(),
}
# What is over stays over: a payer who was refused begins another payment.
PAYMENT_NEXT: Final[Mapping[PaymentState, frozenset[PaymentState]]] = {
    PaymentState.CREATED: frozenset({PaymentState.STARTED, PaymentState.SUBMITTED}) | _OVER,
    PaymentState.STARTED: frozenset({PaymentState.SUBMITTED}) | _OVER,
    PaymentState.SUBMITTED: _OVER,
    **{state: frozenset() for state in (PaymentState.SUCCESS, PaymentState.FAILED)},
    **{state: frozenset() for state in (PaymentState.CANCELLED, PaymentState.ERROR)},
}
REFUND_NEXT: Final[Mapping[RefundState, frozenset[RefundState]]] = {
    RefundState.REQUESTED: frozenset({RefundState.SUBMITTED, RefundState.SUCCESS, RefundState.ERROR}),
    RefundState.SUBMITTED: frozenset({RefundState.SUCCESS, RefundState.ERROR}),
    RefundState.SUCCESS: frozenset(),
    RefundState.ERROR: frozenset(),
}
UNFINISHED: Final = (PaymentState.CREATED, PaymentState.STARTED, PaymentState.SUBMITTED)
REFUNDS_UNDER_WAY: Final = (RefundState.REQUESTED, RefundState.SUBMITTED)


def check_charge_move(now: ChargeState, then: ChargeState) -> None:
    if then not in CHARGE_NEXT[now]:
        raise WrongState


def check_refund_move(now: RefundState, then: RefundState) -> None:
    if then not in REFUND_NEXT[now]:
        raise WrongState
