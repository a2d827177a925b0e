"""Mails of every make are read: who from, the words, the new part, attachments, the kind. Whatever is broken, nothing raises."""

from __future__ import annotations

import base64
import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.mailroom.reading.evaluate import as_read, lines
from townhall.mailroom.reading.headers import decoded
from townhall.mailroom.reading.kinds import Kind
from townhall.mailroom.reading.parsing import read
from townhall.mailroom.reading.replies import reply_text
from townhall.mailroom.reading.words import plain

REAL = Path(__file__).parents[4] / "shared" / "data" / "mail"


def mail(head: str, body: str = "Hello\n") -> bytes:
    return (head.strip() + "\n\n" + body).replace("\n", "\r\n").encode("utf-8", "surrogateescape")


PLAIN = "From: Sam Okafor <sam@example.org>\nTo: waste@council.example\nSubject: Bins\n"


def test_a_plain_mail() -> None:
    found = as_read(read(mail(PLAIN + "Cc: Ada <ada@example.org>, bo@example.org", "My bin was missed.\n")))
    assert found["from_email"] == "sam@example.org"
    assert found["display_name"] == "Sam Okafor"
    assert (found["to"], found["cc"]) == (["waste@council.example"], ["ada@example.org", "bo@example.org"])
    assert (found["subject"], str(found["plain_body"]).strip()) == ("Bins", "My bin was missed.")
    assert (found["kind"], found["would_acknowledge"], found["attachments"]) == ("ordinary", True, [])


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Subject: =?utf-8?q?M=C3=BCll?= =?utf-8?q?tonne?=", "Mülltonne"),
        ("Subject: =?iso-2022-jp?B?GyRCJF4kXyRgJGEkYhsoQg==?=", "まみむめも"),
        ("Subject: =?no-such-charset?Q?caf=C3=A9?=", "café"),
        ("Subject: Müll", "Müll"),
        ("Subject: M\udcfcll", "Müll"),  # a byte of Latin-1 that nobody announced
        ("Subject: one\n\ttwo", "one two"),
        ("X-Other: 1", ""),
    ],
)
def test_subjects_in_any_writing(header: str, subject: str) -> None:
    assert read(mail("From: a@example.org\n" + header)).subject == subject


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: sam@example.org (Sam Okafor)", ("Sam Okafor", "sam@example.org")),
        ("From: Sam Okafor sam@example.org", ("Sam Okafor", "sam@example.org")),
        ('From: "Okafor, Sam" <sam@example.org>', ("Okafor, Sam", "sam@example.org")),
        ("From   : <sam@example.org>", ("", "sam@example.org")),
        ("From: nobody in particular", ("", "")),
        ("Sender: sam@example.org", ("", "sam@example.org")),
    ],
)
def test_who_it_is_from(header: str, sender: tuple[str, str]) -> None:
    assert read(mail(header)).sender == sender


def test_attachments_inner_mails_pictures_and_invitations_keep_their_names_and_bytes() -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "sam@example.org", "waste@council.example", "Photos"
    made.set_content("Two photos.")
    made.add_alternative("<p>Two <b>photos</b>.</p>", subtype="html")
    made.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="lämp.png")
    inner = EmailMessage()
    inner["Subject"] = "What I said before"
    inner.set_content("Before.")
    made.add_attachment(inner)
    made.add_attachment("BEGIN:VCALENDAR\n", subtype="calendar")
    found = read(made.as_bytes())
    assert found.plain_body.strip() == "Two photos."
    assert [one.name for one in found.attachments][:2] == ["lämp.png", "What I said before.eml"]
    assert found.attachments[0].content == b"\x89PNG\r\n"
    assert found.attachments[2].content_type == "text/calendar"


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("base64", base64.b64encode(b"caf\xe9 au lait").decode() + "!"),
        ("base64", base64.b64encode(b"caf\xe9 au lait").decode().rstrip("=")),
        ("quoted-printable", "caf=E9 au lait"),
        ("x-uuencode", "begin 644 x\n,8V%FZ2!A=2!L86ET\n`\nend\n"),
        ("8-bit", "caf\udce9 au lait"),
        ("no such encoding", "caf\udce9 au lait"),
    ],
)
def test_bodies_in_any_encoding(encoding: str, sent: str) -> None:
    head = f"{PLAIN}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: {encoding}"
    assert read(mail(head, sent)).plain_body.strip() == "café au lait"


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 2 Apr 2012 at 18:26, Megan <m@example.org> wrote:\n\n> Hi\n> there",
        "On Mon, 2 Apr 2012 at 18:26,\nMegan <m@example.org>\nwrote:\n\n> Hi",
        "> On 22 Aug 2015, at 19:21, Megan <m@example.org> wrote:\n>\n> Hi",
        "Am 02.04.2012 um 18:26 schrieb Megan <m@example.org>:\n> Hi",
        '26.06.2014, 14:41, "Megan" <m@example.org>:\n\n> Hi',
        "-----Original Message-----\nFrom: Megan\nSent: Monday\n\nHi",
        "________________________________\nFrom: Megan <m@example.org>\nSent: 09 March 2012 16:22\nTo: Sam\nSubject: Bins\n\nHi",
        "From: Megan <m@example.org>\nDate: Tue, 1 Nov 2011\nTo: Sam\nSubject: Bins\n\nHi",
        "> Hi\n> there",
    ],
)  # fmt: skip
def test_only_what_is_new_in_a_reply(quoted: str) -> None:
    assert reply_text(f"It is still there.\n\nSam\n\n{quoted}\n") == "It is still there.\n\nSam"


