"""The collections of an address as an iCalendar file (RFC 5545, RFC 7986): all-day events that move and are cancelled as rounds do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from townhall.core.time import council_date
from townhall.neighbourhood.planned import planned

DAYS = 180  # how far ahead
SINCE = 14  # days back, so that a calendar read seldom still learns of a moved day


def calendar(
    uprn: str, *, feed: str, host: str, title: str, page: str, name: Callable[[str], str], at: datetime
) -> str:
    """The whole file. `feed` is opaque: with the stream and the usual day it makes each event's lasting UID."""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Townhall//Collections//EN",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        f"NAME:{_text(title)}",
        f"X-WR-CALNAME:{_text(title)}",
        "X-WR-TIMEZONE:Europe/London",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        "X-PUBLISHED-TTL:P1D",
    ]
    today = council_date(at)
    for one in planned(uprn, since=today - timedelta(days=SINCE), until=today + timedelta(days=DAYS)):
        lines += _event(
            uid=f"{feed}-{one.stream}-{one.usual_on:%Y%m%d}@{host}",
            on=one.on,
            usual_on=one.usual_on,
            summary=name(one.stream),
            reason=one.reason,
            page=page,
            stamp=at,
        )
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(
    *, uid: str, on: date | None, usual_on: date, summary: str, reason: str, page: str, stamp: datetime
) -> list[str]:
    day = on or usual_on
    changed = on != usual_on
    words = reason or (_("Put it out by 6am.") if on else "")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(words)}",
        "CATEGORIES:" + _text(_("Bin collection")),
        f"URL:{page}",
        f"SEQUENCE:{1 if changed else 0}",
        f"STATUS:{'CONFIRMED' if on else 'CANCELLED'}",
        "TRANSP:TRANSPARENT",
    ]
    if on:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT12H", f"DESCRIPTION:{_text(summary)}", "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _text(words: str) -> str:
    """RFC 5545, 3.3.11."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        words = words.replace(plain, written)
    return words


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, never in the middle of a letter (RFC 5545, 3.1)."""
    present = ""
    for letter in line:
        if len((present + letter).encode()) > 75:
            yield present
            present = " "
        present += letter
    yield present
