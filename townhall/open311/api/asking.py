"""Reading what a caller asks: dates, lists of codes, pages, jurisdiction and key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from townhall.accounts import guessing, keys
from townhall.accounts.web import client_address
from townhall.core.actors import PUBLIC, Actor
from townhall.core.references import parse_reference
from townhall.core.time import LONDON
from townhall.forms.typed import clean_line
from townhall.open311.api.refusing import Refused
from townhall.open311.requests import Window

SPAN = timedelta(days=90)
MOST = 1_000  # rows in one answer
LAST_PAGE = 1_000
WRITE = "open311.write"
_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d$)")  # "+01:00" in an address arrives as " 01:00"


def jurisdiction(given: QueryDict) -> None:
    """Empty is as good as absent. Raises Refused for one that is not served here."""
    asked = given.get("jurisdiction_id", "").strip()
    if asked and asked not in settings.OPEN311_JURISDICTIONS:
        raise Refused(404, _("jurisdiction_id was not found: this endpoint serves another council."))


def reader(request: HttpRequest, *, at: datetime) -> Actor:
    """Who reads. A key is not needed; with one, its own reports that are not public are seen too. Raises KeyRefused for a bad one."""
    key = keys.shown(request.headers, request.GET)
    return keys.check(key, scope=WRITE, at=at) if key else PUBLIC


def writer(request: HttpRequest, *, at: datetime) -> Actor:
    """Who writes. Raises KeyRefused."""
    return keys.check(keys.shown(request.headers, request.POST, request.GET), scope=WRITE, at=at)


def moment(text: str, *, name: str) -> datetime:
    """A W3C datetime with its offset, in UTC. Raises Refused."""
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub("+", text.strip()))
        if found.tzinfo is None:
            found = found.replace(tzinfo=LONDON)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        words = _("%(name)s must be a date and time with an offset, like 2026-03-02T09:30:00+00:00.")
        raise Refused(400, words % {"name": name}) from error


def window(given: QueryDict, *, at: datetime) -> Window:
    """From start_date to end_date, at most 90 days; the last 90 days when neither is given. Raises Refused."""
    first, last = given.get("start_date", "").strip(), given.get("end_date", "").strip()
    start = moment(first, name="start_date") if first else None
    end = moment(last, name="end_date") if last else None
    try:
        if end is None:
            end = min(start + SPAN, at) if start is not None and start < at else start or at
        if start is None:
            start = end - SPAN
        too_long = end - start > SPAN
    except OverflowError as error:
        raise Refused(400, _("start_date and end_date are too far away.")) from error
    if end < start:
        raise Refused(400, _("end_date must be later than start_date."))
    if too_long:
        raise Refused(400, _("start_date and end_date may be at most 90 days apart."))
    return Window(start=start, end=end)


def codes(text: str) -> list[str]:
    """A list written with commas."""
    return [code for one in text.split(",") if (code := clean_line(one))][:MOST]


def page(given: QueryDict) -> tuple[int, int]:
    """(rows to skip, rows to give). Raises Refused."""
    size = whole_number(given, "page_size", default=MOST, most=MOST)
    return (whole_number(given, "page", default=1, most=LAST_PAGE) - 1) * size, size


def whole_number(given: QueryDict, name: str, *, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise Refused(400, _("%(name)s must be a whole number of 1 or more.") % {"name": name})
    return min(int(text), most)


def may_ask(request: HttpRequest, *, by: Actor) -> None:
    """Raises Refused for a caller without a key who guessed too often. Keys have their own limit."""
    if by is PUBLIC and (seconds := guessing.wait(client_address(request))):
        raise _too_often(seconds)


def note_misses(request: HttpRequest, wanted: Sequence[str], *, found: int, by: Actor, at: datetime) -> None:
    """Count what could be a number of a report and is none that may be seen. Raises Refused when that was too often."""
    possible = {one for one in map(parse_reference, wanted) if one}
    missed = len(possible) - found
    if by is PUBLIC and missed > 0 and (seconds := guessing.missed(client_address(request), at=at, times=missed)):
        raise _too_often(seconds)


def _too_often(seconds: int) -> Refused:
    return Refused(429, _("Too many numbers asked for that are none. Try again later."), retry_after=seconds)
