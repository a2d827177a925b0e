"""The roll-up of surveys by month, point, service and channel; and what of it may be shown: small numbers are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """`satisfied` and `dissatisfied` in a hundred; None where they are suppressed, or nobody answered."""

    code: str
    asked: int | None
    answered: int | None
    satisfied: int | None
    dissatisfied: int | None


def by_service(month: date, *, point: str = "") -> list[Line]:
    return _lines(_of(month), lambda row: row.service_code, point=point)


def by_channel(month: date, *, point: str = "") -> list[Line]:
    return _lines(_of(month), lambda row: row.channel, point=point)


def whole(month: date, *, point: str = "") -> Line:
    found = _lines(_of(month), lambda row: "", point=point)
    return found[0] if found else Line(code="", asked=None, answered=None, satisfied=None, dissatisfied=None)


def months() -> list[date]:
    """Those with anything, newest first. One query."""
    return list(Month.objects.values_list("month", flat=True).distinct().order_by("-month")[:24])


def _of(month: date) -> list[Month]:
    return list(Month.objects.filter(month=month))


def _lines(rows: Sequence[Month], key: Callable[[Month], str], *, point: str) -> list[Line]:
    sums: dict[str, list[int]] = {}
    answered: dict[str, dict[str, int]] = {}  # by point
    for row in rows:
        if point and row.point != point:
            continue
        at_point = answered.setdefault(row.point, {})
        at_point[key(row)] = at_point.get(key(row), 0) + row.answered
        one = sums.setdefault(key(row), [0, 0, 0, 0])
        for place, number in enumerate((row.asked, row.answered, row.satisfied, row.dissatisfied)):
            one[place] += number
    # What is hidden of one point is hidden of all together too: else it were the one less the other.
    small = {code for each in answered.values() for code in _hidden(each)}
    return [_line(code, sums[code], is_small=code in small) for code in sorted(sums)]


def _hidden(answered: Mapping[str, int]) -> set[str]:
    """Lines of few answers, with so many others that what is hidden, which is the sum less what is shown, is several and enough."""
    found = {code for code, many in answered.items() if _is_few(many)}
    while found and (len(found) == 1 or sum(answered[code] for code in found) < FEWEST):
        rest = [code for code, many in answered.items() if many and code not in found]
        if not rest:
            break
        found.add(min(rest, key=lambda code: (answered[code], code)))
    return found


def _is_few(answered: int) -> bool:
    return 0 < answered < FEWEST


def _line(code: str, one: Sequence[int], *, is_small: bool) -> Line:
    asked, answered, satisfied, dissatisfied = one
    if is_small:
        return Line(code=code, asked=None, answered=None, satisfied=None, dissatisfied=None)
    return Line(
        code=code,
        asked=asked,
        answered=answered,
        satisfied=round(100 * satisfied / answered) if answered else None,
        dissatisfied=round(100 * dissatisfied / answered) if answered else None,
    )
