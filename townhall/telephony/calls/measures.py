"""Call figures by the published definitions: from sums of half-hours, so a year costs the same however many calls there were.

Service level: answered within Y seconds ÷ (offered − given up within S seconds). Abandoned: given up after S seconds ÷ the same.
Average wait (ASA): seconds in the queue of those answered ÷ answered. Average handling time (AHT): talk, hold and work after the call ÷
handled. Automated calls are a channel of their own and are left out of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from townhall.core.db import fetch_all, fetch_one
from townhall.core.time import council_date, start_of
from townhall.telephony.models import PhoneStandard

_SUMS = """coalesce(sum(offered), 0)::bigint, coalesce(sum(answered), 0)::bigint, coalesce(sum(answered_in_time), 0)::bigint,
    coalesce(sum(abandoned), 0)::bigint, coalesce(sum(short), 0)::bigint, coalesce(sum(wait_seconds), 0)::bigint,
    coalesce(sum(handled), 0)::bigint, coalesce(sum(handling_seconds), 0)::bigint, coalesce(sum(transferred), 0)::bigint"""
_WHERE = "WHERE half_hour >= %s AND half_hour < %s AND is_automated = %s"
_TOTAL = f"SELECT {_SUMS} FROM telephony_callhalfhour {_WHERE}"  # noqa: S608 - constants
_BY_HALF_HOUR = f"SELECT half_hour, {_SUMS} FROM telephony_callhalfhour {_WHERE} GROUP BY half_hour ORDER BY half_hour"  # noqa: S608
_BY_QUEUE = f"SELECT queue, {_SUMS} FROM telephony_callhalfhour {_WHERE} GROUP BY queue ORDER BY 2 DESC, queue"  # noqa: S608


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Sums and the rates made of them. Seconds and shares are None where there is nothing to divide by."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short: int = 0
    wait_seconds: int = 0
    handled: int = 0
    handling_seconds: int = 0
    transferred: int = 0

    @property
    def service_level(self) -> float | None:
        return _share(self.answered_in_time, self.offered - self.short)

    @property
    def abandon_rate(self) -> float | None:
        return _share(self.abandoned, self.offered - self.short)

    @property
    def average_wait(self) -> int | None:
        return round(self.wait_seconds / self.answered) if self.answered else None

    @property
    def average_handling(self) -> int | None:
        return round(self.handling_seconds / self.handled) if self.handled else None

    @property
    def transfer_rate(self) -> float | None:
        return _share(self.transferred, self.handled)


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def total(*, since: datetime, until: datetime, automated: bool = False) -> Figures:
    return _figures(fetch_all(_TOTAL, (since, until, automated))[0])


def by_half_hour(*, since: datetime, until: datetime, automated: bool = False) -> list[tuple[datetime, Figures]]:
    return [(row[0], _figures(row[1:])) for row in fetch_all(_BY_HALF_HOUR, (since, until, automated))]


def by_queue(*, since: datetime, until: datetime, automated: bool = False) -> list[tuple[str, Figures]]:
    return [(row[0], _figures(row[1:])) for row in fetch_all(_BY_QUEUE, (since, until, automated))]


def _figures(row: Sequence[int]) -> Figures:
    names = Figures.__dataclass_fields__
    return Figures(**{name: int(value) for name, value in zip(names, row, strict=True)})


def last_day(today: date) -> date:
    """The last day with calls, up to today: what is worth looking at first."""
    row = fetch_one("SELECT max(half_hour) FROM telephony_callhalfhour WHERE half_hour < %s", (days(today, today)[1],))
    return council_date(row[0]) if row and row[0] else today


def standard(on: date) -> PhoneStandard:
    """What was in force on a day; the usual one before any was chosen."""
    found = PhoneStandard.objects.filter(from_on__lte=on).order_by("-from_on").first()
    return found or PhoneStandard(from_on=on)


def days(first_on: date, last_on: date) -> tuple[datetime, datetime]:
    """From the first moment of one London day to the last of another."""
    return start_of(first_on), start_of(last_on + timedelta(days=1))
