"""The provider's list beside ours finds what was planted, and no more (PAY-04)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.money import Pence
from townhall.core.time import council_date, now
from townhall.ledger.models import Entry
from townhall.payments import operations, reconciling, sweeps
from townhall.payments.models import Difference, Payment, ReconciliationRun, SettlementLine
from townhall.payments.protocol import Found
from townhall.payments.standin import PretendProvider
from townhall.payments.states import PaymentState
from townhall.payments.tests.makers import ADVISER, FINANCE, NOON, make_charge, make_payment, press


def make_paid(provider: PretendProvider, *, at: datetime) -> Payment:
    payment = make_payment(charge=make_charge(at=at), at=at)
    press(payment.next_url, "success:none")
    operations.look_now(payment.pk, at=at)
    payment.refresh_from_db()
    return payment


def compared(at: datetime) -> ReconciliationRun:
    return reconciling.reconcile("pay", on=council_date(at), at=at)


@pytest.mark.capability("PAY-04")
def test_when_all_agrees_there_is_nothing_to_settle(provider: PretendProvider) -> None:
    at = now()
    for _number in range(3):
        make_paid(provider, at=at)
    make_payment(at=at)  # nobody has finished this one

    run = compared(at)

    assert (run.ours, run.theirs, run.differences) == (3, 3, 0)
    assert run.our_pence == run.their_pence == 3 * 12_050
    assert SettlementLine.objects.count() == 3


@pytest.mark.capability("PAY-04")
@pytest.mark.parametrize("planted", ["not_here", "not_there", "amount", "state", "refund"])
def test_a_planted_difference_is_found_once(provider: PretendProvider, planted: str) -> None:
    at = now()
    first, second = make_paid(provider, at=at), make_paid(provider, at=at)
    theirs = provider.book.payments[first.provider_id]
    match planted:
        case "not_here":
            provider.book.plant(amount=999)
        case "not_there":
            del provider.book.payments[first.provider_id]
        case "amount":
            theirs.amount += 1
        case "state":
            theirs.status = "failed"
        case "refund":
            theirs.refunds.append({"refund_id": "r", "created_date": "", "amount": 100, "status": "success"})

    run = compared(at)
    compared(at)

    difference = Difference.objects.get()
    assert (difference.kind, run.differences) == (planted, 1)
    assert difference.provider_id != second.provider_id


def test_a_refund_on_its_way_is_no_difference(provider: PretendProvider) -> None:
    at = now()
    payment = make_paid(provider, at=at)
    operations.request_refund(payment.pk, amount_pence=Pence(500), reason="Test", by=FINANCE, at=at)
    sweeps.refund(at)
    assert compared(at).differences == 0

    sweeps.refund(at + timedelta(minutes=3))
    assert compared(at).differences == 0


def test_more_payments_than_one_page_of_the_search(provider: PretendProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    at = now()
    monkeypatch.setattr("townhall.payments.govuk.PAGE", 2)
    for _number in range(5):
        make_paid(provider, at=at)

    assert compared(at).theirs == 5


def test_the_nightly_round_looks_at_three_days_and_survives_an_outage(provider: PretendProvider) -> None:
    at = now()
    provider.book.plant(created=(at - timedelta(days=2)).astimezone(UTC).isoformat())
    provider.book.behaviour.outage = True
    assert reconciling.sweep(at) == 0
    assert not ReconciliationRun.objects.filter(provider="pay").exists()

    provider.book.behaviour.outage = False
    assert reconciling.sweep(at) == 0
    assert ReconciliationRun.objects.filter(provider="pay").count() == 3
    assert Difference.objects.get().kind == "not_here"


def test_a_difference_is_settled_by_finance_staff_with_words(provider: PretendProvider) -> None:
    at = now()
    provider.book.plant()
    compared(at)
    difference = Difference.objects.get()
    with pytest.raises(NotAllowed):
        reconciling.settle(difference.pk, how="It was a test", by=ADVISER, at=at)
    with pytest.raises(BadInput):
        reconciling.settle(difference.pk, how=" ", by=FINANCE, at=at)

    reconciling.settle(difference.pk, how="A test payment, refunded there", by=FINANCE, at=at)

    with pytest.raises(WrongState):
        reconciling.settle(difference.pk, how="Again", by=FINANCE, at=at)
    assert Entry.objects.filter(verb="difference.settled").count() == 1


SIDES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(list(PaymentState)), st.integers(1, 3), st.integers(0, 1)),
)


@given(ours=SIDES, theirs=SIDES)
def test_whatever_differs_in_money_is_listed_and_nothing_else(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    here = {
        key: Payment(provider_id=key, state=state.value, amount_pence=pence, refunded_pence=back, created_at=NOON)
        for key, (state, pence, back) in ours.items()
    }
    there = {
        key: Found(provider_id=key, reference="", state=state, code="", amount_pence=pence, refunded_pence=back)
        for key, (state, pence, back) in theirs.items()
    }

    listed = {one.provider_id for one in reconciling.compare(here, there)}

    def money(side: dict[str, Any], key: str) -> tuple[int, int]:
        state, pence, back = side.get(key, (PaymentState.FAILED, 0, 0))
        return (pence, back) if state is PaymentState.SUCCESS else (0, 0)

    unfinished = {key for key, (state, _pence, _back) in ours.items() if state in ("created", "started", "submitted")}
    differing = {key for key in {*ours, *theirs} if money(ours, key) != money(theirs, key)}
    assert listed == differing - unfinished
