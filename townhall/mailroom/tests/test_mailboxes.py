"""A shared mailbox is fetched, its mails become cases or more to one, and nothing is answered that must not be."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest

from townhall.cases.models import Case, Note
from townhall.clocks.models import Clock
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.ids import uuid7
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture
from townhall.mailroom import fetching, handling, operations, queries
from townhall.mailroom.errors import SingleReader
from townhall.mailroom.models import Mail, Mailbox, Original
from townhall.mailroom.routing.deciding import Proposal, propose
from townhall.mailroom.routing.rules import Asked
from townhall.mailroom.tests import dovecot
from townhall.mailroom.tests.makers import ADDRESS, ADVISER, AT, AUDITOR, case_of, come_in, new_mailbox, written
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db


def test_a_mail_becomes_a_case_with_an_acknowledgement_and_the_answer_to_it_comes_to_the_same_case(
    mailbox: Mailbox,
) -> None:
    mail = come_in(mailbox, written())
    case = case_of(mail)
    [told] = Message.objects.filter(case_id=case.pk)
    assert (mail.done, told.recipient_address) == ("triage", "sam@example.org")
    assert case.reference in told.body_text

    words = "It is the blue one.\n\nOn Monday, the council wrote:\n> We have it"
    answer = written(f"Re: {told.subject_line}", words, In_Reply_To=told.message_id)
    more = come_in(mailbox, answer, at=AT + timedelta(hours=2))
    assert (more.done, more.case_id) == ("more", case.pk)
    assert Note.objects.get(case=case, kind=Note.Kind.REPLY).text == "It is the blue one."
    assert Message.objects.filter(case_id=case.pk).count() == 1  # acknowledged once a conversation

    by_reference = come_in(mailbox, written(f"About {case.reference.lower()}"), at=AT + timedelta(hours=3))
    assert (by_reference.done, by_reference.case_id) == ("more", case.pk)


def test_a_stranger_who_knows_a_reference_gets_a_case_of_their_own(mailbox: Mailbox) -> None:
    mine = come_in(mailbox, written())
    reference = case_of(mine).reference
    other = come_in(mailbox, written(f"About {reference}", From="eve@example.org"), at=AT + timedelta(minutes=1))
    assert other.done == "triage"
    assert other.case_id != mine.case_id


def test_the_original_is_kept_byte_for_byte_and_twice_is_once(mailbox: Mailbox) -> None:
    raw = written().replace(b"\n", b"\r\n") + b"\x00\xff odd bytes"
    mail = come_in(mailbox, raw)
    assert queries.original(mail.pk, by=ADVISER, at=AT) == raw
    assert not operations.take_in(raw, mailbox, at=AT)
    assert Mail.objects.count() == Case.objects.count() == 1


def test_pictures_stand_on_the_case_and_other_files_stay_in_the_original(mailbox: Mailbox) -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "sam@example.org", "Photo"
    made.set_content("Look.")
    made.add_attachment(picture("PNG"), maintype="image", subtype="png", filename="bin.png")
    made.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="run.exe")
    mail = come_in(mailbox, made.as_bytes())
    assert list(StoredFile.objects.filter(case_id=mail.case_id).values_list("original_name", flat=True)) == ["bin.png"]
    shown = queries.mail(mail.pk, by=SYSTEM, at=AT)
    assert [one.name for one in shown.attachments] == ["bin.png", "run.exe"]


@pytest.mark.parametrize(
    ("headers", "done"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"List_Id": "<news.example.org>"}, "list"),
        ({"From": "MAILER-DAEMON@example.org"}, "bounce"),
        ({"From": "no-reply@shop.example"}, "triage"),
        ({"From": ADDRESS}, "triage"),
    ],
)
def test_machines_get_no_answer_and_nothing_is_lost(mailbox: Mailbox, headers: dict[str, str], done: str) -> None:
    mail = come_in(mailbox, written(**headers))
    assert (mail.done, mail.case_id) == (done, None)
    assert not Message.objects.exists()
    assert queries.mails(by=SYSTEM, at=AT, done=done).rows[0].id == mail.pk


def test_two_machines_cannot_go_on_answering_each_other(mailbox: Mailbox) -> None:
    for turn in range(handling.MANY + 2):
        come_in(mailbox, written(f"Ticket {turn}"), at=AT + timedelta(seconds=turn))
    assert Mail.objects.filter(case_id__isnull=False).count() == Case.objects.count() == handling.MANY
    assert Mail.objects.filter(done="triage", case_id=None).count() == 2


def test_what_waits_for_somebody_becomes_a_case_or_is_filed_with_a_reason(mailbox: Mailbox) -> None:
    first, second = (
        come_in(mailbox, written(From="no-reply@shop.example"), at=AT + timedelta(minutes=turn)) for turn in (0, 1)
    )
    case_id = operations.open_case(first.pk, by=ADVISER, at=AT)
    assert operations.open_case(first.pk, by=ADVISER, at=AT) == case_id
    with pytest.raises(BadInput):
        operations.file_away(second.pk, why=" ", by=ADVISER, at=AT)
    assert operations.file_away(second.pk, why="An advertisement", by=ADVISER, at=AT).done == "filed"
    with pytest.raises(WrongState):
        operations.open_case(second.pk, by=ADVISER, at=AT)
    with pytest.raises(NotAllowed):
        operations.open_case(second.pk, by=AUDITOR, at=AT)


def test_the_register_of_mailboxes_wants_two_readers_and_shows_what_is_neglected(mailbox: Mailbox) -> None:
    someone = uuid7()
    with pytest.raises(SingleReader):
        operations.open_mailbox(
            new_mailbox(address="parks@council.example", readers=[someone, someone]), by=SYSTEM, at=AT
        )
    with pytest.raises(BadInput):
        operations.open_mailbox(new_mailbox(), by=SYSTEM, at=AT)
    with pytest.raises(BadInput):  # whatever else is in the environment is sent to nobody
        operations.open_mailbox(new_mailbox(address="parks@council.example", secret="SECRET_KEY"), by=SYSTEM, at=AT)
    with pytest.raises(NotAllowed):
        operations.open_mailbox(new_mailbox(address="parks@council.example"), by=ADVISER, at=AT)

    come_in(mailbox, written(From="no-reply@shop.example"))
    [box] = queries.boxes(by=SYSTEM, at=AT)
    assert (box.waiting, box.for_somebody, box.waits_since) == (0, 1, AT)
    assert not box.is_neglected(AT + timedelta(minutes=59))
    assert box.is_neglected(AT + timedelta(minutes=61))


def test_a_mailbox_without_its_password_says_so_and_is_tried_again(mailbox: Mailbox) -> None:
    assert fetching.fetch_all_due(AT) == 1
    mailbox.refresh_from_db()
    assert "MAIL_TEST_PASSWORD" in mailbox.error
    assert mailbox.next_fetch_at == AT + fetching.AFTER_FAILURE
    assert fetching.fetch_all_due(AT) == 0


@pytest.mark.proof
def test_a_real_server_is_read_each_mail_once_and_left_as_it_was(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dovecot.WHERE is None:
        pytest.skip("no Dovecot on this machine (Debian: apt-get install dovecot-imapd)")
    monkeypatch.setenv("MAIL_TEST_PASSWORD", dovecot.PASSWORD)
    monkeypatch.setattr(fetching, "AT_ONCE", 3)
    with dovecot.running() as port:
        Mailbox.objects.update(port=port)
        with dovecot.conversation(port, ADDRESS) as outlook:
            for turn in range(4):
                outlook.append("INBOX", written(f"Mail {turn}"))
            outlook.append("INBOX", b"From: \xff\xfe\r\nbroken \x80")
        at = AT
        while fetching.fetch_all_due(at):
            at += timedelta(seconds=1)
        assert Mail.objects.count() == 5
        handling.handle(at)
        assert Case.objects.count() == 4
        with dovecot.conversation(port, ADDRESS) as outlook:
            outlook.select_folder("INBOX", readonly=True)
            assert len(outlook.search(["UNSEEN"])) == 5  # nothing was marked or moved
            [first, *_others] = outlook.search(["ALL"])
            stored = outlook.fetch([first], ["BODY.PEEK[]"])[first][b"BODY[]"]
        assert bytes(Original.objects.order_by("mail_id").first().raw) == stored  # type: ignore[union-attr]

        Mailbox.objects.update(uid_validity=1)  # the server was set up anew and numbers its mails from the start
        assert fetching.fetch_all_due(at + timedelta(minutes=1)) == 1
        assert Mail.objects.count() == 5
    down = at + timedelta(hours=1)
    assert fetching.fetch_all_due(down) == 1
    assert Mailbox.objects.get().error
    assert isinstance(Mailbox.objects.get().pk, UUID)


def test_mails_that_cannot_be_acted_on_hold_up_nobody_and_end_with_a_person(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "BATCH", 3)
    for number in range(3):
        operations.take_in(written(f"Broken {number}"), mailbox, at=AT)
    operations.take_in(written("Whole"), mailbox, at=AT + timedelta(seconds=1))

    def breaks(asked: Asked) -> Proposal:
        if asked.subject.startswith("Broken"):
            raise ZeroDivisionError
        return propose(asked)

    monkeypatch.setattr("townhall.mailroom.handling.propose", breaks)
    at = AT + timedelta(seconds=2)
    with pytest.raises(ZeroDivisionError):
        handling.handle(at)
    assert handling.handle(at) == 1
    assert Mail.objects.get(case_id__isnull=False).subject == "Whole"
    for _turn in range(1, handling.TRIES):
        at += timedelta(hours=1)
        with pytest.raises(ZeroDivisionError):
            handling.handle(at)
    assert handling.handle(at + timedelta(hours=1)) == 0
    aside = Mail.objects.filter(done=Mail.Done.TRIAGE, case_id=None)
    assert [mail.failures for mail in aside] == [handling.TRIES] * 3
    owed = Clock.objects.filter(kind="mail.reply", subject_kind="mail", subject_id__in=[mail.pk for mail in aside])
    assert owed.count() == 3  # whoever owns the mailbox is told when nobody answers
