"""Letters: each becomes a page of its own to print and post, in the data directory; in the demo the mailbox shows it as well."""

from __future__ import annotations

from contextlib import AbstractContextManager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from pathlib import Path
from types import TracebackType

from django.conf import settings

from townhall.core.time import council_date
from townhall.notifications.models import Message
from townhall.notifications.providers import TryLater
from townhall.ui.words import long_date

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>@page {{ size: A4; margin: 25mm }} body {{ font: 12pt/1.5 Arial, sans-serif; max-width: 160mm }}</style></head>
<body><header><p><strong>{council}</strong></p><p>{name}<br>{address}</p><p>{date}</p></header>
<main><h1>{title}</h1>
{body}</main></body></html>
"""


def folder() -> Path:
    """Where letters wait to be printed, one file each; the names give the order."""
    return Path(settings.DATA_DIR) / "letters"


class Post(AbstractContextManager["Post"]):
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> str:
        """Write the letter, whole or not at all; the same message again replaces it."""
        try:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            part = folder() / f".{message.id.hex}.part"
            part.write_text(_page(message))
            part.replace(folder() / f"{message.id.hex}.html")
            if settings.LETTER_PROVIDER == "demo":
                _show(message)
        except OSError as error:
            raise TryLater(f"{type(error).__name__}: {error}", everyone=True) from error
        return message.id.hex


def _page(message: Message) -> str:
    return _PAGE.format(
        title=escape(message.subject_line),
        council=escape(settings.COUNCIL_NAME),
        name=escape(message.recipient_name),
        address="<br>".join(escape(part.strip()) for part in message.recipient_address.split(",")),
        date=escape(long_date(council_date(message.created_at))),
        body=message.body_html,
    )


def _show(message: Message) -> None:
    from townhall.notifications.demo_phone import keep

    letter = EmailMessage(policy=SMTP)
    letter["X-Letter"] = f"{message.recipient_name}, {message.recipient_address}"[:300]
    letter["Subject"] = message.subject_line
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<{message.id.hex}@letter.example.org>"
    letter.set_content(message.body_text)
    keep(letter.as_bytes(), name=message.id.hex)
