"""Where a shared mailbox is kept: an IMAP server, or Microsoft 365. Both are read in the same way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations.boxes import SECRET


class MailboxUnreachable(Exception):
    """In words for the page of mailboxes. `seconds`: how long the server wants to be left alone, where it says so."""

    def __init__(self, words: str, *, seconds: float | None = None) -> None:
        super().__init__(words)
        self.seconds = seconds


@dataclass(frozen=True, kw_only=True)
class Found:
    """One new mail, or a place in the list with none. `raw`: byte for byte, None when it is not taken and `why`.

    `pass_on` writes the place behind it into the mailbox: in the transaction that keeps the mail.
    """

    id: str
    raw: bytes | None
    pass_on: Callable[[], None]
    why: str = ""


class MailServer(Protocol):
    def new_mails(self, *, most: int) -> Iterator[Found]:
        """What came since the place that the mailbox names, the oldest first; about `most` of them. Raises MailboxUnreachable."""

    def mark_read(self, mail_id: str) -> None: ...

    def move(self, mail_id: str, folder: str) -> None: ...


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[MailServer]:
    """Raises MailboxUnreachable."""
    from townhall.mailroom.servers import graph, imap

    password = os.environ.get(mailbox.secret) if SECRET.fullmatch(mailbox.secret) else None
    if not password:
        raise MailboxUnreachable(f"There is no password in the environment variable {mailbox.secret}.")
    how = graph.opened if mailbox.way == Mailbox.Way.GRAPH else imap.opened
    with how(mailbox, password) as server:
        yield server
