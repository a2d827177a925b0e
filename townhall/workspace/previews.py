"""What a move would send, shown before it is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.cases.models import Case
from townhall.notifications.models import Message

_TOKEN = re.compile(r"([?&](?:amp;)?me=|/on-call/)[\w:.~%-]+")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One message as it would go out. `others` get the same words."""

    name: str
    address: str
    channel: str
    subject_line: str
    body_html: str
    others: int


def preview_of(case_id: UUID, make: Callable[[], object], *, at: datetime) -> Preview | None:
    """Make the move, read what it wrote to the outbox at that moment, and take everything back.

    So what is shown is what will be sent, whatever the move is. Nothing is committed: neither message nor move. The rule that
    refuses a move refuses its preview. None when nobody would be told.
    """
    with transaction.atomic():
        make()
        about = [case_id, *Case.objects.filter(pk=case_id).values_list("merged_into_id", flat=True)]
        made = list(Message.objects.filter(case_id__in=about, created_at=at).order_by("key"))
        transaction.set_rollback(True)
    if not made:
        return None
    first = made[0]
    return Preview(
        name=first.recipient_name,
        address=first.recipient_address,
        channel=first.channel,
        subject_line=first.subject_line,
        body_html=without_token(first.body_html),
        others=len(made) - 1,
    )


def without_token(text: str) -> str:
    """A message as staff may read it: the part of a link that lets its reader act as whoever it was sent to is left out."""
    return _TOKEN.sub(r"\1…", text)
