"""What a provider says later about a message it took (standards.md 6.1: repeated up to five times, in any order)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.core.db import insert_unless_there
from townhall.core.errors import BadInput
from townhall.notifications import sending
from townhall.notifications.models import Message
from townhall.notifications.states import State

DELIVERED = "delivered"
# Temporary means that the provider itself has tried for up to 72 hours and gave up.
FINAL = {"permanent-failure", "temporary-failure"}
TRY_AGAIN = "technical-failure"
STATUSES = {DELIVERED, TRY_AGAIN, *FINAL}


@transaction.atomic
def receive(*, provider_id: str, reference: str, status: str, at: datetime) -> bool:
    """Note the fate of one attempt; False when it was known, or is of no message of ours.

    reference: our message's id. Raises BadInput for a status that Notify does not have.
    """
    if status not in STATUSES:
        raise BadInput({"status": f"Unknown status {status[:50]}"})
    message = _message(reference)
    if message is None or not insert_unless_there(
        "notifications_receipt",
        {"provider_id": provider_id, "status": status, "message_id": message.id, "at": at},
    ):
        return False
    # A receipt may overtake our own note of the attempt, so a message being sent counts as this attempt's.
    if message.provider_id not in ("", provider_id) or message.state not in (State.SENDING, State.SENT):
        return False
    if status == DELIVERED:
        message.state, message.delivered_at, message.provider_id = State.DELIVERED, at, provider_id
        message.sent_at, message.next_attempt_at = message.sent_at or at, None
    elif status == TRY_AGAIN:
        message.state, message.provider_id = State.PENDING, ""
        message.next_attempt_at = at + sending.back_off(message.attempts)
        message.error = status
    else:
        sending.refuse(message, status, of_address=status == "permanent-failure", at=at)
        return True
    message.save(update_fields=["state", "delivered_at", "provider_id", "sent_at", "next_attempt_at", "error"])
    return True


def _message(reference: str) -> Message | None:
    try:
        return Message.objects.select_for_update().filter(id=UUID(reference)).first()
    except ValueError:
        return None
