"""The names of the council's operation and outlets, everywhere they stand; and the checklist of channels that earns a wider one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import MONDAY, make_council, make_staff
from townhall.catalogue.models import NameChange
from townhall.contacts import operations as contacts
from townhall.contacts.models import Channel
from townhall.contacts.operations import Given
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.documents import pdf_text
from townhall.knowledge.models import Task
from townhall.ui import paper
from townhall.ui.paper import Sheet
from townhall.workspace import channels_live
from townhall.workspace.views import council_names

pytestmark = pytest.mark.django_db
NAMES = {
    "operation": "One Call team",
    "outlet": "one-stop shop",
    "outlets": "one-stop shops",
    "wider": "Contact Aldermere",
}


@pytest.fixture(autouse=True)
def _council(monkeypatch: pytest.MonkeyPatch) -> None:
    make_council()
    seed_reference_data()
    monkeypatch.setattr(council_names, "now", lambda: MONDAY)


def client_of(role: Role, name: str) -> Client:
    client = Client()
    by = make_staff(name, team="corporate", role=role)
    sign_in(client, User.objects.get(pk=by.id))
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.capability("CHAN-11")
def test_a_changed_name_stands_on_public_and_staff_pages_in_letters_and_reports_and_a_wider_one_is_earned_by_channels() -> (
    None
):
    admin, manager = client_of(Role.ADMINISTRATOR, "ada"), client_of(Role.SENIOR_MANAGER, "mo")
    assert "Our contact centre".lower() in text(Client().get("/contact")).lower()
    refused = admin.post("/work/names", NAMES | {"needs": ["phone", "fax"], "why": ""})
    assert refused.status_code == 422
    assert manager.post("/work/names", NAMES | {"needs": ["phone"], "why": "I like it"}).status_code == 422
    admin.post("/work/names", NAMES | {"needs": ["phone", "fax"], "why": "Cabinet, 2 March"})
    forget_all()

    assert "One Call team" in text(Client().get("/contact"))
    assert "visits to the One Call team and a one-stop shop" in text(manager.get("/work/inductions"))
    assert "One Call team: calls" in text(manager.get("/work/phone"))
    assert "One Call team: resolved first time" in text(manager.get("/work/resolution"))
    assert "The One Call team and reception" in text(manager.get("/work/sharing"))
    sheet = Sheet(title="Your bill", body="<p>You owe nothing.</p>", on=MONDAY.date())
    assert "One Call team" in paper.as_page(sheet)
    assert "One Call team" in pdf_text.text_of(paper.as_pdf(sheet))
    history = text(admin.get("/work/names"))
    assert "Cabinet, 2 March" in history
    assert NameChange.objects.filter(code="operation", words="One Call team").count() == 1

    contacts.log(channel="phone", service_code="", reason_code="report", given=Given(), by=SYSTEM, at=MONDAY)
    assert channels_live.prompt(MONDAY) == 0  # nobody was dealt with by fax
    contacts.log(channel="fax", service_code="", reason_code="report", given=Given(), by=SYSTEM, at=MONDAY)
    Channel.objects.filter(code="fax").update(is_active=False)
    assert channels_live.prompt(MONDAY) == 0  # and it is not among our channels any more
    Channel.objects.filter(code="fax").update(is_active=True)
    assert channels_live.prompt(MONDAY) == 1
    [task] = Task.objects.filter(about_kind="council-name")
    assert "Contact Aldermere" in task.title
    assert task.due_on > MONDAY.date()
    assert channels_live.prompt(MONDAY + timedelta(days=1)) == 0  # asked once
    assert "the name is earned" in text(manager.get("/work/names"))
    assert settings.COUNCIL_NAME in text(Client().get("/contact"))


def test_the_history_holds_only_what_was_changed_and_channels_by_their_names() -> None:
    admin = client_of(Role.ADMINISTRATOR, "ada")
    usual = {"operation": "contact centre", "outlet": "customer service centre", "outlets": "customer service centres"}
    given = usual | {"wider": "Contact Aldermere", "needs": ["fax", "<script>"], "why": "Cabinet, 2 March"}
    admin.post("/work/names", given)
    assert set(NameChange.objects.values_list("code", flat=True)) == {"wider", "needs"}
    assert NameChange.objects.get(code="needs").words == "fax"
    forget_all()
    assert '<td class="govuk-table__cell" data-label="Is">Fax</td>' in " ".join(text(admin.get("/work/names")).split())
    admin.post("/work/names", given)
    assert NameChange.objects.count() == 2
