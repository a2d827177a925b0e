"""The demo's mail server and its mailbox: every mail and text message that the demo sends, kept as files and shown on a page."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

import nh3
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from townhall.core.ids import uuid7
from townhall.core.paging import Page, page_of
from townhall.core.time import aware
from townhall.notifications.demo_phone import keep, mailbox_folder
from townhall.notifications.html import as_html

PAGE_SIZE = 30
_TAGS = {"p", "br", "h1", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "a"}


class Sink:
    """Takes every mail. The answer to the sender means that the file is there."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        keep(content, name=uuid7().hex)
        return "250 Kept for the demo"


def serve() -> None:
    """Receive mail on EMAIL_PORT of this machine until told to stop."""
    asyncio.run(_serve("127.0.0.1", settings.EMAIL_PORT))


async def _serve(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    server = await loop.create_server(lambda: SMTP(Sink(), enable_SMTPUTF8=True, loop=loop), host, port)
    async with server:
        await stopping.wait()


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message as the mailbox shows it."""

    name: str
    to: str  # an email address with its name, or a phone number
    is_text: bool  # a text message
    subject: str
    sent_at: datetime | None
    message_id: str
    text: str
    html: SafeString  # safe to show


def newest(*, before: str = "") -> Page[Mail]:
    """A page of what arrived, newest first; `before` is the cursor of the page above."""
    names = sorted((file.stem for file in _files() if not before or file.stem < before), reverse=True)
    page = page_of(names[: PAGE_SIZE + 1], size=PAGE_SIZE, key=lambda name: (name,))
    shown = [mail for name in page.rows if (mail := read(name))]
    return Page(rows=shown, after=page.rows[-1] if page.after else "")


def read(name: str) -> Mail | None:
    """The message of this name, or None when there is none. `name` is hexadecimal."""
    file = mailbox_folder() / f"{name}.eml"
    if not name.isalnum() or not file.is_file():
        return None
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    text = _part(mail, "plain")
    html = _part(mail, "html")
    shown = nh3.clean(html, tags=_TAGS, clean_content_tags={"title", "style", "script"}) if html else as_html(text)
    phone = mail["X-Phone"]
    letter = mail["X-Letter"]
    return Mail(
        name=name,
        to=str(phone or letter or mail["To"] or ""),
        is_text=phone is not None,
        subject=str(mail["Subject"] or ""),
        sent_at=_date(mail),
        message_id=str(mail["Message-ID"] or ""),
        text=text,
        html=mark_safe(shown),  # noqa: S308 - cleaned by nh3, or escaped by as_html
    )


def _files() -> Iterator[Path]:
    return mailbox_folder().glob("[!.]*.eml")


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if not isinstance(part, EmailMessage):
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # an alphabet that Python does not know
        return bytes(part.get_payload(decode=True) or b"").decode(errors="replace")


def _date(mail: EmailMessage) -> datetime | None:
    try:
        return aware(parsedate_to_datetime(str(mail["Date"] or "")))
    except ValueError:
        return None
