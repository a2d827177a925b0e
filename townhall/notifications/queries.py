"""What other code may read about messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import aware
from townhall.notifications.html import as_html
from townhall.notifications.models import Message
from townhall.notifications.states import UNFINISHED, State

PAGE_SIZE = 25
LONGEST_WAIT = timedelta(minutes=15)  # a mail server that answers takes a message well within this
_FROM_THE_END = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
# On every home of an account. Messages still held, or withdrawn while they were, have not been said.
_INBOX = """
    SELECT id, created_at, template, channel, state, recipient_name, recipient_address, subject_line, body_text, case_id, sent_at, error
    FROM notifications_message
    WHERE customer_id = %s AND (created_at, id) < (%s, %s) AND state <> %s AND subject_kind <> ALL(%s)
      AND NOT (state = %s AND attempts = 0 AND coalesce(next_attempt_at > created_at, false))
    ORDER BY created_at DESC, id DESC LIMIT %s"""


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


_apart: list[str] = []


def keep_apart(subject_kind: str) -> None:
    """Messages about this go out and are in no list of what was said to somebody."""
    if subject_kind not in _apart:
        _apart.append(subject_kind)


def apart() -> list[str]:
    return list(_apart)


def inbox_of(customer_id: UUID, *, after: str = "", size: int = PAGE_SIZE) -> Page[Told]:
    """A customer's messages by every channel, newest first, a page at a time. One indexed query.

    Messages still held, or withdrawn while they were, have not been said.
    """
    since = _cursor(after)
    asked = (customer_id, *since, State.WITHDRAWN.value, apart(), State.PENDING.value, size + 1) if since else ()
    rows = fetch_all(_INBOX, asked, binary=True) if asked else []
    return page_of([_told_of(row) for row in rows], size=size, key=lambda one: (one.at.isoformat(), one.id))


def _told_of(row: tuple[Any, ...]) -> Told:
    return Told(
        id=row[0],
        at=row[1],
        template=row[2],
        channel=row[3],
        state=row[4],
        recipient_name=row[5],
        recipient_address=row[6],
        subject_line=row[7],
        body_text=row[8],
        case_id=row[9],
        sent_at=row[10],
        error=row[11],
    )


def _cursor(after: str) -> tuple[datetime, UUID] | None:
    """The last row that was shown; None for a cursor that names none, after which comes nothing more."""
    values = read_cursor(after, length=2)
    try:
        return (aware(datetime.fromisoformat(values[0])), UUID(values[1])) if values else _FROM_THE_END
    except (ValueError, OverflowError):
        return None


def stuck(at: datetime, *, allowed: timedelta = LONGEST_WAIT, limit: int = 100) -> list[Told]:
    """Messages still waiting or being sent longer than `allowed` after they were made, oldest first, at most `limit`."""
    rows = Message.objects.filter(
        state__in=[state.value for state in UNFINISHED], created_at__lt=at - allowed, next_attempt_at__isnull=False
    )
    return _told(rows.order_by("created_at")[:limit])
