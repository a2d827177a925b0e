"""Where two browsers meet: a provider makes a link for each side from a room's name.

The name is signed, so that nobody can guess a room or make one of their own. VIDEO_ROOM_URL names the council's WebRTC service; the name is
put in place of `{room}` (or at its end), and the service needs no more than that a page with that address is a room.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

_NAME = re.compile(r"([0-9a-f]{32})-([0-9a-f]{20})")


class LinkProvider(Protocol):
    """Makes the links of a room. Nothing is asked of anybody: both sides only open an address."""

    def link(self, room: str, *, as_host: bool) -> str: ...


class AddressProvider:
    """Any WebRTC service in which an address is a room."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern if "{room}" in pattern else pattern.rstrip("/") + "/{room}"

    def link(self, room: str, *, as_host: bool) -> str:
        address = self._pattern.replace("{room}", quote(room))
        return f"{address}#host" if as_host else address


class NoProvider:
    """None is set up: the stand-in's page says who would meet in which room."""

    def link(self, room: str, *, as_host: bool) -> str:
        return f"{settings.PUBLIC_URL}/video/{room}{'?host' if as_host else ''}"


def provider() -> LinkProvider:
    return AddressProvider(settings.VIDEO_ROOM_URL) if settings.VIDEO_ROOM_URL else NoProvider()


def room_of(session_id: UUID) -> str:
    return f"{session_id.hex}-{_signature(session_id.hex)}"


def session_in(room: str) -> UUID | None:
    """The session that a room's name is of; None when we did not make it."""
    found = _NAME.fullmatch(room)
    if found is None or not hmac.compare_digest(_signature(found[1]), found[2]):
        return None
    return UUID(hex=found[1])


def _signature(name: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), f"video room {name}".encode(), hashlib.sha256).hex()[:20]
