"""When nobody is disturbed."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings

from townhall.core.time import LONDON, aware


def hours() -> tuple[time, time] | None:
    """From when until when, in London; None when alerts go at any time. The setting reads "21:00-08:00"."""
    written = settings.ALERTS_QUIET
    if not written:
        return None
    since, _dash, until = written.partition("-")
    return time.fromisoformat(since.strip()), time.fromisoformat(until.strip())


def over_at(at: datetime) -> datetime:
    """The moment from which somebody may be told: `at` itself outside the quiet hours, otherwise their end."""
    quiet = hours()
    if quiet is None:
        return at
    since, until = quiet
    local = aware(at).astimezone(LONDON)
    now = local.time()
    is_quiet = since <= now < until if since <= until else now >= since or now < until
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if now >= until else 0)
    return datetime.combine(day, until, LONDON)
