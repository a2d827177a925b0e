"""Giving money back: within the limit of one's role, once, and to the same card."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from townhall.core.actors import PUBLIC, Actor
from townhall.core.errors import BadInput, NotAllowed, RuleBroken, WrongState
from townhall.core.money import Pence
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.payments import operations, sweeps
from townhall.payments.errors import AboveLimit, TooMuchToRefund
from townhall.payments.models import Income, Payment, Refund
from townhall.payments.standin import PretendProvider
from townhall.payments.standin.book import Paid
from townhall.payments.tests.makers import ADVISER, FINANCE, NOON, SENIOR, make_payment, press

MINUTE = timedelta(minutes=1)


def make_paid(**fields: Any) -> Payment:
    payment = make_payment(email="sam@example.org", **fields)
    press(payment.next_url, "success:normal")
    return operations.look_now(payment.pk, at=NOON + MINUTE)


def ask(payment: Payment, pence: int, *, by: Actor = FINANCE, reason: str = "Paid twice") -> Refund:
    return operations.request_refund(payment.pk, amount_pence=Pence(pence), reason=reason, by=by, at=NOON + 2 * MINUTE)


@pytest.mark.capability("PAY-04")
def test_a_refund_goes_back_and_everybody_is_told(provider: PretendProvider) -> None:
    payment = make_paid()
    refund = ask(payment, 2_050)

    sweeps.refund(NOON + 3 * MINUTE)
    sweeps.refund(NOON + 5 * MINUTE)

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.refunded_pence) == ("success", 2_050)
    assert provider.book.payments[payment.provider_id].refunded == 2_050
    assert "£20.50" in Message.objects.get(template="payment/refunded").body_text
    income = Income.objects.get()
    assert (income.pence, income.refunds, income.refunded_pence) == (12_050, 1, 2_050)
    verbs = set(Entry.objects.filter(subject_kind="refund").values_list("verb", flat=True))
    assert verbs == {"refund.requested", "refund.submitted", "refund.success"}


def test_each_role_has_its_limit_and_others_may_not(provider: PretendProvider) -> None:
    payment = make_paid(amount_pence=Pence(90_000))

    with pytest.raises(NotAllowed):
        ask(payment, 100, by=ADVISER)
    with pytest.raises(NotAllowed):
        ask(payment, 100, by=PUBLIC)
    with pytest.raises(AboveLimit, match="£500"):
        ask(payment, 50_001)
    assert ask(payment, 90_000, by=SENIOR).amount_pence == 90_000


def test_the_limit_counts_what_went_back_before(provider: PretendProvider) -> None:
    payment = make_paid(amount_pence=Pence(90_000))
    ask(payment, 40_000)
    sweeps.refund(NOON + 3 * MINUTE)
    sweeps.refund(NOON + 5 * MINUTE)

    with pytest.raises(AboveLimit):
        ask(payment, 20_000)


def test_no_more_goes_back_than_came(provider: PretendProvider) -> None:
    payment = make_paid()

    with pytest.raises(TooMuchToRefund):
        ask(payment, 12_051)
    with pytest.raises(BadInput):
        ask(payment, 100, reason="  ")
    with pytest.raises(BadInput):
        ask(payment, 0)
    with pytest.raises(WrongState):
        ask(make_payment(), 100)


@pytest.mark.capability("PAY-04")
def test_eight_refunds_at_once_are_one(provider: PretendProvider) -> None:
    payment = make_paid()
    gate = threading.Barrier(8)

    def try_it(_number: int) -> bool:
        try:
            gate.wait()
            ask(payment, 12_050)
        except RuleBroken:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(try_it, range(8)))

    assert done.count(True) == 1


@pytest.mark.capability("PAY-04")
def test_an_answer_lost_on_its_way_refunds_once(provider: PretendProvider) -> None:
    payment = make_paid()
    refund = ask(payment, 5_000)
    provider.book.behaviour.lose_answers = 0
    original = provider.book.refund

    def refund_and_die(paid: Paid, amount: int) -> dict[str, Any]:
        made = original(paid, amount)
        provider.book.behaviour.lose_answers = 1
        return made

    provider.book.refund = refund_and_die  # type: ignore[method-assign]
    sweeps.refund(NOON + 3 * MINUTE)
    refund.refresh_from_db()
    assert refund.state == "requested"

    for minutes in (5, 10, 30):
        sweeps.refund(NOON + minutes * MINUTE)

    refund.refresh_from_db()
    assert refund.state == "success"
    assert len(provider.book.payments[payment.provider_id].refunds) == 1


def test_the_provider_away_only_delays(provider: PretendProvider) -> None:
    payment = make_paid()
    refund = ask(payment, 5_000)
    provider.book.behaviour.outage = True
    sweeps.refund(NOON + 3 * MINUTE)
    provider.book.behaviour.outage = False
    sweeps.refund(NOON + 4 * MINUTE)
    sweeps.refund(NOON + 8 * MINUTE)

    refund.refresh_from_db()
    assert refund.state == "success"


def test_what_the_provider_refuses_is_said_and_can_be_asked_again(provider: PretendProvider) -> None:
    payment = make_paid()
    refund = ask(payment, 5_000)
    provider.book.payments[payment.provider_id].refunds.append(
        {"refund_id": "elsewhere", "created_date": "", "amount": 12_000, "status": "success"}
    )

    sweeps.refund(NOON + 3 * MINUTE)

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.refunded_pence) == ("error", 0)
    assert ask(payment, 50).state == "requested"
