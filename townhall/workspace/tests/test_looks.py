"""Who is shown what of other people's: nearby cases only to who may see them, and every record shown is written down."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_case, make_staff
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Look
from townhall.workspace import case_page
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.views.case import near_case


def test_private_cases_of_other_teams_are_not_near_by(officer: Client) -> None:
    own, public, private = make_case(at=now()), make_case(at=now()), make_case(at=now())
    team = make_staff("hilda", team="highways", role=Role.OFFICER)
    for case, is_public in ((public, True), (private, False)):
        case.doer_team_id, case.is_public = next(iter(team.teams)), is_public
        case.teller_post_id = next(iter(team.posts))
        case.save(update_fields=["doer_team", "teller_post", "is_public"])

    page = officer.get(f"/work/cases/{own.reference}/nearby").content.decode()

    assert public.reference in page
    assert private.reference not in page
    adviser = make_staff("ada", team="contact-centre", role=Role.ADVISER)
    assert {one.id for one in case_page.seen_by(adviser, near_case(own))} == {public.pk, private.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["desk/contacts/new?customer={}", "customers/{}/needs", "customers/{}/representatives"]
)
def test_every_page_that_shows_a_record_writes_the_look_down(path: str) -> None:
    seed_reference_data()
    forget_all()
    desk = signed_in_as("ada", team="contact-centre", role=Role.ADVISER)
    sam = customers.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=now())

    page = desk.get("/work/" + path.format(sam.pk))

    assert page.status_code == 200, page.status_code
    assert "Sam Okafor" in page.content.decode()
    assert Look.objects.filter(customer_id=sam.pk).count() == 1
