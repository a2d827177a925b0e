"""Text messages that people send us. Each is kept once, and is itself the job to act on it: higher apps know what it means."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import PUBLIC
from townhall.core.db import insert_unless_there
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import full_number
from townhall.notifications.wording import sendable

LONGEST = 4_000  # characters; a text of ten parts has 1,530


@transaction.atomic
def receive(*, provider_id: str, number: str, body: str, sent_at: datetime, at: datetime) -> bool:
    """Keep what came; False when the provider had told us of it. Raises BadInput without an id, or for what is no number."""
    provider_id = provider_id.replace("\x00", "").strip()[:200]
    given = number.strip()
    sender = (
        full_number(given if given.startswith(("+", "0")) else f"+{given}") or (given if given.isdecimal() else "")[:20]
    )
    if not provider_id:
        raise BadInput({"id": _("A text message needs an id of its own.")})
    if not sender:
        raise BadInput({"source_number": _("That is not a phone number.")})
    row = {
        "id": uuid7(),
        "provider_id": provider_id,
        "number": sender,
        "body": sendable(body)[:LONGEST],
        "sent_at": aware(sent_at),
        "received_at": aware(at),
        "done": "",
        "case_id": None,
    }
    if not insert_unless_there("notifications_receivedtext", row):
        return False
    ledger.record("text.received", about=Subject(kind="received_text", id=row["id"]), by=PUBLIC, at=at)  # type: ignore[arg-type]
    return True