def test_answers_below_and_between_what_is_quoted_are_kept() -> None:
    assert reply_text("On Monday, Megan wrote:\n> Hi\nIt is still there.") == "It is still there."
    between = "On Monday, Megan wrote:\n> Where is it?\nBy the gate.\n> Since when?\nMay.\n"
    assert reply_text(between) == "By the gate.\nMay."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the crew wrote: nothing.\nWhat now?",
        "From: the shop to: the corner, glass everywhere",
        "I asked -----\nand nobody came",
        "> all of it is quoted",
    ],
)
def test_nothing_new_is_lost(text: str) -> None:
    assert reply_text(text) == text


def test_html_is_read_as_lines_and_what_it_quotes_is_marked() -> None:
    html = "<style>p {}</style><p>Hi.<br>It is <b>still</b> there.</p>"
    html += "<div class='gmail_quote'>On Monday:<blockquote>Where?</blockquote></div>"
    assert plain(html) == "Hi.\nIt is still there.\n\n> On Monday:\n\n> > Where?"
    only_html = mail(PLAIN + "Content-Type: text/html; charset=utf-8", html)
    assert read(only_html).reply_text == "Hi.\nIt is still there."


REPORT_HEAD = "Content-Type: multipart/report; report-type=delivery-status; boundary=b"
REPORT = """--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; gone@example.org
Action: failed
Status: 5.1.1
--b--"""


@pytest.mark.parametrize(
    ("head", "body", "kind"),
    [
        (f"From: relay@example.org\n{REPORT_HEAD}", REPORT, Kind.BOUNCE),
        ("From: postmaster@example.org\nSubject: E", "Your message did not reach the following recipient(s): gone", Kind.BOUNCE),
        ("From: a@example.org\nX-Failed-Recipients: gone@example.org", "Hello", Kind.BOUNCE),
        ("From: a@example.org\nAuto-Submitted: auto-replied\nSubject: Bins", "I am away.", Kind.AUTO_REPLY),
        ("From: a@example.org\nSubject: Automatic reply: Bins", "I am away.", Kind.AUTO_REPLY),
        ("From: a@example.org\nSubject: Out of office", "Back on Monday.", Kind.AUTO_REPLY),
        ("From: a@example.org\nSubject: [Automatic reply] Bins", "I am away.", Kind.AUTO_REPLY),
        ("From: a@example.org\nIn-Reply-To: <1@b>\nSubject: On leave", "Back on Monday.", Kind.AUTO_REPLY),
        ("From: a@example.org\nReturn-Path: <>\nPrecedence: bulk\nSubject: Thank you", "Hello.", Kind.AUTO_REPLY),
        ("From: a@example.org\nSubject: I am on Universal Credit", "Do I pay less?", Kind.ORDINARY),
        ("From: a@example.org\nSubject: Out of office hours number?", "Which is it?", Kind.ORDINARY),
        ("From: a@example.org\nSubject: Absence from school", "She is ill.", Kind.ORDINARY),
        ("From: a@example.org\nList-Id: <news.example.org>\nSubject: News", "News.", Kind.LIST),
        ("From: a@example.org\nPrecedence: bulk\nSubject: News", "News.", Kind.LIST),
        ("From: a@example.org\nSubject: Re: Returned mail", "It came back: 550 user unknown. Why?", Kind.ORDINARY),
        ("From: a@example.org\nSubject: Delivery of my new bin", "It was not delivered to my house.", Kind.ORDINARY),
        ("From: a@example.org\nSubject: Letter returned to sender", "You wrote to my old home.", Kind.ORDINARY),
        ("From: a@example.org\nAuto-Submitted: no\nSubject: Holiday lets", "A question.", Kind.ORDINARY),
    ],
)  # fmt: skip
def test_what_kind_of_mail_it_is(head: str, body: str, kind: Kind) -> None:
    found = read(mail(head, body))
    assert found.kind == kind
    assert found.would_acknowledge() == (kind == Kind.ORDINARY)


