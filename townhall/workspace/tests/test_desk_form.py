"""An adviser fills in a form with a customer: the same pages, what we hold filled in, both names kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from msgspec.structs import replace

from townhall.accounts.models import User
from townhall.cases.models import Case, CaseContact
from townhall.catalogue import operations as catalogue
from townhall.catalogue import queries
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.forms.definition import Form, FormPage
from townhall.forms.models import Submission
from townhall.forms.questions import Email, Person, Phone, Text
from townhall.notifications.models import Message
from townhall.workspace.tests.test_desk import borough, desk, make_conversation, make_customer, priya

__all__ = ["borough", "desk", "priya"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.capability("FORM-04")
def test_with_or_for_the_customer_and_the_record_shows_it(desk: Client, priya: User, settings: Any) -> None:
    settings.TEXT_PROVIDER = "demo"
    pack = queries.service("fly-tipping")
    why: dict[str, Any] = {"why": "To do it", "system": "Desk"}
    form = Form(
        code="asking",
        title="Ask for something",
        service=pack.code,
        pages=(
            FormPage(
                code="who", parts=(Person(code="who", label="Name", required=True, prefill="customer.name", **why),)
            ),
            FormPage(code="what", parts=(Text(code="what", label="What", required=True, **why),)),
            FormPage(
                code="you",
                parts=(
                    Email(code="email", label="Email address", required=True, instead="phone", **why),
                    Phone(code="phone", label="Phone number", **why),
                ),
            ),
        ),
    )
    forms.publish_form(form, by=SYSTEM, at=now())
    catalogue.keep_packs([replace(pack, form="asking")], by=SYSTEM, at=now())
    forget_all()
    customer = make_customer("Sam Okafor")
    contact = make_conversation(desk, customer)
    path = f"/work/desk/contacts/{contact.pk}/report/{pack.code}"
    assert "Sam Okafor" in desk.get(path).content.decode()
    assert desk.post(path)["Location"] == "/forms/asking"
    assert 'value="Sam Okafor"' in desk.get("/forms/asking/who").content.decode()
    desk.post("/forms/asking/who", {"who-name": "Sam Okafor"})
    desk.post("/forms/asking/what", {"what": "A lamp"})
    assert "Enter email address" in desk.post("/forms/asking/you", {}).content.decode()
    desk.post("/forms/asking/you", {"email": "", "phone": "07700 900982"})
    assert "by the council" in desk.get("/forms/asking/check").content.decode()
    assert desk.post("/forms/asking/check")["Location"] == f"/work/desk/contacts/{contact.pk}"
    sent, case = Submission.objects.get(), Case.objects.get()
    assert (sent.by_kind, sent.by_id, sent.on_behalf_of) == ("staff", str(priya.pk), customer.pk)
    assert case.customer_id == customer.pk
    assert CaseContact.objects.get(case=case).contact_id == contact.pk
    told = Message.objects.get(case_id=case.pk)
    assert (told.channel, told.recipient_address) == ("text", "07700900982"), "who has no email address gets a text"
    shown = desk.get(f"/work/cases/{case.reference}").content.decode()
    assert "Sam Okafor" in shown
    assert priya.name in shown
