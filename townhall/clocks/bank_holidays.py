"""Bank holidays by division, from the `holidays` package or from a file in the shape of GOV.UK's bank-holidays.json.

Neither is asked over the network: a council that wants the newest list saves https://www.gov.uk/bank-holidays.json and loads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import holidays
import msgspec

from townhall.clocks.working_days import WEEKEND

BankHolidays = Mapping[str, Mapping[date, str]]  # by division, each day with its title; never a Saturday or Sunday

_SUBDIVISION_OF: Final = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
DIVISIONS: Final = tuple(_SUBDIVISION_OF)


class _Event(msgspec.Struct):
    title: str
    date: date


class _Division(msgspec.Struct):
    events: list[_Event]


class UnreadableFile(ValueError):
    """The file is not in the shape of GOV.UK's bank-holidays.json."""


def computed(years: Iterable[int]) -> BankHolidays:
    """The bank holidays of those years as the `holidays` package knows them, one-off days included."""
    wanted = tuple(sorted(years))
    return {division: _computed(subdivision, wanted) for division, subdivision in _SUBDIVISION_OF.items()}


@lru_cache(maxsize=16)
def _computed(subdivision: str, years: tuple[int, ...]) -> Mapping[date, str]:
    return MappingProxyType(_weekdays(holidays.country_holidays("GB", subdiv=subdivision, years=years)))


def from_file(path: Path) -> BankHolidays:
    """The bank holidays in a file. Raises UnreadableFile."""
    try:
        divisions = msgspec.json.decode(path.read_bytes(), type=dict[str, _Division])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} is not in the shape of GOV.UK's bank-holidays.json: {error}") from error
    missing = [division for division in DIVISIONS if division not in divisions]
    if missing:
        raise UnreadableFile(f"{path.name} has no bank holidays of {', '.join(missing)}.")
    return {name: _weekdays({event.date: event.title for event in divisions[name].events}) for name in DIVISIONS}


def _weekdays(days: Mapping[date, str]) -> dict[date, str]:
    """A bank holiday on a weekend is kept on its substitute day, which is listed as well."""
    return {on: title for on, title in sorted(days.items()) if on.weekday() not in WEEKEND}
