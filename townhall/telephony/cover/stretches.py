"""Stretches of time from when to when: of a day, or of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import TypeVar

Moment = TypeVar("Moment", time, datetime)


def without(
    wanted: Sequence[tuple[Moment, Moment]], there: Sequence[tuple[Moment, Moment]]
) -> list[tuple[Moment, Moment]]:
    """The parts of `wanted` that nothing in `there` covers, in order."""
    found: list[tuple[Moment, Moment]] = []
    for begins, ends in sorted(wanted):
        at = begins
        for opens, closes in sorted(there):
            if closes <= at or opens >= ends:
                continue
            if opens > at:
                found.append((at, opens))
            at = max(at, closes)
        if at < ends:
            found.append((at, ends))
    return found
