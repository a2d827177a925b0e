"""A fee in the middle of a form: paid once before it goes on, wherever the payer comes back, and given back when nothing is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.forms.definition import Fee, Form
from townhall.forms.errors import NotFinished
from townhall.forms.models import Draft, Submission
from townhall.forms.operations.paying import give_back
from townhall.forms.problems import problems
from townhall.forms.questions import Email, Number, Payment
from townhall.ledger.models import Entry
from townhall.payments import operations as payments
from townhall.payments import sweeps
from townhall.payments.models import Charge, Income, Refund
from townhall.payments.models import Payment as Paid
from townhall.payments.tests.conftest import provider
from townhall.payments.tests.makers import press
from townhall.portal.tests.test_forms import WHY, follow_on, page, publish

__all__ = ["provider"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough", "provider")]
PAY = "/forms/stall/pay"


def stall(**of_payment: Any) -> Form:
    return Form(
        code="stall",
        title="Have a street stall",
        service="fly-tipping",
        pages=(
            page("days", Number(code="days", label="How many days?", whole=True, required=True, **WHY)),
            page("pay", Payment(code="fee", label="Fee for the stall", required=True, **(WHY | of_payment))),
            page("mail", Email(code="mail", label="Email", required=True, **WHY)),
        ),
        fees=(Fee(code="day", words="A day", pence=1_500, times="days"),),
    )


def to_the_fee(client: Client, days: int = 2) -> None:
    assert follow_on(client, "/forms/stall/days", {"days": str(days)}) == PAY


def pay(client: Client, button: str = "success:normal") -> str:
    """Press our button and one at the provider; the address it sends the browser back to."""
    answer = client.post(PAY)
    assert answer.status_code == 303, answer.content.decode()
    return press(str(answer["Location"]), button).partition("://")[2].partition("/")[2]


def refunds_of(charge: Charge) -> list[tuple[int, str]]:
    return list(Refund.objects.filter(payment__charge=charge).values_list("amount_pence", "state"))


def _refunded(at: datetime) -> None:
    """The worker sends them, and asks how they stand."""
    for minutes in range(0, 10, 3):
        sweeps.refund(at + timedelta(minutes=minutes))


def test_a_fee_is_paid_before_the_form_goes_on_and_shown_at_the_check_and_on_the_case(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    assert "£30.00" in client.get(PAY).content.decode()
    assert client.get("/forms/stall/mail")["Location"] == PAY, "nothing goes on before it is paid"

    back = pay(client)
    onward = str(client.get(f"/{back}")["Location"])
    assert onward.startswith("/forms/stall/paid/"), (
        "there the browser shows which form it has: its cookie is for that path"
    )
    assert client.get(onward)["Location"] == PAY
    elsewhere = Client().get(onward)
    assert (elsewhere.status_code, "Payment received" in elsewhere.content.decode()) == (200, True)
    assert "You have paid £30.00" in client.get(PAY).content.decode()
    assert follow_on(client, PAY, {}) == "/forms/stall/mail"
    assert follow_on(client, "/forms/stall/mail", {"mail": "sam@example.org"}) == "/forms/stall/check"
    check = client.get("/forms/stall/check").content.decode()
    assert "Paid already" in check
    assert "To pay" not in check
    sent = client.post("/forms/stall/check")

    assert "/received" in str(sent["Location"]), "nothing is left to pay"
    case, charge = Case.objects.get(), Charge.objects.get()
    assert (charge.subject_kind, charge.subject_id, charge.state) == ("case", case.pk, "paid")
    assert Paid.objects.get().receipt_number in check
    assert Income.objects.get().pence == 3_000
    assert Entry.objects.filter(verb="case.fee_paid", case_id=case.pk).count() == 1
    assert Submission.objects.get().answers["fee"] == str(charge.pk)


def test_who_never_comes_back_has_paid_once_and_goes_on_where_they_were(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    first = client.post(PAY)
    second = client.post(PAY)
    assert first["Location"] == second["Location"], "one payment, however often the button is pressed"
    press(str(first["Location"]), "success:normal")

    payments.look_now(Paid.objects.get().pk, at=now())  # by the webhook or the sweep: the browser is gone

    assert Draft.objects.get().answers["fee"] == str(Charge.objects.get().pk)
    assert client.get("/forms/stall", follow=True).status_code == 200
    assert follow_on(client, PAY, {}) == "/forms/stall/mail"
    assert (Charge.objects.count(), Paid.objects.count()) == (1, 1)


def test_a_declined_card_can_be_tried_again_and_a_made_up_answer_pays_nothing(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    answer = client.post(PAY, {"fee": "01a20000-0000-7000-8000-000000000000"})
    assert answer.status_code == 303
    back = press(str(answer["Location"]), "decline:normal").partition("://")[2].partition("/")[2]
    client.get(f"/{back}")

    assert "No money has been taken" in client.get(PAY).content.decode()
    assert "fee" not in Draft.objects.get().answers
    pay(client)
    client.get(PAY)
    assert follow_on(client, PAY, {}) == "/forms/stall/mail"
    assert sorted(Paid.objects.values_list("state", flat=True)) == ["failed", "success"]


def test_changed_answers_cost_the_rest_or_give_the_difference_back(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    pay(client)
    client.get(PAY)
    follow_on(client, PAY, {})
    follow_on(client, "/forms/stall/mail", {"mail": "sam@example.org"})

    follow_on(client, "/forms/stall/days?change", {"days": "3"})
    assert client.post("/forms/stall/check")["Location"] == PAY, "the third day is not paid"
    assert "£15.00" in client.get(PAY).content.decode()
    pay(client)
    client.get(PAY)
    follow_on(client, PAY, {})
    follow_on(client, "/forms/stall/days?change", {"days": "1"})
    assert "/received" in str(client.post("/forms/stall/check")["Location"])

    first, second = Charge.objects.order_by("id")
    assert (first.amount_pence, second.amount_pence) == (3_000, 1_500)
    assert refunds_of(first) + refunds_of(second) == [(1_500, "requested"), (1_500, "requested")]
    _refunded(now())
    assert Income.objects.get().refunded_pence == 3_000


def test_a_form_that_is_never_sent_gives_the_money_back_once_when_its_time_is_over(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    pay(client)
    client.get(PAY)
    charge = Charge.objects.get()

    assert give_back(now()) == 0
    later = now() + timedelta(days=forms.DRAFT_DAYS, minutes=1)
    assert give_back(later) == 1
    forms.forget_drafts(later)
    _refunded(later)
    for hours in range(3):
        assert give_back(later + timedelta(hours=hours)) == 0
    assert refunds_of(charge) == [(3_000, "success")]


def test_an_unpaid_charge_of_a_form_that_is_over_is_no_longer_owed(client: Client) -> None:
    publish(stall())
    to_the_fee(client)
    client.post(PAY)

    assert give_back(now() + timedelta(days=8)) == 1

    assert Charge.objects.get().state == "cancelled"


def test_nothing_to_pay_and_a_test_go_on_without_the_provider(client: Client) -> None:
    publish(stall(rule={"-": [{"var": "days"}, 1]}))
    to_the_fee(client, days=1)

    assert "There is nothing to pay" in client.get(PAY).content.decode()
    assert follow_on(client, PAY, {}) == "/forms/stall/mail"
    assert not Charge.objects.exists()


def test_another_program_cannot_send_the_form_without_paying() -> None:
    publish(stall())

    with pytest.raises(NotFinished):
        forms.send_form(
            "stall", 1, {"days": "2", "fee": "made-up", "mail": "a@b.org"}, by=SYSTEM, at=now(), key="k", channel="api"
        )


def test_a_page_that_takes_a_payment_asks_nothing_else() -> None:
    mixed = page("pay", Payment(code="fee", label="Fee", pence=Pence(5)), Email(code="mail", label="Email", **WHY))

    assert any(
        "asks nothing else" in one or "ask nothing else" in one
        for one in problems(Form(code="a", title="A", pages=(mixed,)))
    )
