"""The mail itself, as a mail server receives it."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from pytest_django import Settings

from townhall.notifications import sending
from townhall.notifications.html import as_html
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.mail_server import Post, post_office
from townhall.notifications.tests.makers import MONDAY, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office(settings) as office:
        yield office


def parts(mail: EmailMessage) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    return text.get_content(), html.get_content()


def test_a_mail_says_who_it_is_from_and_that_a_machine_sent_it(post: Post, settings: Settings) -> None:
    settings.EMAIL_REPLY_TO = "help@aldermere.example.org"
    make_message(wording="Subject: We have it\n\nDear {{ to.name }}")

    sending.run(MONDAY)

    [mail] = post.mails
    assert mail["From"] == f"{settings.COUNCIL_NAME} <no-reply@aldermere.example.org>"
    assert mail["Reply-To"] == "help@aldermere.example.org"
    assert (mail["To"], mail["Subject"]) == ("Ann Example <ann@example.org>", "We have it")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == MONDAY
    assert mail.get_content_type() == "multipart/alternative"
    assert parts(mail)[0].strip() == "Dear Ann Example"
    assert "<p>Dear Ann Example</p>" in parts(mail)[1]
    assert mail["List-Unsubscribe"] is None


def test_a_mail_that_can_be_stopped_says_how(post: Post) -> None:
    url = "https://aldermere.example.org/stop/" + "x" * 300
    make_message(unsubscribe_url=url)

    sending.run(MONDAY)

    [mail] = post.mails
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in post.raw[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


HEADERS = {"To", "From", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
NAMES = [
    "Ann\r\nBcc: all@example.org",
    "Ann\nX-Evil: yes",
    'Ann "the <boss@example.org>," O\'Neil',
    "Zoë Ψ 🦊 王小明",
    "\u202eevil\u202c אבג",
    "Ann\x00\x1b[31m",
    "=?utf-8?q?Ann=0D=0ABcc:_all@example.org?=",
    "=?utf-8?b?QW5uDQpYLUV2aWw6IHllcw==?= x",
    "a" * 3000,
    "🦊" * 300,
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_can_break_a_header_or_reach_anybody_else(post: Post, name: str) -> None:
    message = make_message(
        to=Recipient(name=name, email="ann@example.org"), wording="Subject: For {{ to.name }}\n\nDear {{ to.name }}"
    )

    assert sending.run(MONDAY) == 1

    message.refresh_from_db()
    assert message.state == State.SENT
    [mail] = post.mails
    assert post.envelopes[0].rcpt_tos == ["ann@example.org"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["ann@example.org"]
    assert (mail["Bcc"], mail["X-Evil"], mail["Cc"]) == (None, None, None)
    assert mail["Subject"] == message.subject_line
    head = post.raw[0].split(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert set(mail.keys()) == HEADERS


BODIES = ["naïve — £5 🦊", "x" * 5000, ".\n..\n.leading dots", "From here\nFrom there", "\u200fשלום", "a\rb\r\nc"]


@pytest.mark.parametrize("eight_bit", [True, False])
@pytest.mark.parametrize("body", BODIES)
def test_words_arrive_as_they_were_written(post: Post, body: str, *, eight_bit: bool) -> None:
    post.eight_bit = eight_bit
    message = make_message(wording=f"Subject: Hello\n\n{body}")

    sending.run(MONDAY)

    text, html = parts(post.mails[0])
    assert text.replace("\r\n", "\n").rstrip("\n") == message.body_text
    assert message.body_html.split("\n")[0] in html
    assert eight_bit or post.raw[0].isascii()
    assert all(len(line) <= 998 for line in post.raw[0].split(b"\r\n"))


def test_addresses_of_other_scripts_are_written_as_mail_knows_them(post: Post) -> None:
    make_message(to=Recipient(name="Jo", email="jo@bücher.example"))
    make_message(to=Recipient(name="Zoë", email="zoë@example.org"))

    sending.run(MONDAY)

    assert {envelope.rcpt_tos[0] for envelope in post.envelopes} == {"jo@xn--bcher-kva.example", "zoë@example.org"}


def test_a_mail_to_a_domain_that_cannot_exist_has_failed(post: Post) -> None:
    message = make_message(to=Recipient(email="ann@" + "a" * 80 + ".example"))

    sending.run(MONDAY)

    message.refresh_from_db()
    assert (message.state, post.mails) == (State.FAILED, [])


def test_only_our_own_addresses_become_links(settings: Settings) -> None:
    ours = settings.PUBLIC_URL
    html = as_html(
        f"See {ours}/r/TH-1?s=_a_*b*.\n\nOr https://evil.example or [x](https://evil.example) or {ours}.evil.example/x"
    )

    assert f'<a href="{ours}/r/TH-1?s=_a_*b*">{ours}/r/TH-1?s=_a_*b*</a>.' in html
    assert html.count("<a ") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="x">',
        "![x](https://evil.example/x.png)",
        "<https://evil.example>",
    ],
)
def test_what_people_type_stays_text(typed: str) -> None:
    html = as_html(typed)

    assert not any(tag in html for tag in ("<script", "<img", "<a "))


def test_simple_marks_become_headings_lists_and_bold() -> None:
    assert as_html("# What next\n\n- **one**\n- two\n\nline\nbreak") == (
        "<h1>What next</h1>\n<ul>\n<li><strong>one</strong></li>\n<li>two</li>\n</ul>\n<p>line<br>\nbreak</p>\n"
    )


def test_a_mail_can_be_read_back(post: Post) -> None:
    make_message()
    sending.run(MONDAY)

    mail = message_from_bytes(post.raw[0], policy=default)
    assert not mail.defects


def test_an_answer_stands_below_what_it_answers_and_goes_back_to_the_mailbox(post: Post) -> None:
    long = [f"<{turn}{'x' * 60}@example.org>" for turn in range(30)]
    asked = " ".join([*long, "<broken\r\nBcc: eve@example.org>", "<asked@example.org>"])
    make_message(to=Recipient(email="ann@example.org", answers=asked, reply_to="waste@council.example"))

    sending.run(MONDAY)

    [mail] = post.mails
    assert mail["In-Reply-To"] == "<asked@example.org>"
    assert mail["References"].split() == [*long[-19:], "<asked@example.org>"]
    assert (mail["Reply-To"], mail["Bcc"]) == ("waste@council.example", None)
    assert mail["Auto-Submitted"] == "auto-replied"
