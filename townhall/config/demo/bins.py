"""Bin rounds: each street has a day, and a week of the fortnight for each stream."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

from townhall.config.demo.kinds import Address, AddressRound, Round, Street

_A_MONDAY = date(2026, 1, 5)  # the fortnights are counted from here
_DAYS = ("mon", "tue", "wed", "thu", "fri")
_ENDS = {"refuse": time(15, 30), "recycling": time(16), "garden": time(14)}
_GARDEN_SHARE = 0.45  # of houses that pay for garden waste


def code_of(stream: str, weekday: int, week: int) -> str:
    return f"{stream}-{_DAYS[weekday]}-{'ab'[week]}"


def rounds() -> tuple[Round, ...]:
    return tuple(
        Round(
            code=code_of(stream, weekday, week),
            stream=stream,
            weekday=weekday,
            every_weeks=2,
            first_on=_A_MONDAY + timedelta(days=weekday + 7 * week),
            ends_at=ends_at,
        )
        for stream, ends_at in _ENDS.items()
        for weekday in range(5)
        for week in range(2)
    )


def address_rounds(streets: tuple[Street, ...], addresses: list[Address], random: Random) -> tuple[AddressRound, ...]:
    """Refuse one week and recycling the next, the same day; garden waste with the refuse, for those who pay for it.

    Homes only: businesses make their own arrangements.
    """
    day = {street.usrn: (index // 4 % 5, index % 2) for index, street in enumerate(streets)}
    found: list[AddressRound] = []
    for address in addresses:
        if address.classification != "R":
            continue
        weekday, week = day[address.usrn]
        codes = [code_of("refuse", weekday, week), code_of("recycling", weekday, 1 - week)]
        if not address.number.startswith("Flat") and random.random() < _GARDEN_SHARE:
            codes.append(code_of("garden", weekday, week))
        found += [AddressRound(uprn=address.uprn, usrn=address.usrn, round=code) for code in codes]
    return tuple(found)
