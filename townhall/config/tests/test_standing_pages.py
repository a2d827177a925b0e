"""Accounts of other systems on the account's home, on their own pages, and at the desk."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import make_staff
from townhall.connectors import records
from townhall.connectors.standins import Standin
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.accounts.models import AccountLink, Level
from townhall.customers.models import CustomerAddress
from townhall.ledger.models import Look
from townhall.payments.models import Charge
from townhall.portal.tests.conftest import borough  # noqa: F401 - a fixture
from townhall.portal.tests.makers import HOME
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.standing.tests.makers import NUMBERS, systems  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough")]
KINDS = ("council-tax", "rent", "leasehold", "library", "electoral")


@pytest.fixture
def account(systems: dict[str, Standin]) -> ResidentAccount:  # noqa: F811
    """Somebody whose address is proved, with a number of every kind."""
    made = make_account()
    customer_id = customer_of(made)
    customers.add_address(customer_id, uprn=HOME, by=SYSTEM, at=now())
    for kind, number in NUMBERS.items():
        customers.add_number(customer_id, kind=kind, value=number, by=SYSTEM, at=now())
    AccountLink.objects.filter(account=made).update(level=Level.ADDRESS)
    return made


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


@pytest.mark.capability("ACCT-03")
def test_each_tile_asks_its_own_system_and_home_waits_for_none(
    account: ResidentAccount,
    systems: dict[str, Standin],  # noqa: F811
) -> None:
    client = signed_in(account)
    page(client, "/account/accounts/library")
    page(client, "/account/accounts/rent")
    systems["library"].book.change_mood({"outage": True})
    systems["housing"].book.change_mood({"busy": True})
    systems["revenues"].book.change_mood({"delay": 20})

    started = time.monotonic()
    home = page(client, "/account")
    assert time.monotonic() - started < 5  # nobody was asked: the slow one alone would take longer
    assert all(f'data-part="/account/accounts/{kind}"' in home for kind in KINDS)
    assert all(f'href="/account/accounts/{kind}"' in home for kind in KINDS)  # without JavaScript
    assert "electoral register" in page(client, "/account/accounts/electoral?part=1")
    library = page(client, "/account/accounts/library?part=1")
    assert "does not answer just now" in library
    assert "This is what it said at" in library
    assert "The housing system does not answer just now" in page(client, "/account/accounts/leasehold?part=1")
    assert "<html" not in library


def test_a_tile_shows_only_whose_address_is_proved(account: ResidentAccount) -> None:
    AccountLink.objects.update(level=Level.EMAIL)
    client = signed_in(account)
    assert "For this we need to be surer of who you are." in page(client, "/account")
    assert client.get("/account/accounts/rent").status_code == 302
    assert client.post("/account/accounts/rent/payments", {"amount": "5"}).status_code == 302
    assert not Charge.objects.exists()


def test_a_tenant_reads_the_statement_and_pays_what_they_choose(account: ResidentAccount) -> None:
    client = signed_in(account)
    shown = page(client, "/account/accounts/rent")
    assert "Statement" in shown
    key = shown.partition('name="key" value="')[2].partition('"')[0]
    given = {"number": NUMBERS["rent"], "amount": "twelve", "key": key}
    assert client.post("/account/accounts/rent/payments", given).status_code == 422
    for _click in range(2):
        answer = client.post("/account/accounts/rent/payments", {**given, "amount": "£12.50"})
        charge = Charge.objects.get()
        assert answer["Location"] == f"/pay/{charge.pk}"
    assert (charge.reference, charge.amount_pence, charge.kind_id) == ("R4410021", 1_250, "rent")
    other = client.post("/account/accounts/rent/payments", {**given, "number": "R4410022", "amount": "5"})
    assert other.status_code == 404


def test_a_number_on_a_statement_opens_the_account_at_once(account: ResidentAccount) -> None:
    theirs = make_account("Sam Resident")
    client = signed_in(theirs)
    home = CustomerAddress.objects.get(customer_id=customer_of(account))
    given = {"kind": "rent", "number": "r441 0021", "postcode": home.postcode}
    wrong = client.post("/account/verify", {**given, "number": "R4410022"})
    assert wrong.status_code == 422
    assert client.post("/account/verify", given).status_code == 302
    assert 'data-part="/account/accounts/rent"' in page(client, "/account")
    assert "Statement" in page(client, "/account/accounts/rent")


def test_leaseholders_see_charges_and_until_when_they_may_comment(account: ResidentAccount) -> None:
    shown = page(signed_in(account), "/account/accounts/leasehold")
    assert "Service charge for" in shown
    assert "You can say what you think of it until" in shown


@pytest.mark.capability("CUST-04")
def test_every_back_office_stands_in_the_single_view_with_its_time_and_one_that_fails_or_is_slow_holds_up_none(
    account: ResidentAccount,
    systems: dict[str, Standin],  # noqa: F811
) -> None:
    path = f"/work/customers/{customer_of(account)}"
    client = adviser()
    page(client, f"{path}/standing?part=1")  # so that there is something that was known last
    systems["benefits"].book.change_mood({"outage": True})
    systems["housing"].book.change_mood({"delay": 10.0})
    records.forget()

    began = time.monotonic()
    record = page(client, f"{path}?reason=contact")  # asks none of them
    assert time.monotonic() - began < 2.0
    assert f'data-part="{path}/standing"' in record
    part = page(client, f"{path}/standing?part=1")
    assert time.monotonic() - began < 8.0

    stamped = part.count("As at ")
    for title in ("Council tax", "Benefit", "Council rent", "Bins", "Parking permits at home", "Library"):
        assert f">{title}</h3>" in part, title
    assert stamped >= 4
    assert "The benefits system does not answer just now.</strong> This is what it said at" in part
    assert "The housing system does not answer just now.</strong> This is what it said at" in part


def test_staff_see_the_same_and_each_look_is_kept(
    account: ResidentAccount,
    systems: dict[str, Standin],  # noqa: F811
) -> None:
    customer_id = customer_of(account)
    client = adviser()
    assert f"/work/customers/{customer_id}/standing" in page(client, f"/work/customers/{customer_id}?reason=contact")
    assert not Look.objects.filter(page="customer.standing").exists()
    systems["library"].book.change_mood({"outage": True})
    records.forget()

    part = page(client, f"/work/customers/{customer_id}/standing?part=1")

    assert "Council rent" in part
    assert "The library system does not answer just now" in part
    look = Look.objects.get(page="customer.standing")
    assert (look.customer_id, look.actor_kind) == (customer_id, "staff")
    taken = client.post(
        f"/work/customers/{customer_id}/standing/rent/payments",
        {"number": NUMBERS["rent"], "amount": "20", "key": "one"},
    )
    assert taken["Location"] == "/work/counter?reference=R4410021"
    assert Charge.objects.get().customer_id == customer_id


def test_nothing_is_taken_on_an_account_that_is_not_shared(
    account: ResidentAccount,
    systems: dict[str, Standin],  # noqa: F811
) -> None:
    path = f"/work/customers/{customer_of(account)}/standing"

    refused = adviser(Role.FINANCE).post(
        f"{path}/rent/payments", {"number": NUMBERS["rent"], "amount": "20", "key": "one"}
    )

    assert refused.status_code == 403
    assert not Charge.objects.exists()


def adviser(role: Role = Role.ADVISER) -> Client:
    by = make_staff("ada", team="customer-services", role=role)
    client = Client()
    sign_in(client, User.objects.get(pk=UUID(by.id)))
    return client
