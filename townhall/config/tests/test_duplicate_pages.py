"""Two records of one customer on the pages of staff: from the list to one record, and back to two."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.customers import operations
from townhall.customers.accounts.models import AccountLink, Consent
from townhall.customers.merging import proposing
from townhall.customers.merging_models import Proposal
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.engagement.tests.makers import make_account
from townhall.ledger.models import Look

pytestmark = pytest.mark.django_db
BORN = date(1980, 3, 27)


def make(name: str, **more: str) -> UUID:
    new = NewCustomer(name=name, date_of_birth=BORN, address="12 Harbour Row", postcode="ZZ1 1AA", **more)
    return operations.create(new, by=SYSTEM, at=now() - timedelta(days=3)).pk


def signed_in(role: Role) -> Client:
    client = Client()
    sign_in(client, make_user(roles=(role,)))
    return client


@pytest.fixture
def two() -> tuple[UUID, UUID, Proposal]:
    one, other = make("Samuel Okafor", email="sam@example.org"), make("Sam Okafor", phone="01632 960123")
    while proposing.propose(now()):
        pass
    return one, other, Proposal.objects.get()


@pytest.mark.capability("CUST-08")
def test_an_officer_sees_why_two_records_may_be_one_merges_them_and_takes_them_apart(
    two: tuple[UUID, UUID, Proposal],
) -> None:
    one, other, proposal = two
    seed_reference_data()
    make_council()
    case = make_case()
    Case.objects.filter(pk=case.pk).update(customer_id=other)
    Consent.objects.create(customer_id=other, purpose="news", version=1, channel="web", given_at=now())
    link = AccountLink.objects.create(account=make_account(), customer_id=other, since=now())
    client = signed_in(Role.ADVISER)

    listed = client.get("/work/duplicates").content.decode()
    assert "Samuel Okafor" in listed
    assert "First name: a short form, or one letter apart" in listed
    assert client.get(f"/work/duplicates?service={case.service_code}").content.decode().count("Samuel Okafor") > 0
    page = client.get(f"/work/duplicates/{proposal.pk}").content.decode()
    assert "sam@example.org" in page
    assert "01632 960123" in page
    assert set(Look.objects.filter(page="customer.duplicate").values_list("customer_id", flat=True)) == {one, other}

    assert client.post(f"/work/duplicates/{proposal.pk}", {"kept": ""}).status_code == 422
    held = [str(point) for point in Customer.objects.get(pk=one).contact_points.values_list("pk", flat=True)]
    gone = client.post(
        f"/work/duplicates/{proposal.pk}", {"kept": str(one), "name": str(other), "shown": held, "holds": []}
    )
    assert gone.headers["Location"] == f"/work/merges/of/{one}"
    assert Customer.objects.get(pk=one).name == "Sam Okafor"
    assert Customer.objects.get(pk=one).contact_points.get(kind="email").ended_at is not None
    for reference in (Case.objects.get(pk=case.pk), Consent.objects.get(), AccountLink.objects.get(pk=link.pk)):
        assert reference.customer_id == one
    old = client.get(f"/work/customers/{other}?reason=check")
    assert old.headers["Location"] == f"/work/customers/{one}?reason=check"
    assert "Sam Okafor" in client.get("/work/customers?q=Samuel").content.decode()  # by the name that does not stand
    merged = client.get(f"/work/merges/of/{one}").content.decode()
    assert "Samuel Okafor" in merged

    proposal.refresh_from_db()
    client.post(f"/work/merges/{proposal.merge_id}/undone")
    for reference in (Case.objects.get(pk=case.pk), Consent.objects.get(), AccountLink.objects.get(pk=link.pk)):
        assert reference.customer_id == other
    assert Customer.objects.get(pk=one).name == "Samuel Okafor"
    assert client.get(f"/work/customers/{other}?reason=check").status_code == 200
    assert "Nothing to decide" in client.get("/work/duplicates").content.decode()


def test_kept_apart_with_a_reason_and_only_by_who_may(two: tuple[UUID, UUID, Proposal]) -> None:
    one, _other, proposal = two
    assert signed_in(Role.RECEPTIONIST).get("/work/duplicates").status_code == 403
    client = signed_in(Role.OFFICER)
    assert client.post(f"/work/duplicates/{proposal.pk}/rejection", {}).status_code == 422
    client.post(f"/work/duplicates/{proposal.pk}/rejection", {"reason": "two_people"})
    assert "Nothing to decide" in client.get("/work/duplicates").content.decode()
    assert "They are two customers" in client.get("/work/duplicates?state=rejected").content.decode()
    assert "Kept apart before" in client.post(f"/work/merges/of/{one}").content.decode()


def test_looking_again_says_who_is_left_out_and_why(two: tuple[UUID, UUID, Proposal]) -> None:
    one, _other, _proposal = two
    make("Grace Okafor", email="sam@example.org")
    while proposing.propose(now()):
        pass
    page = signed_in(Role.ADVISER).post(f"/work/merges/of/{one}").content.decode()
    assert "Sam Okafor" in page
    assert "they may be twins" in page
    assert set(Look.objects.filter(page="customer.merges").values_list("customer_id", flat=True)) == set(
        Customer.objects.values_list("pk", flat=True)
    )