@pytest.mark.parametrize(
    "head",
    [
        "From: no-reply@example.org",
        "From: a@example.org\nReply-To: donotreply@example.org",
        "From: a@example.org\nReturn-Path: <>",
        "From: a@example.org\nX-Auto-Response-Suppress: DR, AutoReply",
        "From: waste@council.example",
        "Subject: from nobody",
        "From: news-bounces@lists.example.org",
    ],
)
def test_no_acknowledgement_goes_to_a_machine_nobody_or_ourselves(head: str) -> None:
    assert not read(mail(head)).would_acknowledge(own=frozenset({"waste@council.example"}))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", "\x00"]),
    st.binary(max_size=60),
)
def test_nothing_that_can_be_sent_raises(body: bytes, encoding: str, header: bytes) -> None:
    made = (
        b"From: "
        + header
        + b"\r\nContent-Type: multipart/mixed; boundary=b"
        + header[:9]
        + b"\r\n\r\n--b\r\nContent-Transfer-Encoding: "
    )
    json.dumps(as_read(read(made + encoding.encode() + b"\r\n\r\n" + body)))
    json.dumps(as_read(read(body)))


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; charset=idna",
        "Content-Type: text/plain; charset=punycode",
        'Content-Type: text/plain; charset="utf\x00-8"',
        "From: " + "(" * 3000 + " sam@example.org",
        "To: a" + ";" * 3000,
    ],
)
def test_names_of_charsets_and_comments_that_nobody_can_read_lose_no_mail(head: str) -> None:
    found = as_read(read(mail(f"{head}\nSubject: Bins", "Caf\udce9 \udcff and more")))
    assert found["subject"] == "Bins"
    assert "and more" in str(found["plain_body"])
    json.dumps(found)


def test_each_mail_of_a_folder_is_a_line_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail(PLAIN))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "two").write_bytes(mail(PLAIN))
    (tmp_path / "LICENSE").write_text("No mail at all.")
    found = list(lines(tmp_path))
    assert [one["file"] for one in found] == ["deep/two", "one.eml"]
    names = "file from from_email display_name to cc subject plain_body reply_text attachments kind would_acknowledge"
    assert list(found[0]) == names.split()


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real mails is not beside this clone")
def test_real_mails_of_others() -> None:
    read_mails = list(lines(REAL))
    assert len(read_mails) > 400
    bounces = [one for one in read_mails if str(one["file"]).startswith("sisimai")]
    assert sum(one["kind"] in ("bounce", "auto-reply") for one in bounces) >= 0.98 * len(bounces)
    replies = {
        str(one["file"]).rpartition("/")[2]: one["reply_text"]
        for one in read_mails
        if "standard_replies" in str(one["file"])
    }
    kept = {
        "iphone.eml": "Hello\n\nSent from my iPhone",
        "sparrow.eml": "Hello\n\n--\nxxx\nSent with Sparrow (http://www.sparrowmailapp.com/?sig)",
    }
    right = sum(text == kept.get(name, "Hello") for name, text in replies.items())
    assert right >= 0.9 * len(replies) > 0


def test_a_mail_within_a_mail_is_kept_byte_for_byte() -> None:
    inner = b"Subject: a  b\r\n\tc\r\nX-Long: " + b"word " * 40 + b"\r\n\r\nFrom here on.\r\n--b\r\nNo part of it.\r\n"
    part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    mixed = (
        b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nWords\r\n--in\r\n" + part + b"\r\n--in--\r\n"
    )
    raw = b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" + mixed + b"\r\n--out--\r\nafter\r\n"

    (attachment,) = read(raw).attachments

    assert attachment.content == inner


def test_faults_of_a_header_do_not_cost_the_rest_of_it() -> None:
    broken = "From: Ada <a@example.org>\nX-Key: abc\ndef=\nSubject: Bins\nDate: today"
    assert (read(mail(broken, "Hello")).subject, read(mail(broken, "Hello")).plain_body.strip()) == ("Bins", "Hello")
    after = 'From: a@example.org\nContent-Type: multipart/mixed; boundary="b" Message-Id: <1@x>'
    assert read(mail(after, "--b\n\nHello\n--b--")).plain_body.strip() == "Hello"
    assert read(mail("From: O'Neill' <o@example.org>")).sender[0] == "O'Neill'"


def test_one_spoilt_letter_does_not_spoil_the_others() -> None:
    words = "Caffè " * 30
    assert decoded(words.encode() + b"\xe8", "utf-8") == words + "\ufffd"
    assert decoded(b"Caff\xe8", "utf-8") == "Caffè"
    assert decoded(b"\xff\xfe" + words.encode("utf-16-le") + b"a", "utf-16").startswith(words)
