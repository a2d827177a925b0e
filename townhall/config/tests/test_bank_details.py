"""Bank details in a form: sealed from the first page on, whole in the delivery alone, and gone once the other system has them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.events import CaseClosed
from townhall.cases.models import Case
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import MONDAY, make_council, make_staff
from townhall.catalogue.operations import OUR_PACKS
from townhall.connectors import delivering, inbound
from townhall.connectors.models import Connector, Delivery, InboundEvent
from townhall.connectors.protocol import Outgoing, Taken
from townhall.contacts.seeds import seed_reference_data
from townhall.core import sealed_answers
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.events import publish
from townhall.core.time import now
from townhall.forms import queries
from townhall.forms.models import Draft, Submission
from townhall.forms.operations.loading import load_forms

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "/forms/direct-debit"
NUMBER, SORT = "12345678", "20-00-99"
BANK = {"holder": "D Merrow", "sort_code": SORT, "bank_account": NUMBER}


@pytest.fixture
def direct_debit(tmp_path: Path) -> None:
    shutil.copytree(OUR_PACKS / "direct-debit", tmp_path / "direct-debit")
    pack = tmp_path / "direct-debit" / "service.yaml"
    pack.write_text(re.sub(r"(?m)^related: .*$", "related: []", pack.read_text()))
    seed_reference_data()
    make_council(tmp_path)
    load_forms(tmp_path, by=SYSTEM, at=MONDAY)
    Connector.objects.create(
        code="revenues", name="Revenues", kind="records", base_url="http://revenues.test", created_at=MONDAY
    )


def everything_kept() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^django_'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            found += [text for (text,) in cursor.fetchall()]
    return "\n".join(found)


def to_the_check(client: Client) -> None:
    client.post(f"{FORM}/what", {"what": "council-tax"})
    client.post(f"{FORM}/account", {"account": "7001234"})
    client.post(f"{FORM}/day", {"day": "1"})
    assert client.post(f"{FORM}/bank", BANK).status_code == 302
    client.post(f"{FORM}/you", {"who-name": "Dot Merrow", "email": "dot@example.org"})


def acknowledged(delivery: Delivery) -> None:
    body: dict[str, Any] = {"job_id": delivery.external_id, "status": "accepted", "at": "2026-03-02T14:00:00Z"}
    event = InboundEvent.objects.create(source=delivery.target, event_id="e1", received_at=now(), body=body, body_hash="",
                                        next_try_at=now())  # fmt: skip
    inbound.handle(event.pk, at=now())


class Office:
    """What the other system is given."""

    def __init__(self) -> None:
        self.given: list[Outgoing] = []

    def submit(self, outgoing: Outgoing, *, at: object) -> Taken:
        self.given.append(outgoing)
        return Taken("DD-1")


@pytest.mark.usefixtures("direct_debit")
def test_they_are_sealed_at_rest_whole_in_the_delivery_and_dropped_once_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client()
    to_the_check(client)
    assert NUMBER not in everything_kept()
    assert "200099" not in everything_kept().replace("-", "")
    check = client.get(f"{FORM}/check").content.decode()
    assert "ends in 678" in check
    assert NUMBER not in check
    client.post(f"{FORM}/check")

    case = Case.objects.get()
    assert case.attributes["bank_account"] == "sealed:678:"
    kept = Submission.objects.get(pk=case.pk).answers["bank_account"]
    assert sealed_answers.open_one(kept) == NUMBER
    assert sealed_answers.open_one(Draft.objects.get().answers["bank_account"]) is None
    assert NUMBER not in everything_kept()

    office = Office()
    monkeypatch.setattr(delivering, "_adapter", lambda _target: office)
    delivery = Delivery.objects.get(case_id=case.pk)
    delivering.deliver_to(delivery.target, now())
    (given,) = office.given
    assert given.payload["answers"] == {"account": "7001234", "day": "1", **BANK}
    assert NUMBER not in everything_kept()

    delivery.refresh_from_db()
    acknowledged(delivery)
    delivery.refresh_from_db()
    assert delivery.state == "acknowledged"
    assert delivery.payload["answers"]["bank_account"] == "sealed:678:"
    assert Submission.objects.get(pk=case.pk).answers["bank_account"] == "sealed:678:"
    assert not re.search(sealed_answers.HELD, json.dumps(list(Submission.objects.values_list("answers", flat=True))))


@pytest.mark.usefixtures("direct_debit")
def test_staff_see_the_last_digits_and_a_page_is_never_filled_with_them() -> None:
    client = Client()
    to_the_check(client)
    again = client.get(f"{FORM}/bank?change").content.decode()
    assert NUMBER not in again
    assert "sealed:" not in again
    assert "We have one that ends in 678. Leave this empty to keep it." in again
    assert client.post(f"{FORM}/bank?change", {**BANK, "bank_account": "", "sort_code": "1"}).status_code == 422
    client.post(f"{FORM}/bank?change", {**BANK, "bank_account": "", "sort_code": "30-00-11"})
    client.post(f"{FORM}/check")
    case = Case.objects.get()
    answers = Submission.objects.get(pk=case.pk).answers
    assert sealed_answers.open_one(answers["bank_account"]) == NUMBER
    assert sealed_answers.open_one(answers["sort_code"]) == "30-00-11"

    officer = make_staff("ottilie", team="revenues", role=Role.OFFICER)
    staff = Client()
    sign_in(staff, User.objects.get(pk=officer.id))
    shown = staff.get(f"/work/cases/{case.reference}").content.decode()
    assert "ends in 678" in shown
    assert NUMBER not in shown


@pytest.mark.usefixtures("direct_debit")
def test_sent_twice_by_a_machine_is_once_and_what_was_typed_to_look_sealed_is_not() -> None:
    answers = {"what": "council-tax", "account": "sealed:12:", "day": "1", **BANK,
               "who": {"name": "Dot Merrow"}, "email": "dot@example.org"}  # fmt: skip
    sent = SentForm(form_code="direct-debit", version=queries.published_version("direct-debit"), answers=answers,
                    channel="web", key="machine-1")  # fmt: skip
    first = open_from_form(sent, by=PUBLIC, at=MONDAY)
    again = open_from_form(sent, by=PUBLIC, at=MONDAY)
    assert (again.case_id, again.was_repeat) == (first.case_id, True)
    assert sealed_answers.open_all({"a": "sealed:1:words"}) == {"a": "sealed:1:words"}


@pytest.mark.usefixtures("direct_debit")
def test_what_was_refused_is_not_kept_and_what_is_still_to_be_sent_waits() -> None:
    answers = {"what": "council-tax", "account": "7001234", "day": "1", **BANK,
               "who": {"name": "Dot Merrow"}, "email": "dot@example.org"}  # fmt: skip
    sent = SentForm(form_code="direct-debit", version=queries.published_version("direct-debit"), answers=answers,
                    channel="web", key="machine-2")  # fmt: skip
    case_id = open_from_form(sent, by=PUBLIC, at=MONDAY).case_id
    over = CaseClosed(case_id=case_id, service_code="direct-debit", at=MONDAY)

    publish(over)
    assert re.search(sealed_answers.HELD, json.dumps(Delivery.objects.get().payload))

    Delivery.objects.update(state="failed")
    publish(over)
    assert not re.search(sealed_answers.HELD, everything_kept())
