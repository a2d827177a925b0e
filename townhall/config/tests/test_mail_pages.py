"""Shared mailboxes as their readers and whoever keeps the register see them."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from pathlib import Path

import pytest
from django.test import Client

from townhall.accounts.models import Post, Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_council
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.paging import cursor_of
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.files.tests.makers import picture
from townhall.forms.operations.loading import load_forms
from townhall.knowledge import entries
from townhall.knowledge.entries import About, Written
from townhall.ledger.models import Look
from townhall.mailroom import handling, operations
from townhall.mailroom.models import Mail, Mailbox, RoutingRule
from townhall.notifications.models import Message

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
        "reply_days": "2",
        "readers": ", ".join(readers),
        "host": "mail.council.example",
        "port": "993",
        "login": "waste",
        "secret": "MAIL_WASTE_PASSWORD",
        "folder": "INBOX",
    }
    return client.post("/work/mail/boxes", typed | other, follow=True).content.decode()


def test_a_mailbox_is_put_on_the_register_with_two_readers_and_closed_step_by_step() -> None:
    manager = staff_as(Role.ADMINISTRATOR)
    one_reader = watch(manager, readers=make_user(roles=(Role.ADVISER,)).email)
    assert "needs two readers" in one_reader
    assert 'value="MAIL_WASTE_PASSWORD"' in one_reader  # what was typed is kept
    assert "The mailbox is watched from now on." in watch(manager)
    box = Mailbox.objects.get()
    path = f"/work/mail/boxes/{box.pk}"
    assert staff_as(Role.ADVISER).post(f"{path}/close").status_code == 403
    seen = staff_as(Role.ADVISER).get(path).content.decode()
    assert "Change the register" not in seen
    assert "Administrators change the register, and close a mailbox" in seen
    changed = {"purpose": "All about waste", "owner": "", "reply_days": "3", "readers": "nobody@example.org"}
    assert "Select who answers for it" in manager.post(path, changed).content.decode()
    readers = ", ".join(User.objects.filter(pk__in=box.readers).values_list("email", flat=True))
    owner = Post.objects.order_by("code")[0]
    manager.post(path, changed | {"owner": owner.code, "readers": readers})
    assert owner.title in manager.get(path).content.decode()
    Post.objects.filter(pk=owner.pk).update(is_active=False)
    forget_all()
    assert "A post that was closed" in manager.get(path).content.decode()
    sheet = b"".join(manager.get("/work/mail/boxes.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "waste@council.example,All about waste," in sheet

    assert "First choose the form" in manager.post(f"{path}/close", follow=True).content.decode()
    assert "from 7 to 366" in manager.post(f"{path}/closing", {"replacement": "ask-us", "days": "2"}).content.decode()
    closing = manager.post(f"{path}/closing", {"replacement": "ask-us", "days": "7"}, follow=True).content.decode()
    assert "Answers name the form until" in closing
    assert "What still arrives" in closing
    assert "period in which answers" in manager.post(f"{path}/close", follow=True).content.decode()
    assert "open again" in manager.post(f"{path}/reopen", follow=True).content.decode()


LAID_OUT = (
    b"From: Sam Okafor <sam@example.org>\nTo: waste@council.example\nSubject: Missed\nMessage-ID: <1@example.org>\n"
    b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
    b"<h1>Bin</h1><p onclick=x>When do you come? <script>alert(1)</script><img src='cid:pic@1'>"
    b"<img src='https://tracker.example/1.gif'><a href='javascript:alert(1)'>here</a></p>\n--b\n"
    b"Content-Type: image/png\nContent-ID: <pic@1>\nContent-Transfer-Encoding: base64\n\n"
)


def test_a_reader_sees_who_else_reads_a_mail_sends_it_on_and_answers_it() -> None:
    manager = staff_as(Role.ADMINISTRATOR)
    watch(manager)
    box = Mailbox.objects.get()
    operations.take_in(LAID_OUT + b64encode(picture("PNG")) + b"\n--b--\n", box, at=now())
    handling.handle(now())
    mail = Mail.objects.get()
    path = f"/work/mail/{mail.pk}"
    ada, bo = (signed_in(User.objects.get(pk=reader)) for reader in box.readers)
    ada.post(f"{path}/presence", {"doing": "replying"})
    page = bo.get(path).content.decode()
    assert "is writing a reply to this mail" in page
    for wrong in ("<script>alert", "onclick", "tracker.example", "javascript:", "<h1>Bin"):
        assert wrong not in page
    assert f'src="{path}/picture/pic@1"' in page
    shown = bo.get(f"{path}/picture/pic@1")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert bo.get(f"{path}/picture/other").status_code == 404
    assert "Nothing was proposed." in page

    sent_on = bo.post(f"{path}/service", {"service": "ask-us"}, follow=True).content.decode()
    assert "The mail is with the service" in sent_on
    key = re.search(r'name="key" value="([^"]+)"', sent_on)
    assert key is not None
    reply = {"words": "Dear Ann,\nWe have attached it.", "key": key[1]}
    again = bo.post(f"{path}/reply", reply).content.decode()
    assert "They asked: “When do you come?”" in again
    assert "there is none" in again
    assert "Dear Ann" in again
    assert (
        "Your reply is on its way." in bo.post(f"{path}/reply", reply | {"sure": "yes"}, follow=True).content.decode()
    )
    assert '<dd class="govuk-summary-list__value ws-anywhere">Answered' in bo.get(path).content.decode()
    assert "Missed" in bo.get("/work/mail?done=answered").content.decode()
    sent = Message.objects.get(template="mail/reply")
    assert sent.recipient_address == "sam@example.org"
    assert "Enter your reply" in bo.post(f"{path}/reply", {"words": "", "key": "k"}).content.decode()
    assert "Select the service" in bo.post(f"{path}/part", {"part_words": "A hole"}).content.decode()
    assert (
        "has a case of its own"
        in bo.post(f"{path}/part", {"part_words": "A hole", "part_service": "ask-us"}, follow=True).content.decode()
    )
    assert mail.case_id is not None
    reference = Case.objects.get(pk=mail.case_id).reference
    case_page = bo.get(f"/work/cases/{reference}").content.decode()
    assert "What do you want to know?" in case_page
    assert f'href="{path}">Missed</a>' in case_page
    assert "open case of the same customer" in bo.post(f"{path}/with", {"reference": "TH-0000-0000"}).content.decode()
    stranger = staff_as(Role.ADVISER)
    for part in ("service", "reply", "part", "with", "presence"):
        assert stranger.post(
            f"{path}/{part}", {"words": "x", "service": "ask-us", "part_words": "x", "part_service": "ask-us"}
        ).status_code in (404, 422)
    assert Message.objects.filter(template="mail/reply").count() == 1


def test_whoever_may_says_how_mail_is_routed() -> None:
    manager = staff_as(Role.TEAM_MANAGER)
    assert staff_as(Role.ADVISER).get("/work/mail/routing").status_code == 403
    assert "a person reads every mail" in manager.get("/work/mail/routing").content.decode()
    assert "Enter words" in manager.post("/work/mail/routing", {"words": ""}).content.decode()
    rule = {"words": "skip hire", "where": "anywhere", "service": "ask-us", "urgency": "soon"}
    added = manager.post("/work/mail/routing", rule, follow=True).content.decode()
    assert "skip hire" in added
    assert "in use" in manager.post("/work/mail/routing/learn", follow=True).content.decode()
    assert "In use" in manager.get("/work/mail/routing?compare=1").content.decode()
    manager.post("/work/mail/routing/versions/1")
    assert manager.post("/work/mail/routing/versions/9").status_code == 404
    manager.post(f"/work/mail/routing/rules/{RoutingRule.objects.get().pk}/end")
    assert "skip hire" not in manager.get("/work/mail/routing").content.decode()


def test_what_nobody_can_answer_is_read_and_filed_or_becomes_a_case() -> None:
    watch(staff_as(Role.ADMINISTRATOR))
    for turn in range(2):
        operations.take_in(SHOP + str(turn).encode(), Mailbox.objects.get(), at=now())
    handling.handle(now())
    reader = signed_in(User.objects.get(pk=Mailbox.objects.get().readers[0]))
    listed = reader.get("/work/mail").content.decode()
    assert "&lt;b&gt;Offer&lt;/b&gt;" in listed
    assert "It comes from nobody who can be answered." in listed
    assert reader.get(f"/work/mail?after={cursor_of('never', 'nowhere')}").content.decode().count("Offer") == 2
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


def test_own_words_of_a_reply_by_mail_are_prompted_toward_the_approved_ones() -> None:
    at = now()
    watch(staff_as(Role.ADMINISTRATOR))
    box = Mailbox.objects.get()
    operations.take_in(LAID_OUT + b64encode(picture("PNG")) + b"\n--b--\n", box, at=at)
    handling.handle(at)
    writer, second = (actor_for(make_user(roles=(role,)), at=at) for role in (Role.OFFICER, Role.TEAM_MANAGER))
    post = Post.objects.order_by("code").values_list("code", flat=True)[0]
    words = "We collect dumped rubbish within five working days. Please leave it where it is and do not move anything."
    about = About(owner_post=post, topic="When is dumped rubbish collected?")
    made = entries.write("reply", Written(title="Rubbish", body=words, about=about), by=writer, at=at)
    entries.offer(made.pk, by=writer, at=at)
    entries.approve(made.pk, number=1, by=second, at=at)
    forget_all()
    path = f"/work/mail/{Mail.objects.get().pk}"
    reader = signed_in(User.objects.get(pk=box.readers[0]))
    reader.post(f"{path}/service", {"service": "ask-us"})
    opened = reader.get(path)
    assert opened.status_code == 200
    assert f'<option value="{made.pk}">' in opened.content.decode()
    used = reader.post(f"{path}/reply", {"approved": str(made.pk), "use": "1", "key": "k"}).content.decode()
    assert words in used.partition('id="words"')[2].partition("</textarea>")[0]
    own = {"words": "The dumped rubbish is collected in five working days, leave it and do not move it.", "key": "k"}
    shown = reader.post(f"{path}/reply", own | {"sure": "yes"}).content.decode()
    assert "The council has agreed words for this" in shown
    assert not Message.objects.filter(template="mail/reply").exists()
    taken = reader.post(f"{path}/reply", own | {"take-reply": str(made.pk)}).content.decode()
    assert words in taken.partition('id="words"')[2].partition("</textarea>")[0]
    assert "Rubbish" not in reader.get("/work/mail?done=answered").content.decode()
    reader.post(f"{path}/reply", {"words": words, "key": "k", "sure": "yes"})
    assert words in Message.objects.get(template="mail/reply").body_text
