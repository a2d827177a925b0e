"""A telephone interpreter for the conversation that is going on, and interpreters and signers booked for a meeting.

POST /calls; GET /calls/<id>; POST /calls/<id>/end; POST /interpreters; POST /interpreters/<id>/cancel. Money is in pence.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import msgspec

from townhall.connectors import records
from townhall.connectors.protocol import Refused


class Call(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: str  # connecting, connected, ended, failed
    join: str = ""  # what the adviser dials
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    pence: int | None = None  # once it is over


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    interpreter: str
    pence: int | None = None


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    pence: int | None = None  # what is still to pay


def start(target: str, *, language: str, third: str, key: str, at: datetime) -> Call | Refused:
    """third: the number of who joins, as +44…; empty for two on the line. Raises LookUpFailed: then ask again under the same key."""
    return records.act(target, "/calls", {"language": language, "third": third}, Call, key=key, at=at)


def call(target: str, call_id: str, *, at: datetime) -> Call | None:
    return records.read(target, f"/calls/{quote(call_id, safe='')}", Call, at=at)


def end(target: str, call_id: str, *, key: str, at: datetime) -> Call | Refused:
    return records.act(target, f"/calls/{quote(call_id, safe='')}/end", {}, Call, key=key, at=at)


def book(target: str, wanted: dict[str, object], *, key: str, at: datetime) -> Booked | Refused:
    """wanted: kind, language, where, place, starts_at, minutes. Refused: nobody is free then. Raises LookUpFailed."""
    return records.act(target, "/interpreters", wanted, Booked, key=key, at=at)


def cancel(target: str, booking_id: str, *, key: str, at: datetime) -> Cancelled | Refused:
    return records.act(target, f"/interpreters/{quote(booking_id, safe='')}/cancel", {}, Cancelled, key=key, at=at)
