"""Beginning to pay, and hearing what came of it. The provider is called between two transactions, never inside one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from townhall.accounts import sites
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.ledger import operations as ledger
from townhall.payments import counters, protocol
from townhall.payments.errors import AlreadyPaid, CannotPayNow, NotOwed, OnHold, UnderWay
from townhall.payments.models import Method, Payment
from townhall.payments.operations.locking import locked_charge, locked_payment
from townhall.payments.operations.outcomes import record
from townhall.payments.owed import owed_pence
from townhall.payments.protocol import Created, Found, Order, Provider, ProviderDown, ProviderRefused, UnknownThere
from townhall.payments.setting_up import OF_METHOD
from townhall.payments.states import UNFINISHED, ChargeState, PaymentState

log = structlog.get_logger(__name__)
FIRST_LOOK = timedelta(minutes=5)  # when nobody came back and no message came
LONGEST_CALL = timedelta(minutes=30)  # of a payment by phone that the line says nothing more of
EXPIRED = "P0020"  # the provider's word for a payment that nobody finished in time
NEVER_LEFT = timedelta(minutes=10)  # after this a payment that the provider never had is given up
_REFUSALS = {ChargeState.PAID: AlreadyPaid, ChargeState.HELD: OnHold, ChargeState.CANCELLED: NotOwed}


def start(
    charge_id: UUID,
    *,
    method: Method = Method.CARD,
    by: Actor,
    at: datetime,
    email: str = "",
    site_code: str = "",
    language: str = "en",
    customer_id: UUID | None = None,
) -> Payment:
    """Begin to pay a charge, and give the payment; its `next_url` is where the payer goes. Never called inside a transaction.

    While a payment of the charge is unfinished, that one is given again, so a charge cannot be paid twice. One begun in another way is
    cancelled first. customer_id: who pays, when that is known and the bill names nobody.
    Raises NotFound, AlreadyPaid, OnHold, NotOwed, UnderWay, CannotPayNow, and NotAtThisCounter; NotAllowed at a counter where they
    do not work.
    """
    if method is Method.TERMINAL:
        sites.require(by, "payments.take", site_code)
        counters.require_live(charge_id, site_code=site_code, at=at)
    other = Payment.objects.filter(charge_id=charge_id, state__in=UNFINISHED).exclude(method=method).first()
    if other is not None:
        abandon(other.pk, by=by, at=at)
    payment = _begin(charge_id, method=method, by=by, at=at, email=email, site_code=site_code, customer_id=customer_id)
    return payment if payment.provider_id else _send(payment, by=by, at=at, language=language)


@transaction.atomic
def _begin(
    charge_id: UUID,
    *,
    method: Method,
    by: Actor,
    at: datetime,
    email: str,
    site_code: str,
    customer_id: UUID | None,
) -> Payment:
    charge = locked_charge(charge_id)
    if refusal := _REFUSALS.get(ChargeState(charge.state)):
        raise refusal
    unfinished = charge.payments.filter(state__in=UNFINISHED).first()
    if unfinished is not None:
        if unfinished.method != method or unfinished.state == PaymentState.SUBMITTED:
            raise UnderWay
        if email and email != unfinished.email:
            unfinished.email = email
            unfinished.save(update_fields=["email"])
        return unfinished
    payment = Payment.objects.create(
        id=uuid7(),
        charge=charge,
        method=method,
        provider=OF_METHOD[method],
        amount_pence=owed_pence(charge, at=at),
        email=email or charge.payer_email,
        customer_id=charge.customer_id or customer_id,
        kind_code=charge.kind_id,
        site_code=site_code or charge.site_code,
        by_kind=by.kind.value,
        by_id=by.id,
        created_at=at,
        next_look_at=at + FIRST_LOOK,
    )
    _record("payment.started", payment, by=by, at=at)
    return payment


def _send(payment: Payment, *, by: Actor, at: datetime, language: str) -> Payment:
    """Tell the provider. Two at once make two there; the first to be written down is used, and the other cancelled."""
    provider = protocol.provider(payment.provider)
    try:
        created = provider.create(_order(payment, language))
    except ProviderDown as error:
        log.warning("payment.provider_down", payment_id=str(payment.pk), provider=payment.provider)
        raise CannotPayNow from error
    except ProviderRefused as error:
        log.exception("payment.provider_refused", payment_id=str(payment.pk), provider=payment.provider)
        _give_up(payment.pk, at=at)
        raise CannotPayNow from error
    kept = _keep(payment.pk, created, by=by, at=at)
    if kept.provider_id != created.provider_id:
        _cancel_quietly(provider, created.provider_id)
    return kept


def _order(payment: Payment, language: str) -> Order:
    charge = payment.charge
    return Order(
        amount_pence=payment.amount_pence,
        reference=charge.reference,
        description=charge.words,
        return_url=f"{settings.PUBLIC_URL}/pay/back/{payment.token}",
        email=payment.email,
        language=language,
        metadata={"payment": str(payment.pk), "kind": payment.kind_code, "site": payment.site_code or "none"},
    )


@transaction.atomic
def _keep(payment_id: UUID, created: Created, *, by: Actor, at: datetime) -> Payment:
    _charge, payment = locked_payment(payment_id)
    if payment.provider_id or payment.state not in UNFINISHED:
        return payment
    payment.provider_id, payment.next_url = created.provider_id, created.next_url
    payment.save(update_fields=["provider_id", "next_url"])
    return payment


def _cancel_quietly(provider: Provider, provider_id: str) -> None:
    """Nobody was sent to this one, so it ends by itself if it cannot be cancelled now."""
    try:
        provider.cancel(provider_id)
    except (ProviderDown, ProviderRefused):
        log.warning("payment.orphan_left", provider_id=provider_id)


def abandon(payment_id: UUID, *, by: Actor, at: datetime) -> Payment:
    """Cancel an unfinished payment with its provider, so that it can be paid in another way. Never inside a transaction.

    Raises UnderWay when the provider is already taking the money, CannotPayNow when it does not answer.
    """
    payment = Payment.objects.select_related("charge").get(pk=payment_id)
    if not payment.provider_id:
        return _give_up(payment_id, at=at)
    provider = protocol.provider(payment.provider)
    try:
        provider.cancel(payment.provider_id)
        found = provider.status(payment.provider_id)
    except (ProviderDown, ProviderRefused) as error:
        raise CannotPayNow from error
    if payment.method == Method.PHONE:
        found = _ended(payment, PaymentState.CANCELLED, "")
    after = record(payment_id, found, by=by, at=at)
    if after.state in UNFINISHED:
        raise UnderWay
    return after


@transaction.atomic
def _give_up(payment_id: UUID, *, at: datetime) -> Payment:
    """The provider never had it: nobody was sent to pay it, so nothing can have been taken."""
    _charge, payment = locked_payment(payment_id)
    if payment.state in UNFINISHED and not payment.provider_id:
        payment.state, payment.finished_at, payment.next_look_at = PaymentState.ERROR, at, None
        payment.save(update_fields=["state", "finished_at", "next_look_at"])
        _record("payment.error", payment, by=SYSTEM, at=at)
    return payment


def look_now(payment_id: UUID, *, at: datetime, is_here: bool = False) -> Payment:
    """Ask the provider how a payment stands, and write it down. Never inside a transaction.

    is_here: the payer is on the page that says it, so an end without payment needs no mail. What cannot be asked now is left as it is.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    if payment.state not in UNFINISHED:
        return payment
    if not payment.provider_id:
        return _give_up(payment_id, at=at) if at - payment.created_at > NEVER_LEFT else payment
    if payment.method == Method.PHONE:
        over = at - payment.created_at > LONGEST_CALL
        return record(payment_id, _ended(payment, PaymentState.FAILED, EXPIRED), by=SYSTEM, at=at) if over else payment
    try:
        found = protocol.provider(payment.provider).status(payment.provider_id)
    except ProviderDown:
        return payment
    except UnknownThere:
        found = _ended(payment, PaymentState.ERROR, "unknown")
    return record(payment_id, found, by=SYSTEM, at=at, is_here=is_here)


def _ended(payment: Payment, state: PaymentState, code: str) -> Found:
    """An end that the provider does not tell."""
    return Found(
        provider_id=payment.provider_id, reference="", state=state, code=code, amount_pence=payment.amount_pence
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
        },
    )
