"""Letters: each becomes files of its own to print and post, in the data directory; in the demo the mailbox shows it as well.

A page (`.html`), and where PDFs can be made an accessible PDF in normal print (`.pdf`) and in large print (`-large.pdf`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType

from django.conf import settings

from townhall.core.time import council_date
from townhall.notifications import needs
from townhall.notifications.models import Letter, Message
from townhall.notifications.providers import TryLater
from townhall.ui import paper
from townhall.ui.paper import Sheet


def folder() -> Path:
    """Where letters wait to be printed; the names give the order, and those of one letter begin alike."""
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
            for ending, content in _files(message):
                part = folder() / f".{message.id.hex}{ending}.part"
                part.write_bytes(content)
                part.replace(folder() / f"{message.id.hex}{ending}")
            if settings.LETTER_PROVIDER == "demo":
                _show(message)
        except OSError as error:
            raise TryLater(f"{type(error).__name__}: {error}", everyone=True) from error
        return message.id.hex


def sheet_of(message: Message) -> Sheet:
    return Sheet(
        title=message.subject_line,
        body=message.body_html,
        on=council_date(message.created_at),
        lines=paper.standard_lines(),
        to=(message.recipient_name, *(part.strip() for part in message.recipient_address.split(","))),
    )


def pdf_of(message: Message) -> bytes:
    """The letter as it is to be printed: as it was made for us, or from its words, in large print where they need that."""
    kept = Letter.objects.filter(pk=message.pk).values_list("pdf", flat=True).first()
    large = needs.of_letter(message).large_print
    return bytes(kept) if kept else paper.as_pdf(sheet_of(message), large=large)


def _files(message: Message) -> Iterator[tuple[str, bytes]]:
    """The page comes last: whoever finds it finds the others. They need large print: there is no other to post by mistake."""
    large, sheet = needs.of_letter(message).large_print, sheet_of(message)
    kept = Letter.objects.filter(pk=message.pk).values_list("pdf", flat=True).first()
    if kept:
        yield ".pdf", bytes(kept)
    elif paper.can_print():
        if not large:
            yield ".pdf", paper.as_pdf(sheet)
        yield "-large.pdf", paper.as_pdf(sheet, large=True)
    yield ".html", paper.as_page(sheet, large=large).encode()


def _show(message: Message) -> None:
    from townhall.notifications.demo_phone import keep

    letter = EmailMessage(policy=SMTP)
    letter["X-Letter"] = f"{message.recipient_name}, {message.recipient_address}"[:300]
    letter["Subject"] = message.subject_line
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<{message.id.hex}@letter.example.org>"
    letter.set_content(message.body_text)
    keep(letter.as_bytes(), name=message.id.hex)
