"""A customer says how to hear from a service; messages follow it, fall back when a way fails, and end with somebody who tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.accounts.models import Role
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council
from townhall.core.time import now
from townhall.customers.channel_models import ChannelChoice
from townhall.customers.models import Customer
from townhall.notifications import sending
from townhall.notifications.models import Message, Unreached
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.mail_server import Post, post_office
from townhall.notifications.tests.notify_stand_in import Notify, notify_stand_in
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.workspace.tests.conftest import signed_in_as

pytestmark = pytest.mark.django_db
TOKEN = "a-long-token-for-the-tests"


@pytest.fixture
def notify(settings: Settings, tmp_path: Path) -> Iterator[Notify]:
    settings.NOTIFY_CALLBACK_TOKEN, settings.DATA_DIR, settings.LETTER_PROVIDER = TOKEN, tmp_path, "folder"
    with notify_stand_in(settings) as stand_in:
        yield stand_in


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office(settings) as office:
        yield office


def call_back(notify: Notify, status: str) -> None:
    taken = notify.taken[-1]
    told = {"id": taken["id"], "reference": taken["reference"], "status": status}
    answer = Client().post(
        "/notify/callbacks/receipts",
        json.dumps(told),
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == 204


def words_of(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


@pytest.mark.capability("MAIL-10")
def test_messages_follow_what_was_said_and_fall_back_until_somebody_has_to_tell_them(
    notify: Notify, post: Post
) -> None:
    make_council()
    account = make_account("Sam Resident", email="sam@example.org")
    sam, service = customer_of(account), "fly-tipping"
    home, officer = signed_in(account), signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)

    # Said on the account's own page: of one service by text, then email; of everything never by letter.
    home.post(
        "/account/preferences",
        {"preferred_channel": "email", "phone": "07700 900982", "language": "en", "refused": ["letter"]},
    )
    both = home.post(
        "/account/preferences",
        {"preferred_channel": "text", "phone": "07700 900983", "language": "cy", "refused": ["text"]},
    )
    assert both.status_code == 422
    assert 'value="07700 900983"' in both.content.decode()
    assert 'value="07700 900983"' not in home.get("/account/preferences").content.decode(), "nothing of it was saved"
    desk = f"/work/customers/{sam}/channels"
    refused = officer.post(desk, {"general": "1", "first": "text", "refused": ["text"]})
    assert refused.status_code == 422
    assert Customer.objects.get(pk=sam).preferred_channel == "email"
    wrong = home.post("/account/preferences/services", {"service": service, "first": "text", "refused": ["text"]})
    assert "cannot also be used first" in wrong.content.decode()
    home.post("/account/preferences/services", {"service": service, "first": "text", "second": "email"})
    assert "first text message, then email" in words_of(home.get("/account/preferences").content)

    # The provider takes the text, and calls back that there is no such number: the same news goes by mail, at its second try.
    answers = iter(["451 Try later", None, "550 5.1.1 No such mailbox"])
    post.on_recipient = lambda _address: next(answers)
    case = make_case(reporter=Recipient(name=account.name, email=account.email, customer_id=sam), at=now())
    sending.run(now())
    assert notify.taken[0]["request"]["phone_number"] == "07700900982"
    call_back(notify, "permanent-failure")
    sending.run(now())
    sending.run(now() + timedelta(minutes=5))
    [mail] = post.mails
    assert case.reference in mail["Subject"] + str(mail.get_body(("plain",)))
    text, mailed = Message.objects.filter(case_id=case.pk).order_by("created_at", "id")
    assert (text.state, mailed.state, mailed.attempts) == (State.FAILED, State.SENT, 2)
    assert text.template_version == mailed.template_version != ""
    assert text.service_code == service

    shown = words_of(officer.get(f"/work/cases/{case.reference}").content)
    for said in (
        "Text message to 07700900982",
        "there is no such number or address",
        "Put off, and tried again: 451",
        "Sent, at try 2",
    ):
        assert said in shown, said
    assert "Sent, at try 2" in words_of(officer.get(f"/work/customers/{sam}?reason=check").content)

    # At the desk they refuse text as well; mail fails for good, a letter was refused: somebody has to tell them.
    officer.post(f"/work/customers/{sam}/channels", {"service": service, "refused": ["text"]})
    assert ChannelChoice.objects.get(customer_id=sam, service_code=service).refused == ["text"]
    second = make_case(reporter=Recipient(name=account.name, email=account.email, customer_id=sam), at=now())
    sending.run(now())
    [failed] = Message.objects.filter(case_id=second.pk)
    assert (failed.channel, failed.state, failed.fallback) == ("email", State.FAILED, None)
    task = Unreached.objects.get(message=failed)
    assert task.owner_post_id == Case.objects.get(pk=second.pk).teller_post_id
    assert second.reference in officer.get("/work/untold").content.decode()
    assert "Nobody was reached" in officer.get(f"/work/cases/{second.reference}/letters").content.decode()
    teller = signed_in_as("tess", team="highways", role=Role.OFFICER)
    assert second.reference not in teller.get("/work/untold").content.decode()
    assert teller.post(f"/work/untold/{failed.pk}", {"how": "no"}).status_code == 404
    officer.post(f"/work/untold/{failed.pk}", {"how": ""})
    officer.post(f"/work/untold/{failed.pk}", {"how": "I rang them"})
    assert "Everybody was reached" in officer.get("/work/untold").content.decode()
    assert "Told another way: I rang them" in words_of(officer.get(f"/work/cases/{second.reference}/letters").content)
