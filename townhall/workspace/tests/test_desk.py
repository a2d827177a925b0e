"""The adviser's desk: find somebody or make a record, take a report for them, chase, wrap up."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case, CaseContact, Escalation
from townhall.cases.tests.makers import make_case
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.forms.models import Submission
from townhall.ledger.models import Entry, Look
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.places.models import Address, Street

ROW, HOME = "7001", "100001"


@pytest.fixture
def borough(db: None) -> None:
    seed_reference_data()
    Street.objects.create(
        usrn=ROW, name="Harbour Row", search_text="harbour row", easting=530_000, northing=180_000, locality="Aldermere"
    )
    Address.objects.create(
        uprn=HOME,
        street_id=ROW,
        line="12 Harbour Row, Aldermere",
        postcode="ZZ11AA",
        search_text="12 harbour row aldermere",
        easting=530_000,
        northing=180_000,
    )
    forget_all()


@pytest.fixture
def priya(borough: None) -> User:
    return make_user(roles=(Role.ADVISER,), name="Priya Adviser")


@pytest.fixture
def desk(priya: User) -> Client:
    client = Client()
    sign_in(client, priya)
    return client


def make_customer(name: str = "Sam Okafor", **more: Any) -> Customer:
    return customers.create(NewCustomer(name=name, **more), by=SYSTEM, at=now())


def make_conversation(desk: Client, customer: Customer | None = None, **more: str) -> Contact:
    posted = {"channel": "phone", "customer": str(customer.pk) if customer else "", **more}
    answer = desk.post("/work/desk/contacts/new", posted)
    assert answer.status_code == 302, answer.content.decode()
    return Contact.objects.get(pk=UUID(answer["Location"].rsplit("/", 1)[1]))


def report_values(**more: str) -> dict[str, str]:
    return {
        "key": "k1",
        "choice": f"address:{HOME}",
        "size": "bag",
        "description": "Two black bags by the wall",
        "contact-name": "Sam Okafor",
        "contact-email": "sam@example.org",
        **more,
    }


WRAP_UP = {"reason_code": "report", "outcome": "referred", "avoidable": "no", "anything_else": "no"}


@pytest.mark.capability("REPT-01", "CUST-01", "CHAN-01", "CHAN-04", "CASE-05")
def test_an_adviser_makes_a_record_takes_a_report_and_wraps_up(desk: Client, priya: User) -> None:
    contact = make_conversation(desk, name="Sam", phone="01632 960123")
    assert not Customer.objects.exists()  # nobody is made by getting in touch

    made = desk.post(
        "/work/customers/new",
        {"contact": str(contact.pk), "name": "Sam Okafor", "email": "sam@example.org", "phone": "01632 960123", "choice": HOME},
    )
    assert made["Location"] == f"/work/desk/contacts/{contact.pk}"
    sent = desk.post(f"/work/desk/contacts/{contact.pk}/report/fly-tipping", report_values())
    assert sent["Location"] == f"/work/desk/contacts/{contact.pk}", sent.content.decode()

    case = Case.objects.get()
    sam = Customer.objects.get()
    page = desk.get(sent["Location"]).content.decode()
    assert case.reference in page
    assert "A street cleaning officer will look at it" in page
    assert case.customer_id == sam.pk
    submission = Submission.objects.get()
    assert (submission.by_id, submission.on_behalf_of) == (str(priya.pk), sam.pk)  # both names are kept
    assert CaseContact.objects.get().contact_id == contact.pk
    assert Contact.objects.count() == 1  # the conversation counts once
    assert Message.objects.get().recipient_address == "sam@example.org"

    done = desk.post(f"/work/desk/contacts/{contact.pk}/wrap-up", WRAP_UP)
    assert done["Location"] == "/work/customers"
    contact.refresh_from_db()
    assert (contact.reason_code, contact.outcome, contact.avoidable, contact.anything_else) == ("report", "referred", False, False)
    assert contact.ended_at is not None
    assert contact.service_code == ""
