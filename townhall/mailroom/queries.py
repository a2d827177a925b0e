"""What pages show of mailboxes and mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.mailroom.models import Enclosed, Mail, Original, Part, Route
from townhall.mailroom.models.mails import state_words
from townhall.mailroom.permissions import READ, readable_by
from townhall.mailroom.reading.parsing import Attachment, read
from townhall.mailroom.states import BoxState

PAGE = 50
SEE_BOXES = "mailboxes.see"
NEGLECTED = timedelta(hours=1)  # since it was last read to its end

_BOXES = """
    SELECT b.id, b.address, b.purpose, b.readers, b.state, b.fetched_at, b.error, b.created_at, b.owner_post_id, b.reply_days,
        b.last_opened_at, b.alerted_at, b.replacement, b.closing_at, b.replies_until, b.closed_at, b.closing_proposed_at,
        coalesce(m.waiting, 0), coalesce(m.for_somebody, 0), coalesce(m.unread, 0), coalesce(m.overdue, 0), m.waits_since, m.newest
    FROM mailroom_mailbox b LEFT JOIN (
        SELECT m.mailbox_id, count(*) FILTER (WHERE m.done = '') AS waiting, count(*) FILTER (WHERE m.done = 'triage') AS for_somebody,
            count(*) FILTER (WHERE m.opened_at IS NULL) AS unread, count(*) FILTER (WHERE c.due_at < %(at)s) AS overdue,
            min(m.received_at) FILTER (WHERE m.done IN ('', 'triage')) AS waits_since, max(m.received_at) AS newest
        FROM mailroom_mail m LEFT JOIN clocks_clock c
            ON c.subject_kind = 'mail' AND c.subject_id = m.id AND c.kind = 'mail.reply' AND c.state = 'running'
        WHERE m.answered_at IS NULL AND m.done IN ('', 'triage', 'case', 'more') GROUP BY m.mailbox_id
    ) m ON m.mailbox_id = b.id
    WHERE (%(box)s::uuid IS NULL OR b.id = %(box)s) ORDER BY b.state = 'closed', b.address"""
_DUE = """SELECT due_at FROM clocks_clock
    WHERE kind = 'mail.reply' AND subject_kind = 'mail' AND subject_id = %s AND state = 'running'"""
_BOX_COLUMNS = (
    "id", "address", "purpose", "readers", "state", "fetched_at", "error", "opened_at", "owner_post_id", "reply_days",
    "last_opened_at", "alerted_at", "replacement", "closing_at", "replies_until", "closed_at", "closing_proposed_at",
    "waiting", "for_somebody", "unread", "overdue", "waits_since", "newest",
)  # fmt: skip
_MAILS = """
    SELECT m.id, m.from_name, m.from_address, m.subject, m.received_at, m.done, m.why, m.attachments, c.reference, b.address, m.answered_at
    FROM mailroom_mail m JOIN mailroom_mailbox b ON b.id = m.mailbox_id LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE (%(reader)s::uuid IS NULL OR %(reader)s::uuid = ANY(b.readers))
        AND (%(box)s::uuid IS NULL OR m.mailbox_id = %(box)s) AND (%(done)s::text IS NULL OR %(done)s =
            CASE WHEN m.answered_at IS NOT NULL AND m.done IN ('case', 'more', 'triage') THEN 'answered' ELSE m.done END)
        AND (%(at)s::timestamptz IS NULL OR (m.received_at, m.id) < (%(at)s, %(id)s::uuid))
    ORDER BY m.received_at DESC, m.id DESC LIMIT %(limit)s"""


@dataclass(frozen=True, kw_only=True)
class Box:
    """`waits_since`: of the oldest mail that nobody has dealt with. `unread`, `overdue`: of what waits for an answer."""

    id: UUID
    address: str
    purpose: str
    readers: Sequence[UUID]
    state: BoxState
    fetched_at: datetime | None
    error: str
    opened_at: datetime  # when it was put on the register
    owner_post_id: UUID | None
    reply_days: int
    last_opened_at: datetime | None
    alerted_at: datetime | None
    replacement: str
    closing_at: datetime | None
    replies_until: date | None
    closed_at: datetime | None
    closing_proposed_at: datetime | None
    waiting: int
    for_somebody: int
    unread: int
    overdue: int
    waits_since: datetime | None
    newest: datetime | None

    def is_read_by(self, actor: Actor) -> bool:
        return actor.id in map(str, self.readers)

    def is_neglected(self, at: datetime) -> bool:
        """Nobody looks into it though somebody wrote, or it cannot be read, or has not been for an hour."""
        if self.state == BoxState.CLOSED:
            return False
        return self.alerted_at is not None or (self.fetched_at or self.opened_at) < at - NEGLECTED

    def may_close(self, at: datetime) -> bool:
        return (
            self.state == BoxState.CLOSING
            and self.replies_until is not None
            and self.replies_until < council_date(at)
            and not (self.waiting or self.for_somebody)
        )


@dataclass(frozen=True, kw_only=True)
class Week:
    """What still arrived in a week. `people`: different senders."""

    monday: date
    mails: int
    people: int


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
    answered_at: datetime | None

    @property
    def state_words(self) -> str:
        return state_words(self.done, is_answered=self.answered_at is not None)


@dataclass(frozen=True, kw_only=True)
class ShownMail:
    """`attachments` and `enclosed` by their place. `parts`: other cases made of it."""

    mail: Mail
    attachments: Sequence[Attachment]
    enclosed: Sequence[Enclosed]
    html: Sequence[str]
    route: Route | None
    parts: Sequence[Part]
    due_at: datetime | None


def boxes(*, by: Actor, at: datetime, box: UUID | None = None) -> list[Box]:
    """Every mailbox, the closed ones last. One query. Raises NotAllowed."""
    permissions.require(by, SEE_BOXES)
    found = fetch_all(_BOXES, {"at": at, "box": box})
    rows = [dict(zip(_BOX_COLUMNS, row, strict=True)) for row in found]
    return [Box(**(row | {"state": BoxState(row["state"])})) for row in rows]


def box(mailbox_id: UUID, *, by: Actor, at: datetime) -> Box:
    """Raises NotFound, NotAllowed."""
    found = boxes(by=by, at=at, box=mailbox_id)
    if not found:
        raise NotFound
    return found[0]


def still_arriving(mailbox_id: UUID, *, since: datetime) -> list[Week]:
    """Mails of people week by week, the newest first; what is watched while a mailbox closes. One query."""
    weeks = """SELECT date_trunc('week', received_at AT TIME ZONE 'Europe/London')::date AS monday, count(*), count(DISTINCT from_address)
        FROM mailroom_mail WHERE mailbox_id = %s AND kind = 'ordinary' AND received_at >= %s GROUP BY 1 ORDER BY 1 DESC LIMIT 60"""
    return [
        Week(monday=monday, mails=mails, people=people)
        for monday, mails, people in fetch_all(weeks, (mailbox_id, since))
    ]


def mails(
    *, by: Actor, at: datetime, box: UUID | None = None, done: str | None = None, after: str = ""
) -> Page[MailLine]:
    """The newest first, of the mailboxes that they are a reader of. One query; the look is kept. Raises NotAllowed."""
    permissions.require(by, READ)
    where: dict[str, object] = {
        "reader": None if by.kind == ActorKind.SYSTEM else by.id,
        "box": box,
        "done": done,
        "limit": PAGE + 1,
    }
    where |= _place(after)
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
        "answered_at",
    )
    found = [dict(zip(names, row, strict=True)) for row in fetch_all(_MAILS, where)]
    rows = [MailLine(**(row | {"done": Mail.Done(row["done"])})) for row in found]
    if rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.mails")
    return page_of(rows, size=PAGE, key=lambda row: (row.received_at.isoformat(), row.id))


def _place(after: str) -> dict[str, object]:
    """Behind which mail a page begins; behind none where the cursor is none of ours."""
    values = read_cursor(after, length=2)
    try:
        return {"at": datetime.fromisoformat(values[0]), "id": UUID(values[1])} if values else {"at": None, "id": None}
    except ValueError:
        return {"at": None, "id": None}


def mail(mail_id: UUID, *, by: Actor, at: datetime) -> ShownMail:
    """One mail with its attachments, read from the original. The look is kept. Raises NotFound, NotAllowed."""
    found = readable_by(by).filter(pk=mail_id).first()
    if found is None:
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=None, page="workspace.mail", reason=str(mail_id))
    whole = read(_raw(mail_id))
    return ShownMail(
        mail=found,
        attachments=whole.attachments,
        enclosed=list(Enclosed.objects.filter(mail=found).order_by("place")),
        html=whole.html_parts,
        route=Route.objects.filter(mail=found).first(),
        parts=list(Part.objects.filter(mail=found).order_by("at")),
        due_at=next((row[0] for row in fetch_all(_DUE, (mail_id,))), None),
    )


def inline_picture(mail_id: UUID, content_id: str, *, by: Actor) -> Attachment:
    """A picture that stands in the text of a mail. Raises NotFound, NotAllowed."""
    if not readable_by(by).filter(pk=mail_id).exists():
        raise NotFound
    for one in read(_raw(mail_id)).attachments:
        if one.content_id and one.content_id == content_id:
            return one
    raise NotFound


def original(mail_id: UUID, *, by: Actor, at: datetime) -> bytes:
    """Byte for byte. The look is kept. Raises NotFound, NotAllowed."""
    if not readable_by(by).filter(pk=mail_id).exists():
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=None, page="workspace.mail_original", reason=str(mail_id))
    return _raw(mail_id)


def original_of_complaint(mail_id: UUID | None) -> bytes:
    """Byte for byte, for whoever may see the complaint that it became: the caller has asked that. Raises NotFound."""
    if mail_id is None or not Original.objects.filter(mail_id=mail_id).exists():
        raise NotFound
    return _raw(mail_id)


def _raw(mail_id: UUID) -> bytes:
    return bytes(Original.objects.values_list("raw", flat=True).get(mail_id=mail_id))
