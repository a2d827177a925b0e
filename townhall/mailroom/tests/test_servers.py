"""A shared mailbox in Microsoft 365 is read as one over IMAP is; and the whole way of a mail by real servers of mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from pytest_django import Settings

from townhall.accounts.models import Post
from townhall.cases.models import Case, Note
from townhall.connectors import graph
from townhall.connectors.tests.graph_stand_in import CLIENT, TENANT, Office, office
from townhall.core.actors import SYSTEM
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture
from townhall.mailroom import fetching, handling, operations
from townhall.mailroom.models import Mail, Mailbox, Original
from townhall.mailroom.operations import NewReply, mails
from townhall.mailroom.reading import parsing
from townhall.mailroom.tests import dovecot
from townhall.mailroom.tests.makers import ADDRESS, ADVISER, AT, new_mailbox, written
from townhall.notifications import sending
from townhall.notifications.models import Message
from townhall.notifications.tests.mail_server import post_office
from townhall.notifications.tests.makers import make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("MAIL_OFFICE_PASSWORD", "made-up-secret")
    with office(settings) as made:
        yield made


@pytest.fixture
def box(mailbox: Mailbox, there: Office) -> Mailbox:
    new = new_mailbox(
        address="parks@council.example",
        way="graph",
        tenant=TENANT,
        login=CLIENT,
        secret="MAIL_OFFICE_PASSWORD",
        host="",
    )
    Mailbox.objects.update(next_fetch_at=AT + timedelta(days=1))
    return operations.open_mailbox(new, by=SYSTEM, at=AT)


def test_a_mailbox_of_microsoft_365_is_read_each_mail_once(
    box: Mailbox, there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "AT_ONCE", 3)
    raws = [written(f"Mail {turn}") for turn in range(7)]
    ids = [there.deliver(raw) for raw in raws]
    at = AT
    while fetching.fetch_all_due(at):
        at += timedelta(seconds=1)
    assert {bytes(one.raw) for one in Original.objects.all()} == set(raws)
    assert not any(there.mails[one].is_read for one in ids)  # left as it is

    Mailbox.objects.filter(pk=box.pk).update(afterwards="move", moved_to="archive")
    late = there.deliver(written("Late"))
    there.forgets = True  # the list is read anew, and nothing is taken in twice
    at += timedelta(minutes=1)
    while fetching.fetch_all_due(at):
        at += timedelta(seconds=1)
    assert Mail.objects.count() == 8
    assert there.mails[late].folder == "archive"
    Mailbox.objects.filter(pk=box.pk).update(afterwards="mark")
    later = there.deliver(written("Later"))
    fetching.fetch_all_due(at + timedelta(minutes=2))
    assert there.mails[later].is_read


def test_a_mail_that_cannot_be_read_or_is_too_large_stays_where_it_is_and_holds_up_none_behind_it(
    box: Mailbox, there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(raw: bytes) -> parsing.Mail:
        if b"Broken" in raw:
            raise IndexError
        return parsing.read(raw)

    monkeypatch.setattr(fetching, "read", read)
    monkeypatch.setattr(mails, "read", read)
    monkeypatch.setattr(graph, "LARGEST", 2_000)
    Mailbox.objects.filter(pk=box.pk).update(afterwards="move", moved_to="archive")
    broken, large, good = (there.deliver(written(*one)) for one in (("Broken",), ("Large", "x" * 3_000), ("Good",)))
    fetching.fetch_all_due(AT)
    assert [one.subject for one in Mail.objects.all()] == ["Good"]
    assert [there.mails[one].folder for one in (broken, large, good)] == ["inbox", "inbox", "archive"]

    fetching.fetch_all_due(AT + timedelta(minutes=1))
    box.refresh_from_db()
    assert "left on the server" in box.error  # until somebody has seen it
    post = Post.objects.first()
    assert post is not None
    operations.change(box.pk, purpose="Parks", owner=post.code, reply_days=2, readers=box.readers, by=SYSTEM, at=AT)
    box.refresh_from_db()
    assert box.error == ""


def test_when_microsoft_365_asks_to_wait_the_mailbox_is_left_alone_so_long(box: Mailbox, there: Office) -> None:
    there.refusals = [(429, {"Retry-After": "45"})]
    fetching.fetch_all_due(AT)
    box.refresh_from_db()
    assert (box.next_fetch_at, "wait 45 seconds" in box.error) == (AT + timedelta(seconds=45), True)
    fetching.fetch_all_due(AT + timedelta(seconds=45))
    box.refresh_from_db()
    assert (box.error, box.fetched_at) == ("", AT + timedelta(seconds=45))


def test_what_we_send_goes_by_microsoft_365_where_the_council_has_it(there: Office, settings: Settings) -> None:
    settings.EMAIL_PROVIDER = "graph"
    message = make_message(at=AT)
    there.refusals = [(429, {"Retry-After": "5"})]
    sending.run(AT)
    assert there.sent == []
    sending.run(AT + timedelta(minutes=30))
    [raw] = there.sent
    sent = message_from_bytes(raw, policy=default)
    assert (sent["Message-ID"], sent["To"]) == (message.message_id, "Ann Example <ann@example.org>")
    message.refresh_from_db()
    assert message.state == "sent"


@pytest.mark.proof
@pytest.mark.capability("MAIL-02")
def test_from_a_residents_mail_over_imap_to_our_answer_over_smtp_and_back(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    if dovecot.WHERE is None:
        pytest.skip("no Dovecot on this machine (Debian: apt-get install dovecot-imapd)")
    monkeypatch.setenv("MAIL_TEST_PASSWORD", dovecot.PASSWORD)
    asked = EmailMessage()
    asked["From"], asked["To"], asked["Subject"] = "Sam Okafor <sam@example.org>", ADDRESS, "Fly-tipping in Wherry Lane"
    asked["Message-ID"] = "<first@example.org>"
    asked.set_content("A sofa was dumped. See the photo.")
    asked.add_attachment(picture("PNG"), maintype="image", subtype="png", filename="sofa.png")
    asked.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="run.exe")
    operations.add_rule(operations.NewRule(words="sofa", service="fly-tipping"), by=SYSTEM, at=AT)
    with dovecot.running() as port, post_office(settings) as post:
        Mailbox.objects.update(port=port)
        with dovecot.conversation(port, ADDRESS) as resident:
            resident.append("INBOX", asked.as_bytes())
        fetching.fetch_all_due(AT)
        handling.handle(AT)
        sending.run(AT)
        [ack] = post.mails
        case = Case.objects.get()
        text = ack.get_body(("plain",))
        assert text is not None
        words = text.get_content()
        assert case.reference in words  # the reference, the standard, the handler, the quicker form
        assert "2 working days" in words
        assert "Street Cleansing" in words
        assert "/services/fly-tipping" in words
        assert (ack["In-Reply-To"], ack["Reply-To"], ack["Auto-Submitted"]) == (
            "<first@example.org>",
            ADDRESS,
            "auto-replied",
        )
        assert list(StoredFile.objects.filter(case_id=case.pk).values_list("original_name", flat=True)) == ["sofa.png"]

        mail = Mail.objects.get()
        operations.reply(
            mail.pk,
            NewReply(words="Dear Sam, is the sofa still there?", key="k"),
            by=ADVISER,
            at=AT + timedelta(hours=1),
        )
        sending.run(AT + timedelta(hours=1))
        reply = post.mails[1]
        assert reply["References"] == "<first@example.org>"
        again = EmailMessage()
        again["From"], again["To"], again["Subject"] = "sam@example.org", reply["Reply-To"], f"Re: {reply['Subject']}"
        again["In-Reply-To"], again["References"] = reply["Message-ID"], f"{reply['References']} {reply['Message-ID']}"
        again.set_content("Yes, it is.\n\nOn Monday, the council wrote:\n> Dear Sam")
        with dovecot.conversation(port, ADDRESS) as resident:
            resident.append("INBOX", again.as_bytes())
        fetching.fetch_all_due(AT + timedelta(hours=2))
        handling.handle(AT + timedelta(hours=2))
        sending.run(AT + timedelta(hours=2))
    assert Case.objects.count() == 1
    assert Note.objects.get(case=case, kind=Note.Kind.REPLY).text == "Yes, it is."
    assert len(post.mails) == 2  # acknowledged once a conversation
    assert Message.objects.filter(case_id=case.pk).count() == 2
