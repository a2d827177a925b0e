"""What other code may read about messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from townhall.core.paging import Page, page_of, read_cursor
from townhall.notifications.html import as_html
from townhall.notifications.models import Message
from townhall.notifications.states import UNFINISHED, State

PAGE_SIZE = 25
LONGEST_WAIT = timedelta(minutes=15)  # a mail server that answers takes a message well within this


@dataclass(frozen=True, kw_only=True)
class Told:
    """One message as a list shows it."""

    id: UUID
    at: datetime  # when it was made
    template: str
    channel: str  # a Channel
    state: str  # a State
    recipient_name: str
    recipient_address: str
    subject_line: str
    body_text: str
    case_id: UUID | None
    sent_at: datetime | None
    error: str  # the last refusal, "" when there was none

    @property
    def body_html(self) -> str:
        """For showing; safe as it is."""
        return as_html(self.body_text)


def _told(rows: QuerySet[Message]) -> list[Told]:
    return [
        Told(
            id=row.id,
            at=row.created_at,
            template=row.template,
            channel=row.channel,
            state=row.state,
            recipient_name=row.recipient_name,
            recipient_address=row.recipient_address,
            subject_line=row.subject_line,
            body_text=row.body_text,
            case_id=row.case_id,
            sent_at=row.sent_at,
            error=row.error,
        )
        for row in rows
    ]


def messages_about(case_id: UUID, *, limit: int = 200) -> list[Told]:
    """Everything said to anybody about a case, newest first. One indexed query."""
    return _told(Message.objects.filter(case_id=case_id).order_by("-created_at", "-id")[:limit])


def inbox_of(customer_id: UUID, *, after: str = "", size: int = PAGE_SIZE) -> Page[Told]:
    """A customer's messages by every channel, newest first, a page at a time. One indexed query.

    Messages still held, or withdrawn while they were, have not been said.
    """
    held = Q(state=State.PENDING, attempts=0, next_attempt_at__gt=F("created_at"))
    said = Message.objects.filter(customer_id=customer_id).exclude(held | Q(state=State.WITHDRAWN))
    rows = said.order_by("-created_at", "-id")
    if cursor := read_cursor(after, length=2):
        at, last = cursor
        rows = rows.filter(_before(at, last))
    return page_of(_told(rows[: size + 1]), size=size, key=lambda one: (one.at.isoformat(), one.id))


def _before(at: str, last: str) -> Q:
    """Rows that come after the one a cursor names; a cursor that names none gives nothing more."""
    try:
        moment, row = datetime.fromisoformat(at), UUID(last)
    except ValueError:
        return Q(pk__in=())
    return Q(created_at__lt=moment) | Q(created_at=moment, id__lt=row)


def stuck(at: datetime, *, allowed: timedelta = LONGEST_WAIT, limit: int = 100) -> list[Told]:
    """Messages still waiting or being sent longer than `allowed` after they were made, oldest first, at most `limit`."""
    rows = Message.objects.filter(
        state__in=[state.value for state in UNFINISHED], created_at__lt=at - allowed, next_attempt_at__isnull=False
    )
    return _told(rows.order_by("created_at")[:limit])
