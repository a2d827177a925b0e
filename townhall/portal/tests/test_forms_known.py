"""What is known is filled in, a draft is in the account, and somebody helped is named beside the helper."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.forms.definition import Form, FormPage
from townhall.forms.models import Draft, Submission
from townhall.forms.questions import Email, Person, Text
from townhall.portal.tests.residents import customer_of, make_account, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough")]
FORM = Form(
    code="asking",
    title="Ask for something",
    service="fly-tipping",
    pages=(
        FormPage(
            code="who",
            title="About you",
            parts=(
                Person(code="who", label="Name", required=True, prefill="customer.name", why="To name you", system="a"),
                Email(code="mail", label="Email", required=True, prefill="customer.email", why="To answer", system="a"),
            ),
        ),
        FormPage(
            code="bills",
            parts=(
                Email(code="bills", label="Email for bills", prefill="answers.mail", why="To send bills", system="a"),
            ),
        ),
        FormPage(code="what", parts=(Text(code="what", label="What", required=True, why="To do it", system="a"),)),
    ),
)


@pytest.fixture(autouse=True)
def form(borough: None) -> None:
    forms.publish_form(FORM, by=SYSTEM, at=now())


@pytest.mark.capability("FORM-03")
def test_what_the_account_and_earlier_answers_know_is_filled_in() -> None:
    client = signed_in(make_account("Sam Resident", email="sam@example.org"))
    first = client.get("/forms/asking/who").content.decode()
    assert 'value="Sam Resident"' in first
    assert 'value="sam@example.org"' in first
    client.post("/forms/asking/who", {"who-name": "Sam Resident", "mail": "other@example.org"})
    assert 'value="other@example.org"' in client.get("/forms/asking/bills").content.decode()
    assert 'value="other@example.org"' in client.get("/forms/asking/who").content.decode()


def test_nobody_else_is_filled_in_with_anything(client: Client) -> None:
    signed_in(make_account("Sam Resident", email="sam@example.org")).get("/forms/asking/who")
    assert "Sam Resident" not in client.get("/forms/asking/who").content.decode()


@pytest.mark.capability("FORM-04")
def test_a_draft_is_in_the_account_and_opens_on_another_device() -> None:
    account = make_account("Sam Resident", email="sam@example.org")
    client = signed_in(account)
    client.post("/forms/asking/who", {"who-name": "Sam Resident", "mail": "sam@example.org"})
    draft = Draft.objects.get()
    assert draft.customer_id == customer_of(account)
    other = signed_in(account)
    assert "Ask for something" in other.get("/account").content.decode()
    assert other.post(f"/account/drafts/{draft.pk}")["Location"] == "/forms/asking"
    assert 'value="sam@example.org"' in other.get("/forms/asking/who").content.decode()
    assert signed_in(make_account("Kim Other")).post(f"/account/drafts/{draft.pk}").status_code == 404
    other.post("/forms/asking/bills", {"bills": "sam@example.org"})
    other.post("/forms/asking/what", {"what": "A lamp"})
    assert other.post("/forms/asking/check").status_code == 302
    case = Case.objects.get()
    assert case.customer_id == customer_of(account)
    assert UUID(Submission.objects.get().by_id) == customer_of(account)
