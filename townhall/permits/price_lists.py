"""The council changes what permits cost: a list of prices from a day on, by one officer, on screen. What was charged before stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.core.turns import take_turn
from townhall.ledger import operations as ledger
from townhall.permits.models import Band, Price
from townhall.permits.pricing import MONTHS

MAY = "permits.prices"
NUMBERS = (1, 2, 3)  # the home's first permit, its second, and each after that
MOST_PENCE = 1_000_000
Cell = tuple[str, int, int]  # engine, number of the permit in its home, months
CELLS: tuple[Cell, ...] = tuple(
    (band, number, months) for number in NUMBERS for band in Band.values for months in MONTHS
)


@dataclass(frozen=True, kw_only=True)
class Version:
    """The prices that one change set. `by`: a user id, empty for what came with Townhall."""

    from_on: date
    by: str
    at: datetime | None
    prices: dict[Cell, Pence]


def versions(zone_code: str) -> list[Version]:
    """Every change of a zone's own prices ("": those of any zone), the latest day first. One query."""
    found: dict[date, list[Price]] = {}
    for row in Price.objects.filter(zone_code=zone_code).order_by("-from_on", "number"):
        found.setdefault(row.from_on, []).append(row)
    return [
        Version(
            from_on=day,
            by=rows[0].set_by,
            at=rows[0].set_at,
            prices={(row.band, row.number, row.months): Pence(row.pence) for row in rows},
        )
        for day, rows in found.items()
    ]


def in_force(zone_code: str, *, on: date) -> dict[Cell, Pence]:
    """The price of every cell on a day, as `pricing.price` gives them. One query."""
    rows = Price.objects.filter(zone_code__in=["", zone_code], from_on__lte=on).order_by("zone_code", "from_on")
    return {(row.band, row.number, row.months): Pence(row.pence) for row in rows}


@transaction.atomic
def set_prices(zone_code: str, prices: Mapping[Cell, Pence], *, from_on: date, by: Actor, at: datetime) -> None:
    """Set what changes from a day on; what stays as it is needs no new row. The same day again replaces what was planned for it.

    zone_code: "" for every zone without prices of its own. Raises NotAllowed, NotFound for a cell that is none, BadInput for a day
    that is not to come (people have been charged by the prices of the days before), an amount that is out of bounds, or no change.
    """
    require(by, MAY)
    take_turn(f"permit prices {zone_code}")
    if set(prices) - set(CELLS):
        raise NotFound
    if from_on <= council_date(at):
        raise BadInput({"from_on": _("Enter a day from tomorrow on")})
    if any(not 0 <= pence <= MOST_PENCE for pence in prices.values()):
        raise BadInput({"prices": _("Enter prices from £0 to £10,000")})
    planned = Price.objects.filter(zone_code=zone_code, from_on=from_on)
    planned.delete()
    before = in_force(zone_code, on=from_on)
    changed = {cell: pence for cell, pence in prices.items() if before.get(cell) != pence}
    if not changed:
        raise BadInput({"prices": _("These are the prices already")})
    changed = _whole(zone_code, changed, before, from_on) if zone_code else changed
    Price.objects.bulk_create(
        Price(zone_code=zone_code, band=band, number=number, months=months, pence=pence, from_on=from_on,
              set_by=by.id, set_at=at)
        for (band, number, months), pence in changed.items()
    )  # fmt: skip
    ledger.record(
        "permit.prices_set",
        about=_list_of(zone_code),
        by=by,
        at=at,
        data={"zone": zone_code, "from_on": from_on.isoformat(),
              "prices": {"-".join(map(str, cell)): [before.get(cell), pence] for cell, pence in changed.items()}},
    )  # fmt: skip


def _whole(
    zone_code: str, changed: dict[Cell, Pence], before: Mapping[Cell, Pence], from_on: date
) -> dict[Cell, Pence]:
    """With the prices of a home's other permits: a zone's own row for the first would hold for those after it too."""
    rows = Price.objects.filter(zone_code=zone_code, from_on__lte=from_on)
    own = set(rows.values_list("band", "number", "months"))
    lines = {(band, months) for band, _number, months in changed}
    others = {(band, number, months) for band, months in lines for number in NUMBERS} - own
    return {**{cell: before[cell] for cell in others if cell in before}, **changed}


@transaction.atomic
def take_back(zone_code: str, *, from_on: date, by: Actor, at: datetime) -> None:
    """Take a change back that has not begun. Raises NotAllowed, NotFound when there is none to come on that day."""
    require(by, MAY)
    if from_on <= council_date(at) or not Price.objects.filter(zone_code=zone_code, from_on=from_on).delete()[0]:
        raise NotFound
    data: dict[str, object] = {"zone": zone_code, "from_on": from_on.isoformat()}
    ledger.record("permit.prices_taken_back", about=_list_of(zone_code), by=by, at=at, data=data)


def zones_with_prices() -> dict[str, date]:
    """The zones with prices of their own, with the latest day of a change."""
    rows = Price.objects.exclude(zone_code="").values_list("zone_code").annotate(Max("from_on"))
    return dict(rows)


def _list_of(zone_code: str) -> Subject:
    return Subject(kind="permit_prices", id=uuid5(NAMESPACE_URL, f"townhall:permit-prices:{zone_code}"))
