"""Everything other code may read of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.contacts.models import AvoidableReason, Channel, Contact, Reason
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.refreshing import Refreshing

_OPEN = """SELECT k.id, k.channel, k.started_at, k.customer_id, coalesce(c.name, k.given_name), k.given_phone
    FROM contacts_contact k LEFT JOIN customers_customer c ON c.id = k.customer_id
    WHERE k.adviser_id = %s AND k.ended_at IS NULL ORDER BY k.started_at, k.id LIMIT 50"""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A contact that an adviser has open. `who`: the customer's name, or the one given, or empty."""

    id: UUID
    channel: str
    started_at: datetime
    customer_id: UUID | None
    who: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Avoidable:
    code: str
    name: str
    examples: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Words:
    """The council's lists, in their order: code to name, those in use."""

    channels: dict[str, str]
    reasons: dict[str, str]
    avoidable: Sequence[Avoidable]
    begun_by_staff: dict[str, str]  # those in use by which somebody reaches an adviser
    all_channels: dict[str, str]  # also those no longer in use, for past contacts
    all_reasons: dict[str, str]


def conversations(by: Actor) -> list[Conversation]:
    """The contacts `by` has open, the oldest first. One statement."""
    if not by.is_staff:
        return []
    return [
        Conversation(id=row[0], channel=row[1], started_at=row[2], customer_id=row[3], who=row[4], phone=row[5])
        for row in fetch_all(_OPEN, (UUID(by.id),))
    ]


def own(contact_id: UUID, *, by: Actor) -> Contact:
    """A contact of this adviser's, open or over. Raises NotFound."""
    found = Contact.objects.filter(pk=contact_id, adviser_id=by.id).first() if by.is_staff else None
    if found is None:
        raise NotFound
    return found


_WITHOUT_STAFF = {"phone_automated", "web", "account", "kiosk", "api"}  # what comes in by these is kept by itself


def _load() -> Words:
    def active(rows: Any) -> dict[str, str]:
        return {row.code: row.name for row in rows if row.is_active}

    channels = list(Channel.objects.order_by("order", "code"))
    reasons = list(Reason.objects.order_by("order", "code"))
    avoidable = AvoidableReason.objects.filter(is_active=True).order_by("order", "code")
    return Words(
        channels=active(channels),
        begun_by_staff={code: name for code, name in active(channels).items() if code not in _WITHOUT_STAFF},
        reasons=active(reasons),
        avoidable=[Avoidable(code=one.code, name=one.name, examples=one.examples) for one in avoidable],
        all_channels={one.code: one.name for one in channels},
        all_reasons={one.code: one.name for one in reasons},
    )


_words = Refreshing(_load)


def words() -> Words:
    """The lists of channels, reasons and kinds of avoidable contact, at most a few seconds old."""
    return _words.get()
