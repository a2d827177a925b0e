"""A report made without an account is put on its customer's record by staff, and taken off again when that was wrong."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.models import Case, Follower
from townhall.cases.operations import linking
from townhall.cases.operations.claiming import claim
from townhall.cases.tests.makers import make_case, make_staff
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.merging.operations import merge
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Entry, Look
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.tests.test_letters import begin, make_layout, manager

__all__ = ["manager"]


@pytest.fixture
def case() -> Case:
    return make_case()  # by Sam Resident, sam@example.org, without an account


@pytest.fixture
def olu() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


def make_customer(name: str = "Sam Resident", email: str = "sam@example.org") -> Customer:
    return customers.create(NewCustomer(name=name, email=email), by=SYSTEM, at=now())


def whose(case: Case) -> Customer | None:
    case.refresh_from_db()
    return case.customer


def test_an_officer_links_a_report_to_its_customer_who_can_then_be_written_to(
    officer: Client, manager: Client, case: Case
) -> None:
    sam, page = make_customer(), f"/work/cases/{case.reference}"
    layout = make_layout(manager)
    assert "It is on nobody’s record yet" in officer.get(page).content.decode()
    assert f"{page}/customer" in officer.get(f"{page}/letters").content.decode()

    assert str(sam.pk) in officer.get(f"{page}/customer?q=sam@example.org").content.decode()
    asked = officer.get(f"{page}/customer?customer={sam.pk}").content.decode()
    assert "Is it theirs?" in asked
    for _twice in range(2):
        assert officer.post(f"{page}/customer", {"customer": str(sam.pk)})["Location"] == page

    assert whose(case) == sam
    assert Follower.objects.get(case=case).customer_id == sam.pk
    assert Entry.objects.filter(verb="case.customer_linked", case_id=case.pk, customer_id=sam.pk).count() == 1
    assert Look.objects.filter(page="case.customer", customer_id=sam.pk, case_id=case.pk).exists()
    after = officer.get(page).content.decode()
    assert "Put on a customer’s record" in after
    assert "Their record" in after
    assert case.reference in officer.get(f"/work/customers/{sam.pk}?reason=case").content.decode()
    begin(officer, f"{page}/letters", layout)


def test_a_record_is_made_from_what_the_report_says_once(officer: Client, case: Case) -> None:
    page = f"/work/cases/{case.reference}/customer"
    form = officer.get(page).content.decode()
    assert 'value="Sam Resident"' in form
    assert 'value="sam@example.org"' in form
    new = {"name": "Sam Resident", "email": "sam@example.org", "phone": "", "address": "", "postcode": "", "key": "k1"}

    officer.post(f"{page}/new", new)
    officer.post(f"{page}/new", {**new, "checked": "1"})

    assert whose(case) == Customer.objects.get(name="Sam Resident")


def test_whoever_may_be_the_same_is_shown_before_a_record_is_made(officer: Client, case: Case) -> None:
    sam, page = make_customer(), f"/work/cases/{case.reference}/customer"
    new = {"name": "Sam Resident", "email": "sam@example.org", "phone": "", "address": "", "postcode": "", "key": "k1"}

    shown = officer.post(f"{page}/new", new)

    assert shown.status_code == 422
    assert f"?customer={sam.pk}" in shown.content.decode()
    assert whose(case) is None
    assert Customer.objects.count() == 1


def test_what_is_on_somebody_elses_record_is_taken_off_with_a_reason_first(officer: Client, case: Case) -> None:
    sam, jo = make_customer(), make_customer("Jo Other", "jo@example.org")
    page = f"/work/cases/{case.reference}/customer"
    officer.post(page, {"customer": str(jo.pk)})

    refused = officer.post(page, {"customer": str(sam.pk)})
    assert refused.status_code == 422
    assert "on somebody else’s record" in refused.content.decode()
    unsaid = officer.post(f"{page}/not-theirs", {"customer": str(jo.pk), "reason": ""})
    assert "Select why it is not theirs" in unsaid.content.decode()
    assert whose(case) == jo

    officer.post(f"{page}/not-theirs", {"customer": str(jo.pk), "reason": "wrong_record"})
    assert whose(case) is None
    assert Follower.objects.get(case=case).customer_id is None
    assert Entry.objects.get(verb="case.customer_unlinked").customer_id == jo.pk
    shown = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "The wrong record was chosen" in shown
    officer.post(page, {"customer": str(sam.pk)})
    assert whose(case) == sam


def test_another_teams_case_is_not_found(case: Case) -> None:
    sam, other = make_customer(), signed_in_as("ola", team="parks", role=Role.OFFICER)
    page = f"/work/cases/{case.reference}/customer"

    assert other.get(page).status_code == 404
    assert other.post(page, {"customer": str(sam.pk)}).status_code == 404
    assert other.post(f"{page}/new", {"name": "Sam", "key": "k"}).status_code == 404
    assert other.post(f"{page}/not-theirs", {"customer": str(sam.pk), "reason": "they_say"}).status_code == 404
    assert whose(case) is None


def test_what_a_customer_claimed_stays_theirs(case: Case, olu: Actor) -> None:
    sam = make_customer()
    claim(case.reference, customer_id=sam.pk, email="sam@example.org", by=SYSTEM, at=now())

    with pytest.raises(WrongState):
        linking.unlink_customer(case.pk, sam.pk, reason="they_say", by=olu, at=now())

    assert whose(case) == sam


def test_a_merged_record_stands_for_the_one_it_was_merged_into(case: Case, olu: Actor) -> None:
    kept, merged = make_customer(), make_customer("Samuel Resident", "samuel@example.org")
    merge(kept.pk, merged.pk, by=olu, at=now())

    linking.link_customer(case.pk, merged.pk, by=olu, at=now())
    linking.link_customer(case.pk, kept.pk, by=olu, at=now())

    assert whose(case) == kept
    with pytest.raises(BadInput):
        linking.unlink_customer(case.pk, merged.pk, reason="because", by=olu, at=now())
    linking.unlink_customer(case.pk, merged.pk, reason="they_say", by=olu, at=now())
    assert whose(case) is None


def test_only_staff_who_may_open_cases_say_whose_one_is(case: Case) -> None:
    sam = make_customer()
    auditor = make_staff("aud", team="audit", role=Role.AUDITOR)

    for by in (PUBLIC, SYSTEM, auditor):
        with pytest.raises((NotAllowed, NotFound)):
            linking.link_customer(case.pk, sam.pk, by=by, at=now())

    assert whose(case) is None
