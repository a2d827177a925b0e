"""Addresses that messages do not reach, and numbers that asked for none. Nothing more goes there until that is over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import execute, fetch_all, insert_unless_there
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import full_number
from townhall.notifications.states import Channel, Failing

# A mailbox that was full or a phone that was off for good may work again, and only trying tells.
TRY_AFTER = timedelta(days=90)
# What somebody waits for at a screen, having just typed the address; and the answer to STOP itself.
ALWAYS = ("account/", "texts/")
_FAILING = """
    SELECT u.channel, u.address, u.because FROM notifications_unreachable u
    JOIN unnest(%s::text[], %s::text[]) AS wanted (channel, address) ON u.channel = wanted.channel AND u.address = wanted.address
    WHERE u.ended_at IS NULL AND (u.since > %s OR u.because = 'stopped')"""
_OVER = """UPDATE notifications_unreachable SET ended_at = %s WHERE channel = %s AND address = %s AND ended_at IS NULL
    AND because = ANY(%s)"""
_SPACES = re.compile(r"[\s,]+")


def address_key(channel: str, address: str) -> str:
    """The same for the same mailbox, phone or letter box, however it is written."""
    if channel == Channel.TEXT:
        return full_number(address) or address.strip()
    return _SPACES.sub(" ", address).strip().lower()


def failing(ways: Iterable[tuple[str, str]], *, at: datetime) -> dict[tuple[str, str], Failing]:
    """Of channels with their addresses, those that are not to be used, and why. By address as given. One query; none for none."""
    keys = {way: (way[0], address_key(*way)) for way in ways}
    if not keys:
        return {}
    channels, addresses = zip(*set(keys.values()), strict=True)
    rows = fetch_all(_FAILING, (list(channels), list(addresses), aware(at) - TRY_AFTER))
    found = {(channel, address): Failing(because) for channel, address, because in rows}
    return {way: found[key] for way, key in keys.items() if key in found}


def mark(
    channel: str,
    address: str,
    because: Failing,
    *,
    detail: str,
    about: Subject,
    at: datetime,
    case_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> bool:
    """Use this address no more; False when that was known. Call inside a transaction. `about`: what showed it, such as a message."""
    row = {
        "channel": str(channel),
        "address": address_key(channel, address),
        "because": because.value,
        "detail": detail.replace("\x00", "")[:500],
        "since": aware(at),
        "ended_at": None,
    }
    if not row["address"] or not insert_unless_there("notifications_unreachable", row):
        return False
    ledger.record(
        "address.failing",
        about=about,
        by=SYSTEM,
        at=at,
        case_id=case_id,
        customer_id=customer_id,
        data={"channel": str(channel), "because": because.value},
    )
    return True


def lift(channel: str, address: str, *, stopped: bool = False, by: Actor, at: datetime) -> bool:
    """Try the address again; False when it was in use. `stopped`: also one whose owner asked for no more."""
    because = [one.value for one in Failing if stopped or one is not Failing.STOPPED]
    if not execute(_OVER, (aware(at), str(channel), address_key(channel, address), because)):
        return False
    about = Subject(kind="address", id=uuid7())
    ledger.record("address.in_use", about=about, by=by, at=at, data={"channel": str(channel)})
    return True
