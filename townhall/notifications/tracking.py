"""Letters that GOV.UK Notify took: it calls nobody back about them, so it is asked until they are on their way or given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.db import execute, fetch_all, insert_unless_there
from townhall.core.errors import BadInput
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.notifications import sending
from townhall.notifications.models import Letter, Message
from townhall.notifications.providers import Refused, TryLater
from townhall.notifications.states import Channel, Failing, State

log = structlog.get_logger(__name__)
BATCH = 50
EVERY = timedelta(hours=6)
GIVE_UP = timedelta(days=7)  # Notify forgets after that
LARGEST_PDF = 2_000_000  # bytes
PRINTED = {"received", "delivered"}  # "received": by the printer, who has sent it on
LOST = {"permanent-failure", "technical-failure", "virus-scan-failed", "validation-failed", "cancelled"}
_DUE = """SELECT l.message_id, m.provider_id, m.sent_at FROM notifications_letter l JOIN notifications_message m ON m.id = l.message_id
    WHERE l.look_at <= %s ORDER BY l.look_at LIMIT %s FOR UPDATE OF l SKIP LOCKED"""
_LATER = "UPDATE notifications_letter SET look_at = %s WHERE message_id = ANY(%s)"
_NOTED = "UPDATE notifications_letter SET status = %s, look_at = %s WHERE message_id = %s"


def attach(message_id: UUID, *, pdf: bytes | None = None, postage: str = Letter.Postage.SECOND) -> None:
    """Give a letter that waits its printed form or its postage, in the transaction that made it. Raises BadInput for what is no PDF."""
    if pdf is not None and not (pdf.startswith(b"%PDF-") and len(pdf) <= LARGEST_PDF):
        raise BadInput({"pdf": "A letter is a PDF of at most 2 MB"})
    row = {
        "message_id": message_id,
        "pdf": pdf,
        "postage": Letter.Postage(postage).value,
        "status": "",
        "look_at": None,
    }
    insert_unless_there("notifications_letter", row)


def look(at: datetime) -> int:
    """Ask about the letters whose time has come; how many were asked about."""
    if settings.LETTER_PROVIDER != "notify":
        return 0
    from townhall.notifications.notify import NotifyClient

    with transaction.atomic():
        due = fetch_all(_DUE, (at, BATCH))
        execute(_LATER, (at + EVERY, [row[0] for row in due]))
    if not due:
        return 0
    with NotifyClient() as client:
        for message_id, provider_id, sent_at in due:
            try:
                status = client.status_of(provider_id)
            except TryLater as error:
                log.warning("letters.waiting", reason=str(error)[:200])
                return 0  # it is asked again at its next time
            except Refused:
                status = ""
            _note(message_id, status, is_old=sent_at is None or at - sent_at > GIVE_UP, at=at)
    return len(due)


@transaction.atomic
def _note(message_id: UUID, status: str, *, is_old: bool, at: datetime) -> None:
    message = Message.objects.select_for_update().get(pk=message_id)
    is_over = is_old or not status or status in PRINTED | LOST
    execute(_NOTED, (status, None if is_over else at + EVERY, message_id))
    if status in LOST and message.state == State.SENT:
        sending.fail(message, status, at=at)


@transaction.atomic
def returned(*, provider_id: str, reference: str, at: datetime) -> bool:
    """The post brought a letter back: nobody is to be written to there. False when it was known, or is of no letter of ours."""
    message = _message(reference, provider_id)
    if message is None:
        return False
    if message.state in (State.SENT, State.SENDING, State.DELIVERED):
        sending.fail(message, "returned", at=at)
    execute(_NOTED, ("returned", None, message.pk))
    if not sending.mark_address(message, Failing.RETURNED, "returned", at=at):
        return False
    about = Subject(kind="message", id=message.pk)
    ledger.record("letter.returned", about=about, by=SYSTEM, at=at, case_id=message.case_id)
    return True


def _message(reference: str, provider_id: str) -> Message | None:
    try:
        wanted = UUID(reference)
    except ValueError:
        return None
    found = Message.objects.select_for_update().filter(pk=wanted, channel=Channel.LETTER).first()
    return found if found is not None and found.provider_id in ("", provider_id) else None
