"""The roll-up of surveys by month, point, service and channel; and what of it may be shown: small numbers are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from townhall.core.db import execute
from townhall.core.time import council_date
from townhall.feedback.models import Month

FEWEST = 5  # answers; of fewer somebody might be known again
_COUNT = """INSERT INTO feedback_month (month, point, service_code, channel, asked, answered, satisfied, dissatisfied)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (month, point, service_code, channel) DO UPDATE SET asked = feedback_month.asked + EXCLUDED.asked,
      answered = feedback_month.answered + EXCLUDED.answered, satisfied = feedback_month.satisfied + EXCLUDED.satisfied,
      dissatisfied = feedback_month.dissatisfied + EXCLUDED.dissatisfied"""


def count(point: str, service: str, channel: str, *, at: datetime, asked: int = 0, score: int | None = None) -> None:
    """In the caller's transaction. An answer counts in the month it was given."""
    month = council_date(at).replace(day=1)
    is_good, is_poor = score is not None and score >= 4, score is not None and score <= 2
    execute(_COUNT, (month, point, service, channel, asked, int(score is not None), int(is_good), int(is_poor)))


@dataclass(frozen=True, kw_only=True)
class Line:
    """`satisfied` and `dissatisfied` in a hundred; None where they are suppressed."""

    code: str
    asked: int | None
    answered: int | None
    satisfied: int | None
    dissatisfied: int | None


def by_service(month: date, *, point: str = "") -> list[Line]:
    return _lines(_of(month, point), lambda row: row.service_code)


def by_channel(month: date, *, point: str = "") -> list[Line]:
    return _lines(_of(month, point), lambda row: row.channel)


def whole(month: date, *, point: str = "") -> Line:
    found = _lines(_of(month, point), lambda row: "")
    return found[0] if found else Line(code="", asked=None, answered=None, satisfied=None, dissatisfied=None)


def months() -> list[date]:
    """Those with anything, newest first. One query."""
    return list(Month.objects.values_list("month", flat=True).distinct().order_by("-month")[:24])


def _of(month: date, point: str) -> list[Month]:
    rows = Month.objects.filter(month=month)
    return list(rows.filter(point=point) if point else rows)


def _lines(rows: Sequence[Month], key: Callable[[Month], str]) -> list[Line]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        one = sums.setdefault(key(row), [0, 0, 0, 0])
        for place, number in enumerate((row.asked, row.answered, row.satisfied, row.dissatisfied)):
            one[place] += number
    small = {code for code, one in sums.items() if one[1] < FEWEST}
    if len(small) == 1 and len(sums) > 1:  # the only one that is hidden could be worked out from the sum of all
        rest = {code: one for code, one in sums.items() if code not in small}
        small.add(min(rest, key=lambda code: (rest[code][1], code)))
    return [_line(code, sums[code], is_small=code in small) for code in sorted(sums)]


def _line(code: str, one: Sequence[int], *, is_small: bool) -> Line:
    asked, answered, satisfied, dissatisfied = one
    if is_small:
        return Line(code=code, asked=None, answered=None, satisfied=None, dissatisfied=None)
    return Line(
        code=code,
        asked=asked,
        answered=answered,
        satisfied=round(100 * satisfied / answered),
        dissatisfied=round(100 * dissatisfied / answered),
    )
