"""Mailboxes are read over IMAP (RFC 9051): each mail is kept before anything is done with it, and the server's copy is left as it is."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from townhall.core.db import execute, fetch_all
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import take_in
from townhall.mailroom.operations.boxes import SECRET, WATCHED_AFTER

EVERY = timedelta(seconds=30)
AFTER_FAILURE = timedelta(minutes=2)
CLAIMED_FOR = timedelta(minutes=5)
AT_ONCE = 100  # mails of one mailbox before the next has its turn
LARGEST = 40_000_000  # bytes; a larger one is named in the mailbox's fault and left on the server
TIMEOUT = 30  # seconds

_CLAIM = """
    UPDATE mailroom_mailbox SET next_fetch_at = %s WHERE id = (
        SELECT id FROM mailroom_mailbox WHERE next_fetch_at <= %s AND (state <> 'closed' OR closed_at > %s)
        ORDER BY next_fetch_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""
_AGAIN = "UPDATE mailroom_mailbox SET next_fetch_at = %s, error = %s WHERE id = %s"
_READ_TO_ITS_END = "UPDATE mailroom_mailbox SET next_fetch_at = %s, error = %s, fetched_at = %s WHERE id = %s"


class MailboxUnreachable(Exception):
    """In words for the page of mailboxes."""


def fetch_all_due(at: datetime) -> int:
    """Read the mailbox that has waited longest, as far as it goes; 1 when there was one."""
    claimed = fetch_all(_CLAIM, (at + CLAIMED_FOR, at, at - WATCHED_AFTER))
    if not claimed:
        return 0
    mailbox = Mailbox.objects.get(pk=claimed[0][0])
    try:
        fetched, skipped = fetch(mailbox, at=at)
    except (MailboxUnreachable, IMAPClientError, OSError) as error:
        execute(_AGAIN, (at + AFTER_FAILURE, str(error)[:500], mailbox.pk))
        return 1
    if fetched == AT_ONCE:
        execute(_AGAIN, (at, skipped, mailbox.pk))
    else:
        execute(_READ_TO_ITS_END, (at + EVERY, skipped, at, mailbox.pk))
    return 1


def fetch(mailbox: Mailbox, *, at: datetime) -> tuple[int, str]:
    """Take in what is new, each mail in one transaction with its number; how many there were, and what could not be taken."""
    skipped = ""
    with _opened(mailbox) as server:
        chosen = server.select_folder(mailbox.folder, readonly=True)
        validity = int(chosen[b"UIDVALIDITY"])
        if mailbox.uid_validity != validity:  # numbered anew; what was taken in is known by its digest
            mailbox.uid_validity, mailbox.last_uid = validity, 0
        found = server.search(["UID", f"{mailbox.last_uid + 1}:*"])
        numbers = sorted(one for one in found if one > mailbox.last_uid)[:AT_ONCE]
        for number in numbers:
            size = server.fetch([number], ["RFC822.SIZE"]).get(number, {}).get(b"RFC822.SIZE", 0)
            raw = b"" if size > LARGEST else server.fetch([number], ["BODY.PEEK[]"]).get(number, {}).get(b"BODY[]", b"")
            if size > LARGEST:
                skipped = f"A mail of {size // 1_000_000} MB was left on the server (number {number})."
            with transaction.atomic():
                if raw:
                    take_in(raw, mailbox, at=at)
                mailbox.last_uid = number
                mailbox.save(update_fields=["uid_validity", "last_uid"])
    return len(numbers), skipped


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[IMAPClient]:
    password = os.environ.get(mailbox.secret) if SECRET.fullmatch(mailbox.secret) else None
    if not password:
        raise MailboxUnreachable(f"There is no password in the environment variable {mailbox.secret}.")
    if not mailbox.encrypted and not settings.DEBUG and mailbox.host not in ("localhost", "127.0.0.1", "::1"):
        raise MailboxUnreachable("A mailbox on another machine is read over TLS only.")
    context = ssl.create_default_context()
    with IMAPClient(
        mailbox.host,
        mailbox.port,
        ssl=mailbox.encrypted,
        ssl_context=context if mailbox.encrypted else None,
        timeout=TIMEOUT,
    ) as server:
        server.login(mailbox.login, password)
        yield server
