"""When somebody outside can be reached, as it is typed: "Mon-Fri 09:00-17:00; Sat 10:00-12:30", "always", or nothing."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from townhall.core.time import LONDON, aware

ALWAYS: Final = "always"
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART: Final = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d:\d\d)-(\d\d:\d\d)", re.IGNORECASE)
_LONGEST = 300


@lru_cache(maxsize=500)
def read(text: str) -> tuple[tuple[int, time, time], ...]:
    """Weekday (Monday is 0), from and to; to before from goes past midnight. Raises ValueError with a sentence."""
    if not text or text == ALWAYS:
        return ()
    found = []
    for part in re.split(r"[;,]", text[:_LONGEST]):
        match = _PART.fullmatch(" ".join(part.split()))
        if match is None or match[1].lower() not in _DAYS or (match[2] and match[2].lower() not in _DAYS):
            raise ValueError(_("Write the hours like “Mon-Fri 09:00-17:00; Sat 10:00-12:30”, or “always”"))
        first, last = _DAYS.index(match[1].lower()), _DAYS.index((match[2] or match[1]).lower())
        try:
            opens, closes = time.fromisoformat(match[3]), time.fromisoformat(match[4])
        except ValueError:
            raise ValueError(_("There is no such time: %(part)s") % {"part": part.strip()}) from None
        days = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
        found += [(day, opens, closes) for day in days]
    return tuple(found)


def is_open(text: str, *, at: datetime) -> bool | None:
    """Whether they can be reached at that moment; None when their hours are not known."""
    if not text:
        return None
    if text == ALWAYS:
        return True
    local = aware(at).astimezone(LONDON)
    today, yesterday, clock = local.weekday(), (local - timedelta(days=1)).weekday(), local.time()
    for day, opens, closes in read(text):
        if closes > opens:
            if day == today and opens <= clock < closes:
                return True
        elif (day == today and clock >= opens) or (day == yesterday and clock < closes):
            return True
    return False


def in_words(text: str) -> str:
    """For people: “Mon–Fri 09:00–17:00; Sat …”."""
    return _("At any hour") if text == ALWAYS else text.replace("-", "–")
