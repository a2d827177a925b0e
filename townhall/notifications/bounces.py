"""Mail that comes back: a delivery status notification (RFC 3464), as another mail server sends it to the bounce address.

The mail server of the council hands each mail to that address on to us. It names the mail that failed by its Message-ID, which holds our
message's id, and the address; only when both are those of one message of ours is it believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.message import Message as Part
from email.policy import default
from uuid import UUID

from django.db import transaction

from townhall.core.errors import BadInput
from townhall.notifications import addresses, sending
from townhall.notifications.models import Message
from townhall.notifications.states import Channel, Failing, State

LONGEST = 2_000_000  # bytes
_OURS = re.compile(r"<([0-9a-f]{32})@")
# Of permanent failures, those that say nothing of the address: the mailbox is full, the mail too large or not liked.
_NOT_THE_ADDRESS = re.compile(r"5\.(?:2\.[23]|3\.|6\.|7\.)")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What a notification says of one address."""

    address: str
    status: str  # RFC 3463, such as 5.1.1
    words: str

    @property
    def is_of_address(self) -> bool:
        return self.status.startswith("5.") and not _NOT_THE_ADDRESS.match(self.status)


@transaction.atomic
def receive(raw: bytes, *, at: datetime) -> bool:
    """Note that a mail came back; False when it is no notification of failure, of no mail of ours, or known. Raises BadInput."""
    if len(raw) > LONGEST:
        raise BadInput({"mail": f"More than {LONGEST} bytes"})
    mail = message_from_bytes(raw, policy=default)
    failures = {addresses.address_key(Channel.EMAIL, one.address): one for one in failures_in(mail)}
    if not failures or (message_id := _message_id(mail)) is None:
        return False
    message = Message.objects.select_for_update().filter(pk=message_id, channel=Channel.EMAIL).first()
    if message is None:
        return False
    failure = failures.get(addresses.address_key(Channel.EMAIL, message.recipient_address))
    return failure is not None and _note(message, failure, at=at)


def _note(message: Message, failure: Failure, *, at: datetime) -> bool:
    reason = f"{failure.status} {failure.words}".strip()
    is_news = message.state in (State.SENDING, State.SENT, State.DELIVERED)
    if is_news:
        sending.fail(message, reason, at=at)
    marked = failure.is_of_address and sending.mark_address(message, Failing.BOUNCED, reason, at=at)
    return is_news or marked


def failures_in(mail: EmailMessage | Part) -> Iterator[Failure]:
    """The addresses that a notification gives up on; one that says "delayed" gives up on none."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status" or not isinstance(part.get_payload(), list):
            continue
        for block in part.get_payload():
            assert isinstance(block, Part)
            address = _after_type(str(block.get("Original-Recipient") or block.get("Final-Recipient") or ""))
            if address and str(block.get("Action", "")).strip().lower() == "failed":
                words = _after_type(str(block.get("Diagnostic-Code", "")))
                yield Failure(address=address, status=str(block.get("Status", "")).strip()[:20], words=words[:300])


def _after_type(value: str) -> str:
    """`rfc822; ann@example.org` without its type."""
    return " ".join(value.rpartition(";")[2].split()) if ";" in value[:20] else " ".join(value.split())


def _message_id(mail: EmailMessage | Part) -> UUID | None:
    """Of the mail that is returned within the notification."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            found = _OURS.search(str(part.get_payload(decode=False)))
        elif part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            found = _OURS.search(str(part.get_payload()[0].get("Message-ID", "")))  # type: ignore[union-attr, index]
        else:
            continue
        if found:
            return UUID(found[1])
    return None
