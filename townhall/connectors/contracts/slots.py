"""A diary with times that can be taken: looked up, held for some minutes, booked, let go.

GET /slots?trade=&from=; POST /holds; POST /bookings (with `replaces` the earlier booking goes in the same step, so that nobody is
without a time in between); POST /bookings/<id>/release; GET /bookings/<id>. A hold that is not booked goes by itself.
"""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote, urlencode

import msgspec

from townhall.connectors import records
from townhall.connectors.protocol import Refused


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    on: date
    begins: str  # "08:00", London time
    ends: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    until: datetime


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    slot: Slot
    status: str  # booked, on_way, done, no_access, released


class _Slots(msgspec.Struct):
    slots: list[Slot]


def free(target: str, trade: str, *, since: date, at: datetime) -> list[Slot]:
    """Times that nobody holds, the first first. Raises NotFound (no connector), LookUpFailed."""
    query = urlencode({"trade": trade, "from": since})
    found = records.read(target, f"/slots?{query}", _Slots, at=at)
    return found.slots if found else []


def hold(target: str, slot_id: str, *, key: str, at: datetime) -> Hold | Refused:
    """Refused: somebody else has it. Raises LookUpFailed: then it is not ours, and a hold that was made goes by itself."""
    return records.act(target, "/holds", {"slot": slot_id}, Hold, key=key, at=at)


def book(
    target: str, hold_id: str, *, details: dict[str, object], replaces: str, key: str, at: datetime
) -> Booking | Refused:
    """Refused: the hold is over. Raises LookUpFailed: it may be booked; ask again under the same key."""
    content = {"hold": hold_id, "replaces": replaces, **details}
    return records.act(target, "/bookings", content, Booking, key=key, at=at)


def release(target: str, booking_id: str, *, key: str, at: datetime) -> Booking | Refused:
    path = f"/bookings/{quote(booking_id, safe='')}/release"
    return records.act(target, path, {}, Booking, key=key, at=at)


def booking(target: str, booking_id: str, *, at: datetime) -> Booking | None:
    return records.read(target, f"/bookings/{quote(booking_id, safe='')}", Booking, at=at)
