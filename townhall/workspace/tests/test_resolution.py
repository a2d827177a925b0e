"""Whoever comes back about the same matter shows that the earlier contact did not settle it: re-marked, measured, and said live."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_staff
from townhall.contacts import coming_back
from townhall.contacts.models import Contact
from townhall.contacts.operations import Given, WrapUp, log, start, wrap_up
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Entry
from townhall.workspace.tests.conftest import signed_in_as

pytestmark = pytest.mark.django_db
AGO = {name: timedelta(days=days) for name, days in {"long": 12, "first": 6, "second": 3}.items()}


@pytest.fixture
def sam() -> UUID:
    seed_reference_data()
    forget_all()
    return customers.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=now()).pk


@pytest.fixture
def priya() -> Actor:
    return make_staff("priya", team="customer-services", role=Role.ADVISER)


def spoke(
    sam: UUID | None, by: Actor, *, ago: timedelta = timedelta(), service: str = "pothole", outcome: str = "resolved"
) -> Contact:
    at = now() - ago
    made = start(channel="phone", by=by, at=at, given=Given(name="Sam"), customer_id=sam)
    answers = WrapUp(
        reason_code="information", outcome=outcome, avoidable=False, anything_else=False, service_code=service
    )
    wrap_up(made.pk, answers, by=by, at=at)
    made.refresh_from_db()
    return made


def figures(service: str) -> tuple[int, int, int, int, int]:
    today = council_date(now())
    rows = coming_back.by_month(since=today - timedelta(days=60), until=today + timedelta(days=1))
    mine = [one for one in rows if one.service == service]
    return (
        sum(one.contacts for one in mine),
        sum(one.first for one in mine),
        sum(one.resolved for one in mine),
        sum(one.referred for one in mine),
        sum(one.reopened for one in mine),
    )


@pytest.mark.capability("CHAN-05")
def test_a_contact_counts_as_resolved_until_they_come_back_about_it_and_the_report_says_so(
    sam: UUID, priya: Actor
) -> None:
    long_ago = spoke(sam, priya, ago=AGO["long"])
    first = spoke(sam, priya, ago=AGO["first"])
    spoke(sam, priya, ago=AGO["first"], service="fly-tipping", outcome="referred")
    spoke(None, priya, ago=AGO["first"])  # somebody not known is nobody's repeat
    assert first.repeats_id == long_ago.pk  # six days after it
    assert figures("pothole") == (3, 2, 1, 0, 1)
    assert figures("fly-tipping") == (1, 1, 0, 1, 0)

    second = spoke(sam, priya, ago=AGO["second"])
    first.refresh_from_db()
    assert second.repeats_id == first.pk
    assert first.not_resolved_at == second.ended_at
    entry = Entry.objects.get(verb="contact.not_resolved", subject_id=first.pk)
    assert (entry.customer_id, entry.data["came_back"]) == (sam, str(second.pk))

    # By the web as well, where nobody wraps up.
    third = log(
        channel="web", service_code="pothole", reason_code="report", given=Given(), by=PUBLIC, at=now(), customer_id=sam
    )
    second.refresh_from_db()
    assert second.not_resolved_at is not None
    assert Contact.objects.get(pk=third).repeats_id == second.pk

    manager = signed_in_as("mo", team="management", role=Role.SENIOR_MANAGER)
    page = " ".join(manager.get("/work/resolution").content.decode().split())
    assert "Pothole, " in page
    assert "The goal is 90%" in page
    assert manager.post("/work/resolution", {"service": "pothole", "days": "2"}).status_code == 302
    fourth = spoke(sam, priya)
    assert fourth.repeats_id == third  # today
    assert coming_back.days_of("pothole") == 2
    assert manager.post("/work/resolution", {"service": "pothole", "days": "0"}).status_code == 422
    assert manager.post("/work/resolution", {"service": "", "days": "5"}).status_code == 422
    with pytest.raises(NotAllowed):
        coming_back.set_days("pothole", 3, by=priya, at=now())
    with pytest.raises(BadInput):
        coming_back.set_days("pothole", 91, by=SYSTEM, at=now())


def test_a_further_conversation_at_once_is_no_repeat_of_the_one_it_follows(sam: UUID, priya: Actor) -> None:
    made = start(channel="phone", by=priya, at=now(), customer_id=sam)
    answers = WrapUp(
        reason_code="information", outcome="resolved", avoidable=False, anything_else=True, service_code="pothole"
    )
    further = wrap_up(made.pk, answers, by=priya, at=now())
    assert further is not None
    last = WrapUp(
        reason_code="information", outcome="resolved", avoidable=False, anything_else=False, service_code="pothole"
    )
    wrap_up(further.pk, last, by=priya, at=now())
    made.refresh_from_db()
    assert made.not_resolved_at is None


def test_that_it_is_the_third_time_is_said_while_they_are_on_the_phone(sam: UUID, priya: Actor) -> None:
    for ago in (AGO["first"], AGO["second"]):
        spoke(sam, priya, ago=ago)
    adviser: Client = signed_in_as("priya", team="customer-services", role=Role.ADVISER)
    begun = adviser.post("/work/desk/contacts/new", {"channel": "phone", "customer": str(sam)})
    for path in (begun["Location"], f"/work/customers/{sam}"):
        page = " ".join(adviser.get(path).content.decode().split())
        assert "Third contact about Pothole in 7 days" in page, path
