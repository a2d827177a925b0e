"""Shared mailboxes as their readers and whoever keeps the register see them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_council
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.forms.operations.loading import load_forms
from townhall.ledger.models import Look
from townhall.mailroom import handling, operations
from townhall.mailroom.models import Mail, Mailbox

pytestmark = pytest.mark.django_db

SHOP = b"From: No Reply <no-reply@shop.example>\nTo: waste@council.example\nSubject: <b>Offer</b>\n\nBuy bins.\n"


@pytest.fixture(autouse=True)
def _council(tmp_path: Path) -> None:
    shutil.copytree(OUR_PACKS / "ask-us", tmp_path / "ask-us")
    seed_reference_data()
    make_council(tmp_path)
    load_forms(tmp_path, by=SYSTEM, at=now())


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def staff_as(role: Role) -> Client:
    return signed_in(make_user(roles=(role,)))


def watch(client: Client, **other: str) -> str:
    """What the register says to a new mailbox."""
    readers = [make_user(roles=(Role.ADVISER,)).email for _reader in range(2)]
    typed = {
        "address": "waste@council.example",
        "purpose": "Bins",
        "readers": ", ".join(readers),
        "host": "mail.council.example",
        "port": "993",
        "login": "waste",
        "secret": "MAIL_WASTE_PASSWORD",
        "folder": "INBOX",
    }
    return client.post("/work/mail/boxes", typed | other, follow=True).content.decode()


def test_a_mailbox_is_put_on_the_register_with_two_readers_and_closed() -> None:
    manager = staff_as(Role.ADMINISTRATOR)
    one_reader = watch(manager, readers=make_user(roles=(Role.ADVISER,)).email)
    assert "needs two readers" in one_reader
    assert 'value="MAIL_WASTE_PASSWORD"' in one_reader  # what was typed is kept
    assert "The mailbox is watched from now on." in watch(manager)
    box = Mailbox.objects.get()
    assert staff_as(Role.ADVISER).post(f"/work/mail/boxes/{box.pk}/close").status_code == 403
    manager.post(f"/work/mail/boxes/{box.pk}/close")
    box.refresh_from_db()
    assert box.state == "open"  # first the form that does instead is chosen


def test_what_nobody_can_answer_is_read_and_filed_or_becomes_a_case() -> None:
    watch(staff_as(Role.ADMINISTRATOR))
    for turn in range(2):
        operations.take_in(SHOP + str(turn).encode(), Mailbox.objects.get(), at=now())
    handling.handle(now())
    reader = signed_in(User.objects.get(pk=Mailbox.objects.get().readers[0]))
    listed = reader.get("/work/mail").content.decode()
    assert "&lt;b&gt;Offer&lt;/b&gt;" in listed
    assert "It comes from nobody who can be answered." in listed
    first, second = Mail.objects.order_by("received_at", "id")
    somebody_else = staff_as(Role.ADVISER)
    assert "Offer" not in somebody_else.get("/work/mail?done=all").content.decode()
    for path in ("", "/original"):
        assert somebody_else.get(f"/work/mail/{first.pk}{path}").status_code == 404
    for path in ("/case", "/file"):
        assert somebody_else.post(f"/work/mail/{first.pk}{path}", {"why": "x"}).status_code == 404
    assert "Enter why it needs no answer" in reader.post(f"/work/mail/{first.pk}/file", {"why": ""}).content.decode()
    assert (
        "nobody need answer it"
        in reader.post(f"/work/mail/{first.pk}/file", {"why": "Spam"}, follow=True).content.decode().lower()
    )
    case = reader.post(f"/work/mail/{second.pk}/case")
    assert case["Location"] == f"/work/cases/{Case.objects.get().reference}"
    assert re.search(r"TH-\w{4}-\w{4}", reader.get(f"/work/mail/{second.pk}").content.decode())
    original = reader.get(f"/work/mail/{first.pk}/original")
    assert original.content == SHOP + b"0"
    assert original["Content-Type"] == "application/octet-stream"
    pages = set(Look.objects.values_list("page", flat=True))
    assert {"workspace.mails", "workspace.mail", "workspace.mail_original"} <= pages
    assert "Nothing here just now" in reader.get("/work/mail").content.decode()
