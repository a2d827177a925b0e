"""Mailboxes are read: each mail is kept before anything is done with it, and the server's copy stays as the register says."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from townhall.core.db import execute, fetch_all
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import take_in
from townhall.mailroom.operations.boxes import WATCHED_AFTER
from townhall.mailroom.servers import MailboxUnreachable, MailServer, opened

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
_READ_TO_ITS_END = "UPDATE mailroom_mailbox SET next_fetch_at = %s, error = %s, fetched_at = %s WHERE id = %s"


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
        execute(_READ_TO_ITS_END, (at + EVERY, skipped, at, mailbox.pk))
    return 1


def fetch(mailbox: Mailbox, *, at: datetime) -> tuple[int, str]:
    """Take in what is new, each mail in one transaction with its place; how many there were, and what could not be taken."""
    skipped, many = "", 0
    with opened(mailbox) as server:
        for found in server.new_mails(most=AT_ONCE):
            skipped = found.why or skipped
            with transaction.atomic():
                if found.raw:
                    take_in(found.raw, mailbox, at=at)
                found.pass_on()
            if found.id:
                many += 1
                _afterwards(server, mailbox, found.id)
    return many, skipped


def _afterwards(server: MailServer, mailbox: Mailbox, mail_id: str) -> None:
    """The server's copy is marked as read or moved, where the register says so. It is kept here already, so a failure loses nothing."""
    try:
        if mailbox.afterwards == Mailbox.Afterwards.MARK:
            server.mark_read(mail_id)
        elif mailbox.afterwards == Mailbox.Afterwards.MOVE:
            server.move(mail_id, mailbox.moved_to)
    except Exception as error:  # noqa: BLE001 - whatever the server says
        log.warning("mailroom.left_on_server", mailbox_id=str(mailbox.pk), error=type(error).__name__)
