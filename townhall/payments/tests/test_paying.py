"""Paying a charge with every end it can have, over real HTTP."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.ids import uuid7
from townhall.core.money import Pence
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.payments import operations, protocol, sweeps
from townhall.payments.errors import AlreadyPaid, CannotPayNow, NotOwed, OnHold, UnderWay
from townhall.payments.models import Charge, Difference, Income, Method, Payment
from townhall.payments.operations import paying
from townhall.payments.protocol import Found
from townhall.payments.standin import PretendProvider
from townhall.payments.states import ChargeState, PaymentState
from townhall.payments.tests.makers import FINANCE, NOON, make_charge, make_payment, press

MINUTE = timedelta(minutes=1)


def state_of(payment: Payment) -> str:
    return Payment.objects.get(pk=payment.pk).state


def charge_state(payment: Payment) -> str:
    return Charge.objects.get(pk=payment.charge_id).state


@pytest.mark.capability("PAY-04")
def test_a_bill_is_paid_once_with_receipt_ledger_and_income(provider: PretendProvider) -> None:
    customer = uuid7()
    payment = make_payment(customer_id=customer, email="sam@example.org", payer_name="Sam Resident")

    sent_to = press(payment.next_url, "success:normal")
    operations.look_now(payment.pk, at=NOON + MINUTE, is_here=True)
    operations.look_now(payment.pk, at=NOON + 2 * MINUTE)

    assert sent_to.endswith(f"/pay/back/{payment.token}")
    assert (state_of(payment), charge_state(payment)) == ("success", "paid")
    message = Message.objects.get(template="payment/receipt")
    assert message.recipient_address == "sam@example.org"
    assert "£120.50" in message.body_text
    entries = Entry.objects.filter(customer_id=customer).exclude(subject_kind="document")
    verbs = list(entries.order_by("at", "id").values_list("verb", flat=True))
    assert verbs == ["charge.posted", "payment.started", "payment.succeeded"]
    income = Income.objects.get()
    assert (income.payments, income.pence, income.method, income.kind_code) == (1, 12_050, "card", "council-tax")


@pytest.mark.parametrize(
    ("button", "state", "code"),
    [
        ("decline:normal", "failed", "P0010"),
        ("cancel:normal", "cancelled", "P0030"),
        ("expire:normal", "failed", "P0020"),
        ("error:normal", "error", "P0050"),
    ],
)
def test_what_was_not_paid_can_be_tried_again(provider: PretendProvider, button: str, state: str, code: str) -> None:
    payment = make_payment()
    press(payment.next_url, button)

    ended = operations.look_now(payment.pk, at=NOON + MINUTE, is_here=True)
    assert (ended.state, ended.code, charge_state(payment)) == (state, code, "open")
    assert not Message.objects.exists(), "who is on the page needs no mail"

    again = operations.start(payment.charge_id, by=PUBLIC, at=NOON + 2 * MINUTE)
    assert again.pk != payment.pk
    press(again.next_url, "success:normal")
    operations.look_now(again.pk, at=NOON + 3 * MINUTE)
    assert charge_state(payment) == "paid"
    with pytest.raises(AlreadyPaid):
        operations.start(payment.charge_id, by=PUBLIC, at=NOON + 4 * MINUTE)


@pytest.mark.capability("PAY-04")
def test_a_lost_return_without_any_message_is_found_by_the_sweep(provider: PretendProvider) -> None:
    payment = make_payment(email="sam@example.org")
    press(payment.next_url, "lost:none")

    assert sweeps.look(NOON + MINUTE) == 0
    assert state_of(payment) == "created"
    assert sweeps.look(NOON + 6 * MINUTE) == 1

    assert (state_of(payment), charge_state(payment)) == ("success", "paid")
    assert Message.objects.filter(template="payment/receipt").count() == 1
    assert sweeps.look(NOON + timedelta(days=3)) == 0


def test_who_never_came_back_is_told_when_the_time_is_over(provider: PretendProvider) -> None:
    payment = make_payment(email="sam@example.org")

    sweeps.look(NOON + 6 * MINUTE)
    assert state_of(payment) == "created"
    provider.book.end(provider.book.payments[payment.provider_id], "expire")
    sweeps.look(NOON + timedelta(hours=2))

    assert state_of(payment) == "failed"
    message = Message.objects.get()
    assert message.template == "payment/not_taken"
    assert str(payment.charge_id) in message.body_text


def test_a_second_start_gives_the_unfinished_one(provider: PretendProvider) -> None:
    payment = make_payment()

    again = operations.start(payment.charge_id, by=PUBLIC, at=NOON + MINUTE)

    assert (again.pk, again.next_url) == (payment.pk, payment.next_url)
    assert len(provider.book.payments) == 1


@pytest.mark.capability("PAY-04")
def test_eight_at_once_begin_one_payment_and_one_can_be_paid(provider: PretendProvider) -> None:
    charge = make_charge()
    gate = threading.Barrier(8)

    def begin(_number: int) -> str:
        try:
            gate.wait()
            return operations.start(charge.pk, by=PUBLIC, at=NOON).next_url
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        led_to = set(pool.map(begin, range(8)))

    assert Payment.objects.count() == 1
    assert len(led_to) == 1
    can_be_paid = [one for one in provider.book.payments.values() if one.status == "created"]
    assert [one.payment_id for one in can_be_paid] == [Payment.objects.get().provider_id]


@pytest.mark.capability("PAY-04")
def test_eight_who_hear_of_one_payment_at_once_post_it_once(provider: PretendProvider) -> None:
    payment = make_payment(email="sam@example.org")
    press(payment.next_url, "success:normal")
    gate = threading.Barrier(8)

    def hear(_number: int) -> None:
        try:
            gate.wait()
            operations.look_now(payment.pk, at=NOON + MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hear, range(8)))

    assert Income.objects.get().payments == 1
    assert Entry.objects.filter(verb="payment.succeeded").count() == 1
    assert Message.objects.count() == 1


@pytest.mark.capability("PAY-04")
def test_an_answer_lost_on_its_way_is_made_good(provider: PretendProvider) -> None:
    charge = make_charge()
    provider.book.behaviour.lose_answers = 1
    with pytest.raises(CannotPayNow):
        operations.start(charge.pk, by=PUBLIC, at=NOON)

    payment = operations.start(charge.pk, by=PUBLIC, at=NOON + MINUTE)

    assert payment.provider_id
    assert Payment.objects.count() == 1
    press(payment.next_url, "success:normal")
    operations.look_now(payment.pk, at=NOON + 2 * MINUTE)
    assert charge_state(payment) == "paid"


@pytest.mark.capability("PAY-04")
def test_a_death_between_the_providers_answer_and_our_commit_loses_nothing(
    provider: PretendProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment()
    press(payment.next_url, "lost:none")
    connection.close()  # so that the child has none of ours

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(
            "townhall.payments.operations.outcomes.publish", lambda _event: os.kill(os.getpid(), signal.SIGKILL)
        )
        try:
            sweeps.look(NOON + 6 * MINUTE)
        finally:
            os._exit(1)  # it was to be killed before this
    _child, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert (state_of(payment), charge_state(payment), Income.objects.count()) == ("created", "open", 0)

    sweeps.look(NOON + 60 * MINUTE)
    assert (state_of(payment), charge_state(payment)) == ("success", "paid")
    assert Income.objects.get().pence == 12_050


def test_a_death_before_the_payment_page_was_known_takes_no_money(
    provider: PretendProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = make_charge()

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(paying, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            operations.start(charge.pk, by=PUBLIC, at=NOON)

    sweeps.look(NOON + 6 * MINUTE)
    sweeps.look(NOON + 12 * MINUTE)
    assert Payment.objects.get().state == "error"
    assert operations.start(charge.pk, by=PUBLIC, at=NOON + 20 * MINUTE).next_url


@pytest.mark.parametrize("trouble", ["outage", "broken"])
def test_without_the_provider_nobody_pays_and_nothing_is_lost(provider: PretendProvider, trouble: str) -> None:
    charge = make_charge()
    setattr(provider.book.behaviour, trouble, True)
    with pytest.raises(CannotPayNow):
        operations.start(charge.pk, by=PUBLIC, at=NOON)
    setattr(provider.book.behaviour, trouble, False)

    payment = operations.start(charge.pk, by=PUBLIC, at=NOON + MINUTE)
    setattr(provider.book.behaviour, trouble, True)
    press_ok = operations.look_now(payment.pk, at=NOON + 2 * MINUTE)
    assert press_ok.state == "created"


def test_a_busy_provider_is_asked_again_a_little_later(provider: PretendProvider) -> None:
    provider.book.behaviour.busy = 2

    assert make_payment().provider_id
    assert len(provider.book.requests) == 3


def test_a_payment_that_the_provider_forgot_ends(provider: PretendProvider) -> None:
    payment = make_payment()
    provider.book.payments.clear()

    sweeps.look(NOON + 6 * MINUTE)

    assert state_of(payment) == "error"


def test_on_hold_and_cancelled_are_not_paid_and_what_was_on_its_way_counts(provider: PretendProvider) -> None:
    payment = make_payment()
    operations.hold(payment.charge_id, by=FINANCE, at=NOON)
    with pytest.raises(OnHold):
        operations.start(payment.charge_id, by=PUBLIC, at=NOON)
    operations.cancel_charge(payment.charge_id, by=FINANCE, at=NOON)
    with pytest.raises(NotOwed):
        operations.start(payment.charge_id, by=PUBLIC, at=NOON)

    press(payment.next_url, "success:normal")
    operations.look_now(payment.pk, at=NOON + MINUTE)

    assert charge_state(payment) == "paid"


def test_the_discount_counts_until_the_end_of_its_last_day(provider: PretendProvider) -> None:
    terms: dict[str, Any] = {
        "amount_pence": Pence(7000),
        "discount_pence": Pence(3500),
        "discount_until": date(2026, 3, 2),
    }
    late = NOON + timedelta(days=1)

    assert make_payment(**terms).amount_pence == 3500
    assert make_payment(charge=make_charge(**terms), at=late).amount_pence == 7000


def test_a_charge_posted_twice_is_one(provider: PretendProvider) -> None:
    first = make_charge(key="same")
    second = make_charge(key="same")

    assert first.pk == second.pk
    assert Entry.objects.filter(verb="charge.posted").count() == 1


def test_another_way_to_pay_ends_the_one_before(provider: PretendProvider) -> None:
    payment = make_payment()

    by_phone = operations.start(payment.charge_id, method=Method.PHONE, by=SYSTEM, at=NOON + MINUTE)

    assert state_of(payment) == "cancelled"
    assert provider.book.payments[payment.provider_id].status == "cancelled"
    assert by_phone.next_url == ""


def test_another_way_to_pay_finds_that_it_was_paid(provider: PretendProvider) -> None:
    payment = make_payment()
    press(payment.next_url, "success:normal")

    with pytest.raises(AlreadyPaid):
        operations.start(payment.charge_id, method=Method.PHONE, by=SYSTEM, at=NOON + MINUTE)
    assert charge_state(payment) == "paid"


def test_no_other_way_while_the_provider_is_taking_the_money(provider: PretendProvider) -> None:
    payment = make_payment()
    provider.book.payments[payment.provider_id].status = "submitted"
    operations.look_now(payment.pk, at=NOON + MINUTE)

    with pytest.raises(UnderWay):
        operations.start(payment.charge_id, by=PUBLIC, at=NOON + MINUTE)


@pytest.mark.capability("PAY-04")
def test_money_that_came_twice_is_kept_apart_and_listed(provider: PretendProvider) -> None:
    first = make_payment()
    Payment.objects.filter(pk=first.pk).update(state="failed", finished_at=NOON)  # we were told that it failed
    second = operations.start(first.charge_id, by=PUBLIC, at=NOON)
    press(second.next_url, "success:normal")
    operations.look_now(second.pk, at=NOON + MINUTE)
    Payment.objects.filter(pk=first.pk).update(state="submitted", finished_at=None)  # and then it went through
    found = protocol.provider("pay").status(first.provider_id)
    paid = Found(**{**vars(found), "state": PaymentState.SUCCESS})

    after = operations.record(first.pk, paid, by=SYSTEM, at=NOON + 2 * MINUTE)

    assert after.is_surplus
    assert Difference.objects.get().kind == "surplus"
    assert Income.objects.get().payments == 2
    assert Charge.objects.get().state == ChargeState.PAID
