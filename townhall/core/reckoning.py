"""What JSON Logic reckons with: numbers as people type them, dates as text, and how they add up. Nothing here raises."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce

_MOMENT = re.compile(
    r"^(?:\d{4}-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}.*)?)?|\d{2}:\d{2})$"
)  # a month, a date, a moment; a time of day
LONGEST = 1_000_000  # characters of a text put together


def number(value: object) -> int | float | None:
    """An int stays one, so that pence stay pence. None for what is no number, infinity and its like among them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = value if isinstance(value, int) else float(value)
        return found if math.isfinite(found) else None
    except (ValueError, OverflowError):
        return None


def pair(one: object, two: object) -> tuple[float, float] | tuple[str, str] | None:
    """Two things that can be put in order: two numbers, or two dates or times of the same length. None when they cannot."""
    first, second = number(one), number(two)
    if first is not None and second is not None:
        return first, second
    if isinstance(one, str) and isinstance(two, str) and _MOMENT.match(one) and _MOMENT.match(two):
        length = min(len(one), len(two))  # a moment against a date: by the date
        if (":" in one[:3]) == (":" in two[:3]):
            return one[:length], two[:length]
    return None


def add_up(values: Sequence[object]) -> int | float | None:
    """The sum, taking what was not answered as nothing. None when something is no number. Lists are added up too."""
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return _over(lambda one, two: one + two, [0 if item in (None, "") else item for item in (0, *flat)])


def _over(work: Callable[[float, float], float], values: Sequence[object]) -> int | float | None:
    known = [number(value) for value in values]
    found = [one for one in known if one is not None]
    if not found or len(found) < len(known):
        return None
    try:
        return number(reduce(work, found))
    except (ZeroDivisionError, OverflowError):
        return None


def less(values: Sequence[object]) -> int | float | None:
    return _over(lambda one, two: one - two, [0, *values] if len(values) == 1 else values)


def times(values: Sequence[object]) -> int | float | None:
    return _over(lambda one, two: one * two, values)


def divide(values: Sequence[object]) -> int | float | None:
    return _over(lambda one, two: one / two, values)


def least(values: Sequence[object]) -> int | float | None:
    return _over(min, values)


def most(values: Sequence[object]) -> int | float | None:
    return _over(max, values)


def rounded(values: Sequence[object]) -> int | None:
    """To a whole number, halves away from nothing, as money is rounded."""
    found = number(values[0]) if values else None
    return None if found is None else int(math.copysign(math.floor(abs(found) + 0.5), found))


def length(values: Sequence[object]) -> int:
    """Characters of a text, items of a list; 0 of anything else."""
    first = values[0] if values else None
    return len(first) if isinstance(first, str | list) else 0


def together(values: Sequence[object]) -> str:
    """The texts one after another; what is not there is nothing."""
    return "".join("" if value is None else str(value)[:LONGEST] for value in values)[:LONGEST]


def later(values: Sequence[object]) -> str | None:
    """`[date, number, "days"|"months"|"years"]`: the date so much later (earlier when negative), as ISO text. None when it is no date.

    A month that is too short gives its last day: a year after 29 February is 28 February.
    """
    if len(values) < 3:
        return None
    by = number(values[1])
    try:
        start = date.fromisoformat(str(values[0])[:10])
        if by is None or abs(by) > 100_000:
            return None
        if str(values[2]).rstrip("s") == "day":
            return (start + timedelta(days=int(by))).isoformat()
        months = int(by) * (12 if str(values[2]).rstrip("s") == "year" else 1)
        return _months_on(start, months).isoformat()
    except (ValueError, OverflowError):
        return None


def _months_on(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(start.day, 28))


RECKONING: Mapping[str, Callable[[Sequence[object]], object]] = {
    "+": add_up,
    "-": less,
    "*": times,
    "/": divide,
    "min": least,
    "max": most,
    "round": rounded,
    "length": length,
    "cat": together,
    "later": later,
}
