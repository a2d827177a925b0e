"""A day of half-hours as a strip of boxes: filled where enough answer, hatched where too few do. The words beside it say the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from django.utils.translation import gettext as _
from markupsafe import Markup

from townhall.telephony.cover.week import Slot
from townhall.ui.words import time_of_day, weekday_date

BOX, HEIGHT = 24, 26


def strip(on: date, slots: Sequence[Slot]) -> Markup:
    """Empty for a day on which nobody need answer."""
    if not slots:
        return Markup("")
    drawn = []
    for number, slot in enumerate(slots):
        kind = "covered" if slot.is_covered else "open"
        left = number * BOX
        drawn.append(f'<rect class="ws-strip__{kind}" x="{left + 1}" y="1" width="{BOX - 2}" height="{HEIGHT - 2}"/>')
        mark = "→" if slot.diverted_to else str(len(slot.names))
        drawn.append(f'<text x="{left + BOX / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(mark)}</text>')
    few = sum(not slot.is_covered for slot in slots)
    words = _("%(day)s, from %(time)s: %(many)d half-hours, too few answer in %(few)d") % {
        "day": weekday_date(on),
        "time": time_of_day(slots[0].at),
        "many": len(slots),
        "few": few,
    }
    return Markup(  # noqa: S704 - what is not ours is escaped
        f'<svg class="ws-strip" viewBox="0 0 {BOX * len(slots)} {HEIGHT}" role="img" aria-label="{escape(words)}">{"".join(drawn)}</svg>'
    )
