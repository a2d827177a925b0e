"""A mailbox over IMAP (RFC 9051)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from townhall.mailroom.models import Mailbox
from townhall.mailroom.servers import Found, MailboxUnreachable

LARGEST = 40_000_000  # bytes; a larger one is named in the mailbox's fault and left on the server
TIMEOUT = 30  # seconds


class Imap:
    def __init__(self, server: IMAPClient, mailbox: Mailbox) -> None:
        self._server, self._mailbox = server, mailbox

    def new_mails(self, *, most: int) -> Iterator[Found]:
        mailbox, server = self._mailbox, self._server
        chosen = server.select_folder(mailbox.folder, readonly=mailbox.afterwards == Mailbox.Afterwards.LEAVE)
        validity = int(chosen[b"UIDVALIDITY"])
        if mailbox.uid_validity != validity:  # numbered anew; what was taken in is known by its digest
            mailbox.uid_validity, mailbox.last_uid = validity, 0
        found = server.search(["UID", f"{mailbox.last_uid + 1}:*"])
        for number in sorted(one for one in found if one > mailbox.last_uid)[:most]:
            size = server.fetch([number], ["RFC822.SIZE"]).get(number, {}).get(b"RFC822.SIZE", 0)
            raw = b"" if size > LARGEST else server.fetch([number], ["BODY.PEEK[]"]).get(number, {}).get(b"BODY[]", b"")
            large = f"A mail of {size // 1_000_000} MB was left on the server (number {number})."
            yield Found(
                id=str(number),
                raw=raw or None,
                why=large if size > LARGEST else "",
                pass_on=lambda number=number: self._pass_on(number),  # type: ignore[misc]
            )

    def _pass_on(self, number: int) -> None:
        self._mailbox.last_uid = number
        self._mailbox.save(update_fields=["uid_validity", "last_uid"])

    def mark_read(self, mail_id: str) -> None:
        self._server.add_flags([int(mail_id)], [SEEN], silent=True)

    def move(self, mail_id: str, folder: str) -> None:
        if not self._server.folder_exists(folder):
            self._server.create_folder(folder)
        self._server.move([int(mail_id)], folder)


@contextmanager
def opened(mailbox: Mailbox, password: str) -> Iterator[Imap]:
    if not mailbox.encrypted and not settings.DEBUG and mailbox.host not in ("localhost", "127.0.0.1", "::1"):
        raise MailboxUnreachable("A mailbox on another machine is read over TLS only.")
    context = ssl.create_default_context()
    try:
        with IMAPClient(
            mailbox.host,
            mailbox.port,
            ssl=mailbox.encrypted,
            ssl_context=context if mailbox.encrypted else None,
            timeout=TIMEOUT,
        ) as server:
            server.login(mailbox.login, password)
            yield Imap(server, mailbox)
    except (IMAPClientError, OSError) as error:
        raise MailboxUnreachable(str(error)) from error
