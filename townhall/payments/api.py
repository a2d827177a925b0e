"""The automated phone line: it asks what is owed, takes the card itself, and tells what came of it. Scope: `payments.phone`."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import NotFound
from townhall.core.money import Pence
from townhall.payments import operations, queries
from townhall.payments.models import Method, Payment
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState

group = Group("Payments")
PHONE = "payments.phone"


class OwedOut(Struct, frozen=True, kw_only=True):
    """Amounts in pence. No name and no address: whoever calls knows the reference only."""

    id: UUID
    kind: str
    reference: str
    description: str
    state: str  # owed, held, paid and the like
    owed_pence: int
    due_on: date | None


class OwedQuery(Struct, frozen=True, kw_only=True):
    reference: str
    kind: str = ""


class CallIn(Struct, frozen=True, kw_only=True):
    charge: UUID


class CallOut(Struct, frozen=True, kw_only=True):
    id: UUID
    state: str
    amount_pence: int
    receipt: str  # a number to read out


class OutcomeIn(Struct, frozen=True, kw_only=True):
    """`code`: why it was not taken, as the card company says it. Nothing of the card is taken here."""

    outcome: Literal["success", "failed", "cancelled"]
    code: str = ""


def begun(call: Call, _earlier: UUID) -> CallOut:
    """The call's payment as it is by now: the last one of the charge by telephone."""
    return _out(Payment.objects.filter(charge_id=call.body.charge, method=Method.PHONE).latest("pk"))


def told(call: Call, _earlier: UUID) -> CallOut:
    return _out(Payment.objects.get(pk=call.path["payment_id"], method=Method.PHONE))


@group.endpoint("GET", "/payments/owed", summary="What is owed", gives=list[OwedOut], asks=OwedQuery, scope=PHONE)
def owed(call: Call) -> list[OwedOut]:
    """Charges with a reference, those to pay first."""
    query: OwedQuery = call.query
    found = queries.find(query.reference, kind=query.kind, at=call.at)
    return [
        OwedOut(
            id=one.id,
            kind=one.kind_code,
            reference=one.reference,
            description=one.description,
            state=one.state.value,
            owed_pence=one.owed_pence,
            due_on=one.due_on,
        )
        for one in found
    ]


@group.endpoint(
    "POST",
    "/payments/calls",
    summary="A caller begins to pay",
    gives=CallOut,
    takes=CallIn,
    status=201,
    scope=PHONE,
    again=begun,
)
def begin(call: Call) -> CallOut:
    """While a payment of the charge is unfinished, the same one is given again. One begun online is ended first."""
    body: CallIn = call.body
    return _out(operations.start(body.charge, method=Method.PHONE, by=call.by, at=call.at))


@group.endpoint(
    "POST",
    "/payments/calls/{payment_id}/outcome",
    summary="What came of a call's payment",
    gives=CallOut,
    takes=OutcomeIn,
    scope=PHONE,
    again=told,
)
def outcome(call: Call) -> CallOut:
    """Told twice, it is once. What is over stays as it was told first."""
    body: OutcomeIn = call.body
    payment = Payment.objects.filter(pk=call.path["payment_id"], method=Method.PHONE).first()
    if payment is None:
        raise NotFound
    found = Found(
        provider_id=payment.provider_id,
        reference="",
        state=PaymentState(body.outcome),
        code=body.code[:40],
        amount_pence=Pence(payment.amount_pence),
    )
    return _out(operations.record(payment.pk, found, by=call.by, at=call.at, is_here=True))


def _out(payment: Payment) -> CallOut:
    return CallOut(
        id=payment.pk,
        state=str(payment.state),
        amount_pence=payment.amount_pence,
        receipt=payment.receipt_number,
    )
