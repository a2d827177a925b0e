"""Every service is asked by a form, so that a mailbox can be closed for it."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import PACKS, make_council
from townhall.catalogue import queries as catalogue
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.forms.operations.loading import load_forms
from townhall.mailroom import handling, neglect, operations
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.tests.makers import new_mailbox, written
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
ASKED = {"question": "When do you come to us?", "name": "Ann Example", "email": "ann@example.org"}


@pytest.fixture(autouse=True)
def _council(tmp_path: Path) -> None:
    shutil.copytree(PACKS, tmp_path / "packs")
    shutil.copytree(OUR_PACKS / "ask-us", tmp_path / "packs" / "ask-us")
    seed_reference_data()
    make_council(tmp_path / "packs")
    load_forms(tmp_path / "packs", by=SYSTEM, at=now())
    forget_all()


def ask(code: str, **typed: str) -> str:
    client = Client()
    page = client.get(f"/services/{code}/ask").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    return client.post(f"/services/{code}/ask", {**ASKED, "key": key[1], **typed}, follow=True).content.decode()


def test_what_is_missing_is_said_and_nothing_typed_is_lost() -> None:
    again = ask("pothole", email="", name="")
    assert "Enter your name" in again
    assert "Enter an email address, or a mobile number" in again
    assert "When do you come to us?" in again
    assert "Do not write down card numbers" in ask("pothole", question="4111 1111 1111 1111")
    assert "correct format" in ask("pothole", email="ann@")
    assert Client().get("/services/nothing/ask").status_code == 404
    assert Case.objects.count() == 0


def test_the_same_page_sent_twice_is_one_case_and_a_mobile_number_does() -> None:
    client = Client()
    for _turn in range(2):
        client.post("/services/pothole/ask", {**ASKED, "email": "", "phone": "07700 900123", "key": "one"})
    assert Case.objects.get().service_code == "pothole"


@pytest.mark.capability("MAIL-04")
def test_every_service_has_a_form_and_a_mailbox_is_closed_for_it_step_by_step() -> None:
    for pack in catalogue.services():
        assert f"/services/{pack.code}/ask" in Client().get(f"/services/{pack.code}").content.decode()
        assert "TH-" in ask(pack.code)
        case = Case.objects.latest("opened_at", "id")
        assert (case.service_code, case.doer_team.code) == (pack.code, pack.owner_team)
        told = Message.objects.get(case_id=case.pk)
        assert (told.recipient_address, case.reference in told.body_text) == ("ann@example.org", True)

    began = now() - timedelta(days=400)
    box = operations.open_mailbox(new_mailbox(address="roads@council.example"), by=SYSTEM, at=began)
    Mailbox.objects.update(fetched_at=began)
    assert neglect.propose_closing(now()) == 1
    manager = Client()
    sign_in(manager, make_user(roles=(Role.ADMINISTRATOR,)))
    path = f"/work/mail/boxes/{box.pk}"
    assert "Unused: close it?" in manager.get("/work/mail/boxes").content.decode()
    manager.post(f"{path}/closing", {"replacement": "pothole", "days": "7"})
    box.refresh_from_db()
    operations.take_in(written("A hole"), box, at=now())
    handling.handle(now())
    mail = Mail.objects.get()
    words = Message.objects.get(case_id=mail.case_id).body_text
    assert "we no longer read emails to roads@council.example" in words
    assert "/services/pothole" in words
    assert re.search(r"<td[^>]*>1</td>", manager.get(path).content.decode())  # it still arrives
    operations.send_to(mail.pk, service="pothole", by=SYSTEM, at=now())
    Mailbox.objects.update(replies_until=council_date(now()) - timedelta(days=1))
    assert "The mailbox is closed" in manager.post(f"{path}/close", follow=True).content.decode()
    box.refresh_from_db()
    operations.take_in(written("Another hole"), box, at=now())
    handling.handle(now())
    assert "Use the form instead: Pothole" in Message.objects.get(template="mail/closed").body_text
