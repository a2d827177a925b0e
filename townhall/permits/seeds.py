"""Prices that every council starts with. Loading them again keeps what the council has."""

from __future__ import annotations

from datetime import date
from typing import Final

from townhall.permits.models import Band, Price

FROM = date(2020, 1, 1)
# engine: pence for 6 and 12 months of the home's first permit, its second, and each after that
_PRICES: Final = {
    Band.ELECTRIC: ((2_000, 3_500), (3_000, 5_500), (5_000, 9_000)),
    Band.LOW: ((3_000, 5_500), (4_500, 8_000), (7_000, 13_000)),
    Band.MIDDLE: ((4_500, 8_000), (6_500, 12_000), (10_000, 19_000)),
    Band.HIGH: ((6_500, 12_000), (9_000, 17_000), (14_000, 26_500)),
}


def seed_reference_data() -> None:
    if Price.objects.exists():
        return
    Price.objects.bulk_create(
        Price(band=band, number=number, months=months, pence=pence, from_on=FROM)
        for band, rows in _PRICES.items()
        for number, row in enumerate(rows, start=1)
        for months, pence in zip((6, 12), row, strict=True)
    )
