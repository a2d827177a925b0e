"""A mailbox in Microsoft 365."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from townhall.connectors import graph
from townhall.connectors.graph import Application, Graph, GraphFailed, PlaceLost, Throttled
from townhall.mailroom.models import Mailbox
from townhall.mailroom.servers import Found, MailboxUnreachable


class Office:
    def __init__(self, server: Graph, mailbox: Mailbox) -> None:
        self._server, self._mailbox = server, mailbox

    def new_mails(self, *, most: int) -> Iterator[Found]:
        """Page by page; a page that broke off is read again, and what was taken in is known by its digest."""
        seen = 0
        while seen < most:
            try:
                page = self._server.changes(self._folder, at=self._mailbox.delta_link)
            except PlaceLost:
                if not self._mailbox.delta_link:
                    raise
                self._mailbox.delta_link = ""
                continue
            for mail_id in page.ids:
                raw = self._server.mime(mail_id)
                seen += 1
                why = "" if raw is not None else "A mail that is too large, or went meanwhile, was left on the server."
                yield Found(id=mail_id, raw=raw, why=why, pass_on=lambda: None)
            yield Found(id="", raw=None, pass_on=lambda page=page: self._pass_on(page.next))  # type: ignore[misc]
            if page.is_last:
                return

    @property
    def _folder(self) -> str:
        """Graph's well-known name for what IMAP calls INBOX."""
        return "inbox" if self._mailbox.folder.casefold() == "inbox" else self._mailbox.folder

    def _pass_on(self, link: str) -> None:
        self._mailbox.delta_link = link
        self._mailbox.save(update_fields=["delta_link"])

    def mark_read(self, mail_id: str) -> None:
        self._server.mark_read(mail_id)

    def move(self, mail_id: str, folder: str) -> None:
        self._server.move(mail_id, folder)


@contextmanager
def opened(mailbox: Mailbox, password: str) -> Iterator[Office]:
    application = Application(tenant=mailbox.tenant, client_id=mailbox.login, secret=password)
    try:
        with graph.opened(application, mailbox.address) as server:
            yield Office(server, mailbox)
    except Throttled as error:
        raise MailboxUnreachable(str(error), seconds=error.seconds) from error
    except GraphFailed as error:
        raise MailboxUnreachable(str(error)) from error
