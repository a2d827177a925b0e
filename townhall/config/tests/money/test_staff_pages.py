"""Staff and money: refunds, differences, income, counters, appeals; who may, and what a customer's page shows."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.tests.makers import make_staff
from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.files import operations as files
from townhall.files.models import StoredFile
from townhall.ledger.models import Look
from townhall.payments import operations, reconciling, sweeps
from townhall.payments.models import CounterSwitch, Difference, Payment, Refund
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import FINANCE, make_charge, make_payment, press
from townhall.penalties.models import Appeal
from townhall.penalties.tests.makers import make_appeal, picture
from townhall.places.models import Site


def signed_in(role: Role) -> Client:
    client = Client()
    sign_in(client, make_user(roles=(role,)))
    return client


def page(client: Client, path: str, **data: Any) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def make_paid(**fields: Any) -> Payment:
    payment = make_payment(at=now(), **fields)
    press(payment.next_url, "success:none")
    return operations.look_now(payment.pk, at=now())


@pytest.mark.capability("PAY-01")
def test_a_payment_shows_on_the_customers_page_straight_away(provider: PretendProvider) -> None:
    who = customers.create(NewCustomer(name="Nadia Duepayer"), by=SYSTEM, at=now())
    payment = make_paid(customer_id=who.pk, reference="700012399")
    adviser = signed_in(Role.ADVISER)

    shown = page(adviser, f"/work/customers/{who.pk}", reason="check")

    assert "700012399" in shown
    assert f"/work/payments/{payment.pk}" in shown
    assert "Bills and payments" not in page(signed_in(Role.DATA_PROTECTION_OFFICER), f"/work/customers/{who.pk}")


def test_a_payments_page_is_looked_at_by_name(provider: PretendProvider) -> None:
    who = customers.create(NewCustomer(name="Nadia Duepayer"), by=SYSTEM, at=now())
    payment = make_paid(customer_id=who.pk)
    page(signed_in(Role.OFFICER), f"/work/payments/{payment.pk}")

    assert Look.objects.filter(customer_id=who.pk, page="payment").count() == 1


@pytest.mark.capability("PAY-04")
def test_a_refund_from_the_page(provider: PretendProvider) -> None:
    payment = make_paid(amount_pence=Pence(90_000))
    finance, path = signed_in(Role.FINANCE), f"/work/payments/{payment.pk}"
    assert "Give money back" in page(finance, path)
    assert "Give money back" not in page(signed_in(Role.ADVISER), path)

    for wrong in ({"amount": "lots", "reason": "x"}, {"amount": "1.234", "reason": "x"}, {"amount": "5", "reason": ""}):
        assert finance.post(f"{path}/refunds", wrong).status_code == 422
    assert finance.post(f"{path}/refunds", {"amount": "500.01", "reason": "x"}).status_code == 409
    assert signed_in(Role.ADVISER).post(f"{path}/refunds", {"amount": "1", "reason": "x"}).status_code == 403
    assert not Refund.objects.exists()
    assert finance.post(f"{path}/refunds", {"amount": "£12.50", "reason": "Paid twice"}).status_code == 302

    assert Refund.objects.get().amount_pence == 1_250
    sweeps.refund(now())
    assert "Paid twice" in page(finance, path)


def test_payments_are_found_by_reference(provider: PretendProvider) -> None:
    make_paid(reference="R700123")
    make_paid(reference="R700124")
    shown = page(signed_in(Role.OFFICER), "/work/payments", reference="r-700123")

    assert "R700123" in shown
    assert "R700124" not in shown


@pytest.mark.capability("PAY-04")
def test_a_difference_is_listed_and_settled(provider: PretendProvider) -> None:
    provider.book.plant(reference="FROM NOWHERE")
    reconciling.reconcile("pay", on=council_date(now()), at=now())
    finance = signed_in(Role.FINANCE)
    assert "FROM NOWHERE" in page(finance, "/work/reconciliation")
    difference = Difference.objects.get()

    assert signed_in(Role.OFFICER).post(f"/work/reconciliation/{difference.pk}", {"how": "x"}).status_code == 403
    finance.post(f"/work/reconciliation/{difference.pk}", {"how": "A test payment"})

    assert "A test payment" in page(finance, "/work/reconciliation")
    assert Difference.objects.get().settled_at is not None


@pytest.mark.capability("PAY-05")
def test_the_income_report_with_its_file(provider: PretendProvider) -> None:
    make_paid(amount_pence=Pence(123_456))
    finance = signed_in(Role.FINANCE)
    for by in ("kind_code", "method", "site_code"):
        for step in ("day", "month"):
            shown = page(finance, "/work/income", by=by, step=step)
            assert "£1,234.56" in shown
            assert "<svg" in shown

    rows = list(csv.DictReader(StringIO(page(finance, "/work/income.csv", by="method"))))

    assert [(row["method"], row["payments"], row["pounds_net"]) for row in rows] == [("card", "1", "1234.56")]
    assert finance.get("/work/income", {"first_on": "yesterday"}).status_code == 422
    assert finance.get("/work/income", {"first_on": "2026-05-01", "last_on": "2026-04-01"}).status_code == 422
    assert signed_in(Role.OFFICER).get("/work/income").status_code == 403
    empty = page(finance, "/work/income", first_on="2020-01-01", last_on="2020-02-01")
    assert "Nothing came in" in empty


@pytest.mark.capability("PAY-03")
def test_a_counter_takes_a_card_from_find_to_paid(provider: PretendProvider) -> None:
    Site.objects.create(code="main", name="Main centre", address="", phone="")
    charge = make_charge(kind="parking-permit", reference="PP77123", at=now())
    finance, desk = signed_in(Role.FINANCE), signed_in(Role.RECEPTIONIST)
    today = council_date(now()).isoformat()
    assert finance.post("/work/counters", {"site": "main", "kind": "rent", "live_on": today}).status_code == 422
    for kind in ("penalty-notice", "parking-permit"):
        assert finance.post("/work/counters", {"site": "main", "kind": kind, "live_on": today}).status_code == 302
    assert CounterSwitch.objects.count() == 2
    assert "Main centre" in page(finance, "/work/counters")

    found = page(desk, "/work/counter", site="main", reference="pp77123")
    assert f"/work/counter/{charge.pk}?site=main" in found
    assert "Send £120.50" in page(desk, f"/work/counter/{charge.pk}", site="main")
    sent = desk.post(f"/work/counter/{charge.pk}", {"site": "main"})
    payment = Payment.objects.get()
    assert "The terminal shows £120.50" in page(desk, sent["Location"])
    press(payment.next_url, "decline:none")
    assert "Not paid" in page(desk, sent["Location"])
    again = desk.post(f"/work/counter/{charge.pk}", {"site": "main"})
    press(Payment.objects.get(state="created").next_url, "success:none")

    assert "Receipt to print" in page(desk, again["Location"])


def test_a_sale_is_cancelled_at_the_terminal(provider: PretendProvider) -> None:
    Site.objects.create(code="main", name="Main centre", address="", phone="")
    charge = make_charge(kind="penalty-notice", at=now())
    for kind in ("penalty-notice", "parking-permit"):
        operations.open_counter("main", kind, live_on=council_date(now()), by=FINANCE, at=now())
    desk = signed_in(Role.ADVISER)
    sent = desk.post(f"/work/counter/{charge.pk}", {"site": "main"})

    desk.post(sent["Location"])

    assert Payment.objects.get().state == "cancelled"
    assert desk.post(f"/work/counter/{charge.pk}", {"site": "nowhere"}).status_code == 404


@pytest.mark.capability("PAY-02")
def test_an_officer_decides_an_appeal(provider: PretendProvider) -> None:
    made = make_appeal(at=now())
    officer, path = Client(), f"/work/penalties/appeals/{made.pk}"
    by = make_staff("ottilie", team="parking", role=Role.OFFICER)
    sign_in(officer, User.objects.get(pk=by.id))
    assert made.notice.number in page(officer, "/work/penalties")
    assert "I was loading" in page(officer, path)
    assert officer.get("/work/penalties", {"number": made.notice.number.lower()}).status_code == 302
    assert "I was loading" in page(officer, f"/work/penalties/{made.notice_id}")

    assert officer.post(path, {"words": "No"}).status_code == 422
    assert officer.post(path, {"decision": "accept", "words": ""}).status_code == 422
    for role in (Role.ADVISER, Role.OFFICER, Role.TEAM_MANAGER):  # of other teams
        assert signed_in(role).get(path).status_code == 403
        assert signed_in(role).post(path, {"decision": "accept", "words": "x"}).status_code == 403
    assert officer.post(path, {"decision": "accept", "words": "The sign was covered."}).status_code == 302

    assert Appeal.objects.get().state == "accepted"
    assert "The sign was covered." in page(officer, path)
    assert officer.post(path, {"decision": "reject", "words": "No"}).status_code == 409


def test_evidence_that_holds_a_virus_is_named_and_not_offered(provider: PretendProvider) -> None:
    made = make_appeal(at=now())
    kept = files.store(
        picture("receipt.png"), about=made.subject, purpose="evidence", by=SYSTEM, at=now(), field="files"
    )
    officer = Client()
    sign_in(officer, User.objects.get(pk=make_staff("ottilie", team="parking", role=Role.OFFICER).id))
    assert f"/files/{kept.pk}" in page(officer, f"/work/penalties/appeals/{made.pk}")

    StoredFile.objects.filter(pk=kept.pk).update(scan="infected")

    shown = page(officer, f"/work/penalties/appeals/{made.pk}")
    assert "Holds a virus" in shown
    assert f"/files/{kept.pk}" not in shown
