from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.tests.makers import make_case, make_staff
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.ledger import operations as ledger
from townhall.workspace.tests.conftest import signed_in_as


@pytest.fixture
def dpo() -> Client:
    return signed_in_as("edith", team="corporate", role=Role.DATA_PROTECTION_OFFICER)


@pytest.mark.capability("GOVN-03")
def test_the_data_protection_officer_finds_who_looked_and_who_changed_what(dpo: Client, officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    officer.get(f"/work/cases/{case.reference}")
    cases.accept(case.pk, by=by, at=now())

    looks = dpo.get("/work/audit", {"kind": "looks", "staff": "OLU@example.org"}).content.decode()
    changes = dpo.get("/work/audit", {"kind": "changes", "subject": case.reference}).content.decode()

    assert "workspace.case" in looks
    assert case.reference in looks
    assert "Accepted" in changes
    assert "Olu" in changes


def test_looks_at_one_customer_are_found_by_the_id_of_their_record(dpo: Client) -> None:
    customer, other = uuid7(), uuid7()
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    ledger.looked(by=by, at=now(), customer_id=customer, page="desk.customer")
    ledger.looked(by=by, at=now(), customer_id=other, page="desk.elsewhere")

    page = dpo.get("/work/audit", {"kind": "looks", "subject": str(customer)}).content.decode()

    assert "desk.customer" in page
    assert "desk.elsewhere" not in page


def test_a_search_is_itself_written_down(dpo: Client) -> None:
    dpo.get("/work/audit", {"kind": "looks", "staff": "edith@example.org"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_look WHERE page = 'workspace.audit'")
        assert cursor.fetchone() == (1,)


def test_what_cannot_be_found_is_said_beside_its_field(dpo: Client) -> None:
    for query, words in (
        ({"kind": "looks"}, "Enter a member of staff, or a customer or case"),
        ({"kind": "looks", "staff": "nobody"}, "Nobody on the staff has that name"),
        ({"kind": "changes", "subject": "what?"}, "There is no customer or case like that"),
        ({"kind": "looks", "staff": "edith@example.org", "since": "soon"}, "Enter a real date"),
    ):
        answer = dpo.get("/work/audit", query)
        assert answer.status_code in {200, 422}
        assert words in answer.content.decode(), query


def test_an_officer_may_not_search(officer: Client) -> None:
    assert officer.get("/work/audit").status_code == 403
