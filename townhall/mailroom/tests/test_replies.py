"""What somebody who read a mail does with it: a reply in its thread, a second matter, the case that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from townhall.cases.models import Case, Note
from townhall.clocks import queries as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.files import scanning
from townhall.files.models import StoredFile
from townhall.files.tests.makers import picture
from townhall.files.tests.scanner import scanner
from townhall.files.tests.test_scanning import ILL_PDF
from townhall.ledger.models import Entry
from townhall.mailroom import operations, queries
from townhall.mailroom.models import Answer, Enclosed, Mail, Mailbox
from townhall.mailroom.operations import LookAgain, NewReply
from townhall.mailroom.reply_check import Asked, findings
from townhall.mailroom.tests.makers import ADDRESS, ADVISER, AT, case_of, come_in, written
from townhall.notifications import sending
from townhall.notifications.enclosing import Enclosure
from townhall.notifications.models import Message
from townhall.notifications.tests.mail_server import Post, post_office

pytestmark = pytest.mark.django_db
QUESTION = "My collection was missed.\nWhen is the next collection in Wherry Lane?"


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office(settings) as office:
        yield office


def answered(mail: Mail, words: str, *, key: str = "one", sure: bool = False, **other: object) -> Answer:
    new = NewReply(words=words, key=key, sure=sure, **other)  # type: ignore[arg-type]
    return operations.reply(mail.pk, new, by=ADVISER, at=AT + timedelta(hours=1))


def test_a_reply_goes_out_in_the_thread_with_its_files_and_the_answer_to_it_comes_to_the_same_case(
    mailbox: Mailbox, post: Post
) -> None:
    mail = come_in(mailbox, written("Missed bin", QUESTION))
    sending.run(AT)
    files = [Enclosure(name="Calendar – winter.pdf", content_type="application/pdf", content=b"%PDF-1.7 made up")]
    answered(
        mail,
        "Dear Sam\n\nThe next collection is on Monday. The calendar is attached.",
        enclosures=files,
        signature="Ada, Waste",
    )
    assert answered(mail, "Pressed twice").words.startswith("Dear Sam")
    sending.run(AT + timedelta(hours=2))

    ack, sent = post.mails
    assert (ack["In-Reply-To"], ack["Reply-To"], ack["Auto-Submitted"]) == (mail.message_id, ADDRESS, "auto-replied")
    assert (sent["In-Reply-To"], sent["Reply-To"], sent["Subject"]) == (mail.message_id, ADDRESS, "Re: Missed bin")
    assert sent["Auto-Submitted"] is None
    body = sent.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "The next collection is on Monday." in text
    assert "Ada, Waste" in text
    assert "Sam Okafor wrote:\n> My collection was missed.\n> When is" in text.replace("\r\n", "\n")
    [file] = sent.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Calendar – winter.pdf", b"%PDF-1.7 made up")
    mail.refresh_from_db()
    assert mail.answered_at == AT + timedelta(hours=1)
    assert [one.state for one in clocks.clocks_about(mail.subject_row)] == ["met"]

    thanks = written("Re: Missed bin", "Thank you!", In_Reply_To=sent["Message-ID"])
    more = come_in(mailbox, thanks, at=AT + timedelta(hours=3))
    assert (more.done, more.case_id) == ("more", mail.case_id)


def test_files_that_no_server_would_take_together_stop_a_reply(mailbox: Mailbox) -> None:
    mail = come_in(mailbox, written("Missed bin", QUESTION))
    large = [Enclosure(name="Map.png", content_type="image/png", content=bytes(8_000_000)) for _file in range(2)]
    with pytest.raises(BadInput, match="15 MB"):
        answered(mail, "The next collection is on Monday. A map is attached.", enclosures=large)
    assert not Message.objects.filter(template="mail/reply").exists()
    answered(mail, "The next collection is on Monday. A map is attached.", enclosures=large[:1])
    assert Message.objects.filter(template="mail/reply").exists()


def test_the_check_speaks_up_before_a_reply_goes_and_a_card_number_never_does(mailbox: Mailbox) -> None:
    mail = come_in(mailbox, written("Bins", QUESTION))
    other = case_of(come_in(mailbox, written("Mine", From="eve@example.org"), at=AT + timedelta(minutes=1)))
    with pytest.raises(LookAgain) as stopped:
        answered(mail, f"Dear Mr Smith,\n\nSee {other.reference}, attached.")
    assert [one.code for one in stopped.value.found] == ["other_reference", "question", "attachment", "name"]
    assert not Message.objects.filter(template="mail/reply").exists()
    with pytest.raises(BadInput, match="card"):
        answered(mail, "Your card 4929 1234 5678 9012 3 or 4111 1111 1111 1111", sure=True)
    with pytest.raises(BadInput):
        answered(mail, "  ")
    sent = answered(mail, f"Dear Sam, collection: see {case_of(mail).reference} and {other.reference}", sure=True)
    assert sent.warned_of == ["other_reference"]
    assert Entry.objects.get(verb="mail.answered").data["warned_of"] == ["other_reference"]
    with pytest.raises(NotFound):
        operations.reply(mail.pk, NewReply(words="Hello", key="x"), by=_stranger(), at=AT)
    machine = come_in(mailbox, written(Auto_Submitted="auto-replied"), at=AT + timedelta(hours=2))
    with pytest.raises(WrongState):
        answered(machine, "Hello", key="two")


def _stranger() -> Actor:
    return replace(ADVISER, id="5c0f1d3e-0000-4000-8000-0000000000ff")


@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        ("Monday is your next collection.", []),
        ("Thank you, we will look into it.", ["question"]),
        ("Collections: you attached a picture, thank you.", []),
        ("Please find enclosed the collection days.", ["attachment"]),
        ("Write to bob@elsewhere.example about collections", ["other_address"]),
        ("Write to parks@council.example about collections", []),
        ("Dear Ms Okafor,\ncollection is Monday", []),
        ("Dear Sir,\ncollection is Monday", []),
        ("Dear Ann,\ncollection is Monday", ["name"]),
    ],
)
def test_what_the_check_says(reply: str, codes: list[str]) -> None:
    asked = Asked(words=QUESTION, sender="sam@example.org", name="Sam Okafor", references=[], own_addresses=[ADDRESS])
    assert [one.code for one in findings(reply, asked)] == codes


def test_a_second_matter_becomes_a_case_of_its_own(mailbox: Mailbox) -> None:
    mail = come_in(mailbox, written("Two things", "A bin was missed. And there is a hole in the road."))
    with pytest.raises(BadInput):
        operations.split(mail.pk, words=" ", service="", by=ADVISER, at=AT)
    part = operations.split(mail.pk, words="There is a hole in the road.", service="pothole", by=ADVISER, at=AT)
    other = Case.objects.get(pk=part.case_id)
    assert (other.service_code, other.attributes) == ("pothole", {"question": "There is a hole in the road."})
    assert other.pk != mail.case_id
    again = operations.split(mail.pk, words=" There is a hole in the road. ", service="pothole", by=ADVISER, at=AT)
    assert (again.pk, Case.objects.count()) == (part.pk, 2)
    assert Message.objects.filter(recipient_address="sam@example.org").count() == 2
    assert [one.case_id for one in queries.mail(mail.pk, by=ADVISER, at=AT).parts] == [other.pk]


def test_a_mail_is_put_with_the_open_case_of_the_same_sender_and_of_nobody_else(mailbox: Mailbox) -> None:
    first = case_of(come_in(mailbox, written("Bins", "Missed.")))
    again = come_in(mailbox, written("The same again", "It is the blue one."), at=AT + timedelta(minutes=1))
    others = case_of(come_in(mailbox, written("Eve", From="eve@example.org"), at=AT + timedelta(minutes=2)))
    for wrong in (others.reference, "TH-0000-0000", ""):
        with pytest.raises(BadInput):
            operations.put_with(again.pk, reference=wrong, by=ADVISER, at=AT)
    own = case_of(again)
    operations.put_with(again.pk, reference=first.reference.lower(), by=ADVISER, at=AT + timedelta(hours=1))
    own.refresh_from_db()
    again.refresh_from_db()
    assert (own.state, own.merged_into_id) == ("merged", first.pk)
    assert (again.case_id, again.done) == (first.pk, "more")
    assert Note.objects.get(case=first, kind=Note.Kind.REPLY).text == "It is the blue one."


def test_attachments_are_looked_at_and_what_holds_a_virus_is_served_to_nobody(
    mailbox: Mailbox, settings: Settings
) -> None:
    made = EmailMessage()
    made["From"], made["Subject"], made["To"] = "sam@example.org", "Photos", ADDRESS
    made.set_content("Look.")
    made.add_attachment(picture("PNG"), maintype="image", subtype="png", filename="bin.png")
    made.add_attachment(ILL_PDF, maintype="application", subtype="pdf", filename="bill.pdf")
    made.add_attachment(b"MZ\x90", maintype="image", subtype="png", filename="really.png")
    with scanner() as found:
        settings.CLAMD_ADDRESS = found.address
        mail = come_in(mailbox, made.as_bytes())
        scanning.sweep(AT + timedelta(minutes=1))
    shown = queries.mail(mail.pk, by=ADVISER, at=AT).enclosed
    assert [one.verdict for one in shown] == [Enclosed.Verdict.KEPT, Enclosed.Verdict.KEPT, Enclosed.Verdict.REFUSED]
    assert shown[2].why
    scans = dict(StoredFile.objects.values_list("original_name", "scan"))
    assert scans == {"bin.png": "clean", "bill.pdf": "infected"}
