from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.notifications.models import Message
from townhall.notifications.operations import send
from townhall.notifications.recipients import Recipient

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANN = Recipient(name="Ann Example", email="ann@example.org")


def a_case() -> Subject:
    return Subject(kind="case", id=uuid7())


def make_message(
    *,
    to: Recipient = ANN,
    key: str | None = None,
    wording: str = "Subject: Your report\n\nWe have it.",
    at: datetime = MONDAY,
    case_id: UUID | None = None,
    unsubscribe_url: str = "",
) -> Message:
    about = a_case()
    key = key or f"ack-{about.id}"
    context = {"unsubscribe_url": unsubscribe_url} if unsubscribe_url else {}
    send("check", to=to, about=about, key=key, context=context, at=at, case_id=case_id, override=wording)
    return Message.objects.get(key=key)


def later(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)
