"""An appeal has a tracked decision and stops the clock of the payment (PAY-02)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.clocks.models import Clock
from townhall.contacts.models import Contact
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import BadInput, NotAllowed, RuleBroken, WrongState
from townhall.core.ids import uuid7
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.documents.models import Document
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.payments import operations as payments
from townhall.payments.errors import OnHold
from townhall.payments.models import Charge, Method, Payment
from townhall.payments.operations import record
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState
from townhall.penalties import operations
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.operations import NewAppeal
from townhall.penalties.tests.makers import NOON, OFFICER, make_appeal, make_notice, on

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def pay(notice: PenaltyNotice, *, at: Any = NOON) -> Payment:
    """By phone, so that no provider is needed."""
    payment = payments.start(notice.charge_id, method=Method.PHONE, by=SYSTEM, at=at)
    return record(payment.pk, paid(payment), by=SYSTEM, at=at)


def paid(payment: Payment) -> Found:
    return Found(
        provider_id=payment.provider_id,
        reference="",
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=payment.amount_pence,
    )


@pytest.mark.capability("PAY-02")
def test_an_appeal_holds_the_payment_and_a_rejection_gives_the_time_back() -> None:
    notice = make_notice()
    made = make_appeal(notice, at=NOON + 3 * DAY)

    clock = Clock.objects.get(kind="penalty.payment")
    assert clock.state == "paused"
    with pytest.raises(OnHold):
        payments.start(notice.charge_id, method=Method.PHONE, by=PUBLIC, at=NOON + 4 * DAY)

    operations.decide(made.pk, accepted=False, words="The sign is clear.", by=OFFICER, at=NOON + 13 * DAY)

    notice.refresh_from_db()
    charge = Charge.objects.get()
    assert (notice.state, charge.state) == ("issued", "open")
    assert notice.due_on == on(30) + 10 * DAY == charge.due_on
    assert notice.discount_until == on(16) + 10 * DAY == charge.discount_until
    assert Message.objects.filter(template="penalty/rejected").get().body_text.count("The sign is clear.") == 1
    assert pay(notice, at=NOON + 14 * DAY).amount_pence == 3_500
    assert PenaltyNotice.objects.get().state == "paid"


@pytest.mark.capability("PAY-02")
def test_an_accepted_appeal_cancels_the_notice_and_the_charge() -> None:
    made = make_appeal()

    operations.decide(made.pk, accepted=True, words="The sign was covered.", by=OFFICER, at=NOON + 2 * DAY)

    assert PenaltyNotice.objects.get().state == "cancelled"
    assert Charge.objects.get().state == "cancelled"
    assert set(Clock.objects.values_list("kind", "state")) == {
        ("penalty.payment", "stopped"),
        ("penalty.appeal", "met"),
    }
    assert Message.objects.filter(template="penalty/accepted", recipient_address="olu@example.org").exists()


def test_a_decision_is_kept_for_whose_notice_it_is() -> None:
    holder = customers.create(NewCustomer(name="Olu Driver"), by=SYSTEM, at=NOON).pk
    nobody, known = make_appeal(), make_appeal(make_notice(customer_id=holder))
    for made in (nobody, known):
        operations.decide(made.pk, accepted=False, words="The sign\nis clear.", by=OFFICER, at=NOON + 2 * DAY)

    kept = Document.objects.get(kind="decision")
    assert (kept.customer_id, kept.reference) == (holder, known.reference)
    assert "The sign<br>\nis clear." in kept.html
    assert "Pay £70.00 by" in kept.html
    assert "tribunal" in kept.html


def test_everything_is_on_the_record() -> None:
    made = make_appeal()
    operations.decide(made.pk, accepted=False, words="No.", by=OFFICER, at=NOON + 2 * DAY)

    verbs = Entry.objects.filter(subject_id=made.notice_id).order_by("at", "id").values_list("verb", flat=True)
    assert [verb for verb in verbs if not verb.startswith("clock")] == [
        "penalty.issued",
        "penalty.appealed",
        "appeal.rejected",
    ]
    contact = Contact.objects.get()
    assert (contact.channel_id, contact.given_name) == ("web", "Olu Driver")


def test_the_lower_amount_is_not_offered_again_to_who_appeals_late() -> None:
    notice = make_notice()
    made = make_appeal(notice, at=NOON + 20 * DAY)
    operations.decide(made.pk, accepted=False, words="No.", by=OFFICER, at=NOON + 25 * DAY)

    assert pay(notice, at=NOON + 25 * DAY).amount_pence == 7_000


def test_one_appeal_is_open_and_a_rejected_one_is_the_last() -> None:
    notice = make_notice()
    first = make_appeal(notice)
    assert make_appeal(notice).pk == first.pk
    operations.decide(first.pk, accepted=False, words="No.", by=OFFICER, at=NOON + DAY)
    with pytest.raises(WrongState):
        make_appeal(notice, at=NOON + 2 * DAY)
    with pytest.raises(WrongState):
        operations.decide(first.pk, accepted=True, words="Yes.", by=OFFICER, at=NOON + 2 * DAY)


def test_a_withdrawn_appeal_lets_the_clock_run_on() -> None:
    notice = make_notice()
    made = make_appeal(notice)
    operations.withdraw(made.pk, by=PUBLIC, at=NOON + 5 * DAY)

    notice.refresh_from_db()
    assert (notice.state, notice.due_on) == ("issued", on(30) + 5 * DAY)
    assert make_appeal(notice, at=NOON + 6 * DAY).pk != made.pk


def test_money_on_its_way_when_the_appeal_came_pays_the_notice() -> None:
    notice = make_notice()
    payment = payments.start(notice.charge_id, method=Method.PHONE, by=SYSTEM, at=NOON)
    made = make_appeal(notice)
    record(payment.pk, paid(payment), by=SYSTEM, at=NOON + DAY)
    assert PenaltyNotice.objects.get().state == "paid"

    operations.decide(made.pk, accepted=True, words="You are right.", by=OFFICER, at=NOON + 2 * DAY)
    assert PenaltyNotice.objects.get().state == "cancelled"
    assert Charge.objects.get().state == "paid", "the money is the finance team's to give back"


@pytest.mark.parametrize(
    ("field", "value"),
    [("ground", "because"), ("words", " "), ("name", ""), ("email", "nobody"), ("words", "x" * 10_001)],
)
def test_what_is_missing_is_said_beside_its_field(field: str, value: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_appeal(**dict[str, Any]({field: value}))
    assert list(refused.value.problems) == [field]
    assert not Appeal.objects.exists()


def test_only_officers_decide_and_say_why() -> None:
    made = make_appeal()
    with pytest.raises(NotAllowed):
        operations.decide(made.pk, accepted=True, words="Yes.", by=PUBLIC, at=NOON)
    with pytest.raises(BadInput):
        operations.decide(made.pk, accepted=True, words=" ", by=OFFICER, at=NOON)


def test_the_same_notice_twice_is_one() -> None:
    assert make_notice(number="AL5").pk == make_notice(number="al 5").pk
    assert Charge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_appeals_at_once_are_one() -> None:
    notice = make_notice()
    gate = threading.Barrier(8)

    def send(number: int) -> object:
        try:
            gate.wait()
            return make_appeal_again(notice, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(send, range(8)))

    assert len(made) == 1
    assert Appeal.objects.count() == Message.objects.count() == 1


def make_appeal_again(notice: PenaltyNotice, number: int) -> object:
    new = NewAppeal(id=uuid7(), ground="other", words=f"Try {number}", name="Olu", email="olu@example.org")
    return operations.appeal(notice.pk, new, by=PUBLIC, at=NOON).pk


MOVES = st.lists(st.sampled_from(["appeal", "accept", "reject", "withdraw", "pay"]), max_size=7)


@pytest.mark.proof
@settings(max_examples=25, deadline=None)
@given(moves=MOVES)
def test_in_any_order_the_notice_its_charge_and_its_clock_agree(moves: list[str]) -> None:
    notice = make_notice()
    at = NOON
    for move in moves:
        at += DAY
        latest = Appeal.objects.filter(notice=notice).order_by("-received_at").first()
        try:
            match move:
                case "appeal":
                    make_appeal(notice, at=at)
                case "pay":
                    pay(notice, at=at)
                case "withdraw" if latest:
                    operations.withdraw(latest.pk, by=PUBLIC, at=at)
                case "accept" | "reject" if latest:
                    operations.decide(latest.pk, accepted=move == "accept", words="So.", by=OFFICER, at=at)
        except RuleBroken:
            pass
        notice.refresh_from_db()
        charge = Charge.objects.get(pk=notice.charge_id)
        clock = Clock.objects.get(kind="penalty.payment", subject_id=notice.pk)
        agreed = {
            "issued": ("open", {"running"}),
            "appealed": ("held", {"paused"}),
            "paid": ("paid", {"met", "missed"}),
            "cancelled": ("cancelled", {"stopped"}),
        }[notice.state]
        assert charge.state == agreed[0]
        assert clock.state in agreed[1]
        open_appeals = Appeal.objects.filter(notice=notice, state="received").count()
        assert open_appeals == (1 if notice.state == "appealed" else 0)
