"""The tables of states, walked at random."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.core.actors import SYSTEM
from townhall.core.errors import RuleBroken
from townhall.payments import operations
from townhall.payments.models import Charge, Income, Method, Payment
from townhall.payments.protocol import Found
from townhall.payments.states import CHARGE_NEXT, PAYMENT_NEXT, REFUND_NEXT, UNFINISHED, PaymentState
from townhall.payments.tests.makers import FINANCE, NOON, make_charge

pytestmark = pytest.mark.proof

MINUTE = timedelta(minutes=1)
NEWS = st.lists(st.sampled_from(["start", "hold", "release", "cancel", *PaymentState.values]), max_size=10)


@pytest.mark.parametrize("table", [CHARGE_NEXT, PAYMENT_NEXT, REFUND_NEXT])
def test_every_state_is_in_its_table_and_can_be_reached(table: dict[str, frozenset[str]]) -> None:
    states = list(type(next(iter(table))))  # type: ignore[call-overload]
    assert set(table) == set(states)
    reached = {state for following in table.values() for state in following}
    assert set(states) - reached <= {states[0]}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None)
@given(news=NEWS)
def test_in_any_order_of_news_a_charge_is_paid_at_most_once(news: list[str]) -> None:
    charge, at, was_over = make_charge(), NOON, dict[UUID, str]()
    earned = sum(Income.objects.values_list("pence", flat=True))
    for one in news:
        at += MINUTE
        latest = charge.payments.order_by("-created_at").first()
        try:
            match one:
                case "start":
                    operations.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=at)
                case "hold":
                    operations.hold(charge.pk, by=FINANCE, at=at)
                case "release":
                    operations.release(charge.pk, by=FINANCE, at=at)
                case "cancel":
                    operations.cancel_charge(charge.pk, by=FINANCE, at=at)
                case _ if latest:
                    operations.record(latest.pk, _found(latest, PaymentState(one)), by=SYSTEM, at=at)
        except RuleBroken:
            pass
        payments = {row.pk: row.state for row in Payment.objects.filter(charge=charge)}
        assert all(payments[key] == state for key, state in was_over.items()), "what is over stays over"
        was_over = {key: state for key, state in payments.items() if state not in UNFINISHED}
        paid = list(payments.values()).count("success")
        assert paid <= 1
        assert (Charge.objects.get(pk=charge.pk).state == "paid") == (paid == 1)
        assert sum(Income.objects.values_list("pence", flat=True)) - earned == paid * charge.amount_pence
        assert sum(state in UNFINISHED for state in payments.values()) <= 1


def _found(payment: Payment, state: PaymentState) -> Found:
    return Found(provider_id=payment.provider_id, reference="", state=state, code="", amount_pence=payment.amount_pence)
