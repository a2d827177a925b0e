"""The demo's phone: text messages become files beside the demo's mail, shown on its mailbox page."""

from __future__ import annotations

from contextlib import AbstractContextManager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType

from django.conf import settings

from townhall.notifications.models import Message
from townhall.notifications.providers import TryLater


def mailbox_folder() -> Path:
    """Where the demo keeps the messages it receives, one file each; the name gives the order."""
    return Path(settings.DATA_DIR) / "demo-mail"


def keep(raw: bytes, *, name: str) -> None:
    """Put one message into the mailbox, whole or not at all. `name` sorts by time; the same name again replaces it."""
    folder = mailbox_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_bytes(raw)
    part.replace(folder / f"{name}.eml")


class DemoPhone(AbstractContextManager["DemoPhone"]):
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> str:
        text = EmailMessage(policy=SMTP)
        text["X-Phone"] = message.recipient_address
        text["Date"] = format_datetime(message.created_at)
        text["Message-ID"] = f"<{message.id.hex}@text.example.org>"
        text.set_content(message.body_text)
        try:
            keep(text.as_bytes(), name=message.id.hex)
        except OSError as error:
            raise TryLater(f"{type(error).__name__}: {error}", everyone=True) from error
        return message.id.hex
