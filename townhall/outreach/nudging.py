"""Choosing a nudge, from the process's memory: nothing is asked of the database where a report is created.

What was shown is counted later, from the message itself (`counting`): its link names the nudge, and carries a code of ours.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from townhall.core.db import fetch_one
from townhall.core.refreshing import Refreshing
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel
from townhall.outreach.models import Nudge
from townhall.outreach.states import NudgeState

Place, Audience = Nudge.Place, Nudge.Audience
PLACES_OF: Mapping[str, str] = {
    "case/received": Place.ACKNOWLEDGEMENT,
    "case/referred": Place.ACKNOWLEDGEMENT,
    "payment/receipt": Place.RECEIPT,
}
_ACCOUNT = "SELECT 1 FROM customers_accountlink WHERE customer_id = %s AND ended_at IS NULL AND role = 'self' LIMIT 1"
_MAC_BYTES = 6
LINK = re.compile(r"/n/([a-z0-9-]{1,50})/([\w-]{30})")


@dataclass(frozen=True, kw_only=True)
class Live:
    """A nudge in use."""

    id: UUID
    code: str
    words: str
    places: frozenset[str]
    services: frozenset[str]
    channels: frozenset[str]
    audience: str
    share: int

    def fits(self, place: str, service: str, channel: str, has_account: bool) -> bool:
        return (
            place in self.places
            and (not self.services or service in self.services)
            and (not self.channels or channel in self.channels)
            and (self.audience == Audience.EVERYBODY or (self.audience == Audience.WITH_ACCOUNT) == has_account)
        )


def _load() -> list[Live]:
    rows = Nudge.objects.filter(state=NudgeState.LIVE).order_by("began_at", "id")
    return [
        Live(
            id=row.id,
            code=row.code,
            words=row.words,
            places=frozenset(row.places),
            services=frozenset(row.services),
            channels=frozenset(row.channels),
            audience=row.audience,
            share=row.share,
        )
        for row in rows
    ]


_live = Refreshing(_load)
forget = _live.forget


def live() -> list[Live]:
    return _live.get()


def choose(place: str, *, about: UUID, service: str = "", channel: str = "", has_account: bool = False) -> Live | None:
    """The nudge for somebody at this place. One meant for the service goes before one for all; of several each gets its turn.

    The same `about` always gives the same answer.
    """
    found = [one for one in _live.get() if one.fits(place, service, channel, has_account)]
    if not found:
        return None
    found = [one for one in found if one.services] or found
    draw = about.int & 0xFFFFFFFF  # of a UUIDv7 these are random
    chosen = found[draw % len(found)]
    return chosen if (draw >> 16) % 100 < chosen.share else None


def closing(template: str, channel: Channel, *, to: Recipient, context: Mapping[str, object], about: UUID) -> str:
    """What a message ends with: a nudge and its link, or nothing. Called while the message is made; reads memory alone."""
    place = PLACES_OF.get(template, "")
    if channel is Channel.LETTER and not template.startswith("staff/"):
        place = Place.LETTER
    if not place or channel is Channel.TEXT or not any(place in one.places for one in _live.get()):
        return ""
    chosen = choose(
        place,
        about=about,
        service=str(context.get("service_code", "")),
        channel=str(context.get("came_by", "")),
        has_account=_has_account(to),
    )
    return f"{chosen.words} {link(chosen.code, about)}" if chosen else ""


def _has_account(to: Recipient) -> bool:
    if to.has_account is not None or to.customer_id is None:
        return bool(to.has_account)
    return has_account(to.customer_id)


def has_account(customer_id: UUID) -> bool:
    """One query of an index."""
    return fetch_one(_ACCOUNT, (customer_id,)) is not None


def link(code: str, about: UUID) -> str:
    """Where a nudge leads. It names what it was shown with, and cannot be made up."""
    return f"{settings.PUBLIC_URL}/n/{code}/{token(code, about)}"


def token(code: str, about: UUID) -> str:
    return urlsafe_b64encode(about.bytes + _mac(code, about)).decode().rstrip("=")


def shown_with(code: str, given: str) -> UUID | None:
    """What a link's token was made for; None when we did not make it."""
    try:
        raw = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return None
    if len(raw) != 16 + _MAC_BYTES:
        return None
    about = UUID(bytes=raw[:16])
    return about if hmac.compare_digest(raw[16:], _mac(code, about)) else None


def _mac(code: str, about: UUID) -> bytes:
    return hmac.digest(_key("townhall.nudge"), code.encode() + about.bytes, "sha256")[:_MAC_BYTES]


def mailbox(email: str) -> str:
    """A keyed hash of an address, so that what followed can be counted without keeping it; empty for none."""
    address = email.strip().lower()
    return hmac.new(_key("townhall.nudge.mailbox"), address.encode(), sha256).hexdigest()[:32] if "@" in address else ""


@lru_cache(maxsize=4)
def _key(salt: str) -> bytes:
    return sha256(f"{salt}:{settings.SECRET_KEY}".encode()).digest()
