"""What pages show of mailboxes and mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.ledger import operations as ledger
from townhall.mailroom.models import Mail, Mailbox, Original
from townhall.mailroom.permissions import READ, readable_by
from townhall.mailroom.reading.parsing import Attachment, read

PAGE = 50
SEE_BOXES = "mailboxes.see"
NEGLECTED = timedelta(hours=1)  # since it was last read to its end

_BOXES = """
    SELECT b.id, b.address, b.purpose, b.readers, b.state, b.fetched_at, b.error, b.created_at,
        count(m.id) FILTER (WHERE m.done = ''), count(m.id) FILTER (WHERE m.done = 'triage'),
        min(m.received_at) FILTER (WHERE m.done IN ('', 'triage'))
    FROM mailroom_mailbox b LEFT JOIN mailroom_mail m ON m.mailbox_id = b.id AND m.done IN ('', 'triage')
    GROUP BY b.id ORDER BY b.state = 'closed', b.address"""
_MAILS = """
    SELECT m.id, m.from_name, m.from_address, m.subject, m.received_at, m.done, m.why, m.attachments, c.reference, b.address
    FROM mailroom_mail m JOIN mailroom_mailbox b ON b.id = m.mailbox_id LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE (%(reader)s::uuid IS NULL OR %(reader)s::uuid = ANY(b.readers))
        AND (%(box)s::uuid IS NULL OR m.mailbox_id = %(box)s) AND (%(done)s::text IS NULL OR m.done = %(done)s)
        AND (%(at)s::timestamptz IS NULL OR (m.received_at, m.id) < (%(at)s, %(id)s::uuid))
    ORDER BY m.received_at DESC, m.id DESC LIMIT %(limit)s"""


@dataclass(frozen=True, kw_only=True)
class Box:
    """`waits_since`: of the oldest mail that nobody has dealt with."""

    id: UUID
    address: str
    purpose: str
    readers: Sequence[UUID]
    state: Mailbox.State
    fetched_at: datetime | None
    error: str
    opened_at: datetime
    waiting: int
    for_somebody: int
    waits_since: datetime | None

    def is_read_by(self, actor: Actor) -> bool:
        return actor.id in map(str, self.readers)

    def is_neglected(self, at: datetime) -> bool:
        """It cannot be read, or has not been for an hour."""
        return self.state != Mailbox.State.CLOSED and (self.fetched_at or self.opened_at) < at - NEGLECTED


@dataclass(frozen=True, kw_only=True)
class MailLine:
    id: UUID
    from_name: str
    from_address: str
    subject: str
    received_at: datetime
    done: Mail.Done
    why: str
    attachments: int
    reference: str | None
    mailbox: str


@dataclass(frozen=True, kw_only=True)
class ShownMail:
    """`attachments` by their place."""

    mail: Mail
    attachments: Sequence[Attachment]


def boxes(*, by: Actor) -> list[Box]:
    """Every mailbox, the closed ones last. One query. Raises NotAllowed."""
    permissions.require(by, SEE_BOXES)
    names = ("id", "address", "purpose", "readers", "state", "fetched_at", "error", "opened_at")
    found = [
        dict(zip((*names, "waiting", "for_somebody", "waits_since"), row, strict=True)) for row in fetch_all(_BOXES)
    ]
    return [Box(**(row | {"state": Mailbox.State(row["state"])})) for row in found]


def mails(
    *, by: Actor, at: datetime, box: UUID | None = None, done: str | None = None, after: str = ""
) -> Page[MailLine]:
    """The newest first, of the mailboxes that they are a reader of. One query; the look is kept. Raises NotAllowed."""
    permissions.require(by, READ)
    cursor = read_cursor(after, length=2)
    where = {
        "reader": None if by.kind == ActorKind.SYSTEM else by.id,
        "box": box,
        "done": done,
        "limit": PAGE + 1,
        "at": None,
        "id": None,
    }
    if cursor:
        where |= {"at": cursor[0], "id": cursor[1]}
    names = (
        "id",
        "from_name",
        "from_address",
        "subject",
        "received_at",
        "done",
        "why",
        "attachments",
        "reference",
        "mailbox",
    )
    found = [dict(zip(names, row, strict=True)) for row in fetch_all(_MAILS, where)]
    rows = [MailLine(**(row | {"done": Mail.Done(row["done"])})) for row in found]
    if rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.mails")
    return page_of(rows, size=PAGE, key=lambda row: (row.received_at.isoformat(), row.id))


def mail(mail_id: UUID, *, by: Actor, at: datetime) -> ShownMail:
    """One mail with its attachments, read from the original. The look is kept. Raises NotFound, NotAllowed."""
    found = readable_by(by).filter(pk=mail_id).first()
    if found is None:
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=None, page="workspace.mail", reason=str(mail_id))
    attachments = read(_raw(mail_id)).attachments if found.attachments else []
    return ShownMail(mail=found, attachments=attachments)


def original(mail_id: UUID, *, by: Actor, at: datetime) -> bytes:
    """Byte for byte. The look is kept. Raises NotFound, NotAllowed."""
    if not readable_by(by).filter(pk=mail_id).exists():
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=None, page="workspace.mail_original", reason=str(mail_id))
    return _raw(mail_id)


def _raw(mail_id: UUID) -> bytes:
    return bytes(Original.objects.values_list("raw", flat=True).get(mail_id=mail_id))
