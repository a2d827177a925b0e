from __future__ import annotations

import ast
import csv
import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

import townhall
from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.tests.makers import make_case, make_staff
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_one
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.ledger import operations as ledger
from townhall.workspace.looked_at import PAGES, reason_words
from townhall.workspace.tests.conftest import signed_in_as


@pytest.fixture
def dpo() -> Client:
    return signed_in_as("edith", team="corporate", role=Role.DATA_PROTECTION_OFFICER)


def audit(client: Client, **asked: str) -> str:
    return html.unescape(client.get("/work/audit", {"kind": "looks", **asked}).content.decode())


def test_the_data_protection_officer_finds_who_looked_and_who_changed_what(dpo: Client, officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    officer.get(f"/work/cases/{case.reference}")
    cases.accept(case.pk, by=by, at=now())

    looks = audit(dpo, staff="OLU@example.org")
    changes = audit(dpo, kind="changes", subject=case.reference)

    assert "A case<" in looks
    assert case.reference in looks
    assert "Accepted" in changes
    assert "Olu" in changes


@pytest.fixture
def sam() -> Customer:
    new = NewCustomer(name="Sam Okafor", email="sam@example.org", address="4 Harbour Row", postcode="AL1 2BD")
    return customers.create(new, by=SYSTEM, at=now(), key=str(uuid7()))


def test_a_search_takes_a_customers_name_or_address_a_first_name_a_reason_what_it_is_about_and_a_time(
    dpo: Client, sam: Customer
) -> None:
    olu = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    hari = make_staff("hari", team="highways", role=Role.OFFICER)
    long_ago = now() - timedelta(days=60)
    ledger.looked(by=olu, at=now(), customer_id=sam.pk, page="customer.record", reason="check")
    ledger.looked(by=hari, at=now(), customer_id=sam.pk, page="payment", reason="bill")
    ledger.looked(by=hari, at=long_ago, customer_id=sam.pk, page="marker.detail", reason="change")
    record, payment, warning = ("A customer’s record<", "A payment<", "What a warning is about<")

    def found(**asked: str) -> set[str]:
        table = audit(dpo, **asked).partition("<tbody")[2].replace("<br>", "<")
        return {words for words in (record, payment, warning) if words in table}

    for typed in ("Sam Okafor", "okafor sam", "4 Harbour Row", "AL1 2BD", "sam@example.org", str(sam.pk)):
        assert found(subject=typed) == {record, payment}, typed
    assert found(subject="Okafor", staff="hari") == {payment}
    assert found(staff="OLU") == {record}
    assert found(area="money") == {payment}
    assert found(area="record", reason="check") == {record}
    assert found(reason="bill") == {payment}
    day = f"{council_date(long_ago):%Y-%m-%d}"
    assert found(subject="Okafor", since=day, until=day) == {warning}
    seen = audit(dpo, subject="Okafor")
    assert "Sam Okafor</a>" in seen
    assert "To check or correct the record" in seen
    assert "customer.record" not in seen, "no codes"


def test_what_was_changed_is_said_in_words_without_ids(dpo: Client, sam: Customer) -> None:
    olu = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    [post] = olu.posts
    data: dict[str, object] = {"post": str(post), "is_urgent": True, "channel": "web", "key": str(uuid7())}
    about = Subject(kind="customer", id=sam.pk)
    ledger.record("customer.changed", about=about, by=olu, at=now(), customer_id=sam.pk, data=data)

    seen = audit(dpo, kind="changes", subject="Okafor", staff="olu", area="record")

    assert "Record changed" in seen
    assert "Post: Street Cleansing Officer" in seen
    assert "Urgent: yes" in seen
    assert str(data["key"]) not in seen


def test_pages_follow_each_other_and_the_file_has_all_and_is_itself_written_down(dpo: Client, sam: Customer) -> None:
    olu = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    for minutes in range(60):
        at = now() - timedelta(minutes=minutes // 2)
        ledger.looked(by=olu, at=at, customer_id=sam.pk, page="customer.record", reason="check")

    first = audit(dpo, staff="olu")
    after = re.findall(r'rel="next" href="\?([^"]+)"', first)[0]
    second = html.unescape(dpo.get(f"/work/audit?{after}").content.decode())
    table = dpo.get("/work/audit.csv", {"kind": "looks", "staff": "olu"})

    assert [page.partition("<tbody")[2].count("A customer’s record") for page in (first, second)] == [50, 10]
    rows = list(csv.reader(b"".join(table.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]
    assert len(rows) == 61
    assert rows[1][1:3] == ["Olu", "A customer’s record"]
    taken = fetch_one("SELECT count(*) FROM ledger_look WHERE page = 'workspace.audit' AND reason = 'export'")
    assert taken == (1,)


def test_an_auditor_searches_without_the_names_of_customers(sam: Customer) -> None:
    auditor = signed_in_as("aud", team="corporate", role=Role.AUDITOR)
    ledger.looked(by=SYSTEM, at=now(), customer_id=sam.pk, page="customer.record")

    assert "There is no customer or case like that" in audit(auditor, subject="Okafor")
    seen = audit(auditor, subject=str(sam.pk))
    assert "A customer’s record" in seen
    assert "Okafor" not in seen


def test_every_page_that_staff_look_at_has_words() -> None:
    unknown = {code for code in _pages_looked_at() if code not in PAGES and code.partition(".")[0] not in PAGES}
    assert not unknown, "Name them in workspace/looked_at.py"


def _pages_looked_at() -> set[str]:
    """Every code that the program gives to `looked`, as far as it is written out."""
    found = set()
    for path in Path(townhall.__file__).parent.rglob("*.py"):
        text = path.read_text()
        if "/tests/" in str(path) or "looked(" not in text:
            continue
        for call in (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            pages = [one.value for one in call.keywords if one.arg == "page" and name == "looked"]
            found |= {one.value for one in pages if isinstance(one, ast.Constant) and isinstance(one.value, str)}
            found |= {str(getattr(one.values[0], "value", "")) for one in pages if isinstance(one, ast.JoinedStr)}
    return {one.rstrip(".") for one in found}


@pytest.mark.parametrize("reason", ["staff", "print", "alike", "consent"])
def test_a_reason_is_a_sentence_and_not_its_code(reason: str) -> None:
    assert reason_words(reason) != reason.capitalize()
    assert " " in reason_words(reason)


def test_what_cannot_be_found_is_said_beside_its_field(dpo: Client) -> None:
    for query, words in (
        ({"staff": "nobody"}, "Nobody on the staff has that name"),
        ({"kind": "changes", "subject": "what?"}, "There is no customer or case like that"),
        ({"staff": "edith@example.org", "since": "soon"}, "Enter a real date"),
        ({"since": "2001-01-01"}, "Name somebody, or ask for at most 92 days"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The last day must not be before the first"),
    ):
        answer = dpo.get("/work/audit", {"kind": "looks", **query})
        assert answer.status_code == 422
        assert words in answer.content.decode(), query


def test_an_officer_may_not_search(officer: Client) -> None:
    assert officer.get("/work/audit").status_code == 403
    assert officer.get("/work/audit.csv").status_code == 403


@pytest.mark.parametrize("days", [{"until": "9999-12-31"}, {"until": "0001-01-05"}, {"since": "0001-01-01"}])
def test_a_year_that_was_mistyped_is_said(dpo: Client, days: dict[str, str]) -> None:
    answer = dpo.get("/work/audit", {"kind": "looks", **days})
    assert (answer.status_code, "with the whole year" in answer.content.decode()) == (422, True)
    assert dpo.get("/work/audit.csv", {"kind": "looks", **days}).status_code == 302
