"""Giving money back: asked for by staff within the limit of their role, sent to the provider by the worker, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import sites
from townhall.accounts.models import Role
from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.money import Pence, pounds
from townhall.ledger import operations as ledger
from townhall.payments import messages, protocol
from townhall.payments.errors import AboveLimit, TooMuchToRefund
from townhall.payments.models import Payment, Refund
from townhall.payments.operations.locking import locked_payment
from townhall.payments.operations.outcomes import money_in
from townhall.payments.protocol import FoundRefund, Provider, ProviderDown, ProviderRefused
from townhall.payments.states import REFUNDS_UNDER_WAY, PaymentState, RefundState, check_refund_move

log = structlog.get_logger(__name__)
# The most that somebody may give back of one payment, by the highest of their roles.
LIMITS: Final[Mapping[str, Pence]] = {
    Role.FINANCE.value: Pence(50_000),
    Role.SENIOR_MANAGER.value: Pence(10_000_000),
}
MOST = Pence(10_000_000)
_WAITS = (timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2))


def limit_of(by: Actor) -> Pence:
    """The most that this member of staff may give back of one payment; Townhall itself, by a published rule, all of it."""
    if by.kind is ActorKind.SYSTEM:
        return MOST
    return max((LIMITS[role] for role in by.roles if role in LIMITS), default=Pence(0))


@transaction.atomic
def request_refund(payment_id: UUID, *, amount_pence: Pence, reason: str, by: Actor, at: datetime) -> Refund:
    """Give back some or all of a payment. Raises NotAllowed, NotFound, BadInput, AboveLimit, TooMuchToRefund, WrongState."""
    require(by, "payments.refund")
    _charge, payment = locked_payment(payment_id)
    sites.require(by, "payments.refund", payment.site_code)
    if payment.state != PaymentState.SUCCESS:
        raise WrongState(_("Only a payment that was taken can be refunded."))
    if not reason.strip():
        raise BadInput({"reason": _("Enter why the money goes back")})
    if amount_pence <= 0:
        raise BadInput({"amount": _("Enter an amount of money, like 12.50")})
    limit = limit_of(by)
    if payment.refunded_pence + amount_pence > limit:
        raise AboveLimit(
            _("You may refund up to %(limit)s of one payment. Ask a senior manager.") % {"limit": pounds(limit)}
        )
    if payment.refunds.filter(state__in=REFUNDS_UNDER_WAY).exists():
        raise WrongState(_("Another refund of this payment is on its way. Wait until it is done."))
    if amount_pence > payment.amount_pence - payment.refunded_pence:
        raise TooMuchToRefund
    refund = Refund.objects.create(
        id=uuid7(),
        payment=payment,
        amount_pence=amount_pence,
        reason=reason.strip(),
        requested_by=by.id,
        requested_at=at,
        next_look_at=at,
    )
    _record("refund.requested", refund, payment, by=by, at=at)
    return refund


def send_refund(refund_id: UUID, *, at: datetime) -> Refund:
    """Take a refund further with the provider, and write down how it stands. Never inside a transaction.

    If an earlier try reached the provider and its answer did not reach us, the refund that is there already is taken for ours.
    """
    refund = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if refund is None:
        raise NotFound
    if refund.state not in REFUNDS_UNDER_WAY:
        return refund
    payment = refund.payment
    provider = protocol.provider(payment.provider)
    try:
        found = _there(provider, refund) or _send(provider, refund)
    except ProviderDown as error:
        return _later(refund_id, str(error), at=at)
    except ProviderRefused as error:
        return _finish(refund_id, RefundState.ERROR, at=at, error=str(error))
    return _finish(refund_id, found.state, at=at, provider_id=found.provider_id)


def _there(provider: Provider, refund: Refund) -> FoundRefund | None:
    """This refund as the provider has it, or None when it does not."""
    listed = provider.refunds(refund.payment.provider_id)
    if refund.provider_id:
        return next((one for one in listed if one.provider_id == refund.provider_id), None)
    known = set(
        Refund.objects.filter(payment=refund.payment).exclude(pk=refund.pk).values_list("provider_id", flat=True)
    )
    unknown = [one for one in listed if one.provider_id not in known and one.amount_pence == refund.amount_pence]
    return unknown[-1] if unknown and refund.looks > 1 else None


def _send(provider: Provider, refund: Refund) -> FoundRefund:
    found = provider.status(refund.payment.provider_id)
    return provider.refund(
        refund.payment.provider_id, amount_pence=refund.amount_pence, available_pence=found.refundable_pence
    )


@transaction.atomic
def _later(refund_id: UUID, error: str, *, at: datetime) -> Refund:
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.next_look_at = at + _WAITS[min(max(refund.looks, 1), len(_WAITS)) - 1]
    refund.error = error[:200]
    refund.save(update_fields=["next_look_at", "error"])
    return refund


@transaction.atomic
def _finish(refund_id: UUID, state: RefundState, *, at: datetime, provider_id: str = "", error: str = "") -> Refund:
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)
    charge, payment = locked_payment(payment_id)
    refund = Refund.objects.get(pk=refund_id)
    refund.provider_id = provider_id or refund.provider_id
    refund.error = error[:200]
    if refund.state == state or refund.state not in REFUNDS_UNDER_WAY:
        refund.next_look_at = at + _WAITS[-2] if refund.state in REFUNDS_UNDER_WAY else None
        refund.save(update_fields=["provider_id", "error", "next_look_at"])
        return refund
    check_refund_move(RefundState(refund.state), state)
    refund.state = state
    refund.next_look_at = at + _WAITS[0] if state is RefundState.SUBMITTED else None
    refund.finished_at = None if state is RefundState.SUBMITTED else at
    refund.save()
    if state is RefundState.SUCCESS:
        payment.refunded_pence += refund.amount_pence
        payment.save(update_fields=["refunded_pence"])
        money_in(payment, at=at, refunded_pence=refund.amount_pence)
        messages.refunded(charge, payment, refund, at=at)
    _record(f"refund.{state.value}", refund, payment, by=SYSTEM, at=at)
    return refund


def _record(verb: str, refund: Refund, payment: Payment, *, by: Actor, at: datetime) -> None:
    data: dict[str, object] = {"payment": str(payment.pk), "pence": refund.amount_pence}
    ledger.record(verb, about=refund.subject, by=by, at=at, customer_id=payment.customer_id, data=data)
