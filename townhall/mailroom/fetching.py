"""Mailboxes are read: each mail is kept before anything is done with it, and the server's copy stays as the register says."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from townhall.core.db import execute, fetch_all
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import take_in
from townhall.mailroom.operations.boxes import WATCHED_AFTER
from townhall.mailroom.reading.parsing import read
from townhall.mailroom.servers import Found, MailboxUnreachable, MailServer, opened

EVERY = timedelta(seconds=30)
AFTER_FAILURE = timedelta(minutes=2)
CLAIMED_FOR = timedelta(minutes=5)
AT_ONCE = 100  # mails of one mailbox before the next has its turn

log = structlog.get_logger(__name__)

_CLAIM = """
    UPDATE mailroom_mailbox SET next_fetch_at = %s WHERE id = (
        SELECT id FROM mailroom_mailbox WHERE next_fetch_at <= %s AND (state <> 'closed' OR closed_at > %s)
        ORDER BY next_fetch_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id"""
_AGAIN = "UPDATE mailroom_mailbox SET next_fetch_at = %s, error = %s WHERE id = %s"
# That a mail was left behind is said until somebody who manages the register has seen to it (operations.boxes.change).
_READ_TO_ITS_END = """UPDATE mailroom_mailbox SET next_fetch_at = %s, fetched_at = %s,
        error = CASE WHEN error LIKE '%%left on the server%%' THEN coalesce(nullif(%s::text, ''), error) ELSE %s::text END
    WHERE id = %s"""


def fetch_all_due(at: datetime) -> int:
    """Read the mailbox that has waited longest, as far as it goes; 1 when there was one."""
    claimed = fetch_all(_CLAIM, (at + CLAIMED_FOR, at, at - WATCHED_AFTER))
    if not claimed:
        return 0
    mailbox = Mailbox.objects.get(pk=claimed[0][0])
    try:
        fetched, skipped = fetch(mailbox, at=at)
    except MailboxUnreachable as error:
        wait = AFTER_FAILURE if error.seconds is None else timedelta(seconds=error.seconds)
        execute(_AGAIN, (at + wait, str(error)[:500], mailbox.pk))
        return 1
    if fetched >= AT_ONCE:
        execute(_AGAIN, (at, skipped, mailbox.pk))
    else:
        execute(_READ_TO_ITS_END, (at + EVERY, at, skipped, skipped, mailbox.pk))
    return 1


def fetch(mailbox: Mailbox, *, at: datetime) -> tuple[int, str]:
    """Take in what is new, each mail in one transaction with its place; how many there were, and what could not be taken."""
    skipped, many = "", 0
    with opened(mailbox) as server:
        for found in server.new_mails(most=AT_ONCE):
            why = _kept(found, mailbox, at=at)
            skipped = why or skipped
            many += bool(found.id)
            if found.id and found.raw and not why:  # what is not kept here stays where it is, and unread
                _afterwards(server, mailbox, found.id)
    return many, skipped


def _kept(found: Found, mailbox: Mailbox, *, at: datetime) -> str:
    """Keep one mail and its place; why it was left on the server, where it was. One that cannot be read holds up none behind it."""
    try:
        with transaction.atomic():
            if found.raw:
                take_in(found.raw, mailbox, at=at)
            found.pass_on()
    except Exception:
        if found.raw is None or not _is_unreadable(found.raw):
            raise
        log.exception("mailroom.unreadable", mailbox_id=str(mailbox.pk), mail=found.id)
        with transaction.atomic():
            found.pass_on()
        return f"A mail that cannot be read was left on the server (number {found.id})."
    return found.why


def _is_unreadable(raw: bytes) -> bool:
    try:
        read(raw)
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return True
    return False


def _afterwards(server: MailServer, mailbox: Mailbox, mail_id: str) -> None:
    """The server's copy is marked as read or moved, where the register says so. It is kept here already, so a failure loses nothing."""
    try:
        if mailbox.afterwards == Mailbox.Afterwards.MARK:
            server.mark_read(mail_id)
        elif mailbox.afterwards == Mailbox.Afterwards.MOVE:
            server.move(mail_id, mailbox.moved_to)
    except Exception as error:  # noqa: BLE001 - whatever the server says
        log.warning("mailroom.left_on_server", mailbox_id=str(mailbox.pk), error=type(error).__name__)
