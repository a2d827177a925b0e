"""Events as an iCalendar file (RFC 5545): one, or what is on around a spot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from townhall.neighbourhood.calendar import _folded, _text

USUAL = timedelta(hours=1)  # of an event that says no end


class Shown(Protocol):
    """An event, as a row or as a line of a list."""

    @property
    def id(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...


def calendar_of(events: Sequence[Shown], *, title: str, host: str, page: str, at: datetime) -> str:
    """The whole file. `page`: the address of an event's page, before its id."""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Townhall//Events//EN",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        f"NAME:{_text(title)}",
        f"X-WR-CALNAME:{_text(title)}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        "X-PUBLISHED-TTL:P1D",
    ]
    for one in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.id}@{host}",
            f"DTSTAMP:{_utc(at)}",
            f"DTSTART:{_utc(one.starts_at)}",
            f"DTEND:{_utc(max(one.ends_at or one.starts_at + USUAL, one.starts_at))}",
            f"SUMMARY:{_text(one.title)}",
            *([f"LOCATION:{_text(one.location)}"] if one.location else []),
            f"URL:{page}{one.id}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
