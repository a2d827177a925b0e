"""What a permit costs, and where it is needed: all of it data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.core.money import Pence
from townhall.permits.models import Band, Permit, Price, ZoneRule
from townhall.permits.states import State

MONTHS = (6, 12)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a zone's list of prices; `pence` by number of months."""

    number: int
    is_last: bool  # it holds for every permit after it too
    band: str
    pence: dict[int, Pence]


def price(zone_code: str, *, band: str, number: int, months: int, on: date) -> Pence:
    """Raises BadInput when the council has no price for it. One query."""
    rows = Price.objects.filter(
        zone_code__in=["", zone_code], band=band, months=months, number__lte=number, from_on__lte=on
    )
    found = rows.order_by("-zone_code", "-number", "-from_on").values_list("pence", flat=True).first()
    if found is None:
        raise BadInput({"months": _("There is no permit of that length for that vehicle")})
    return Pence(found)


def prices(zone_code: str, *, on: date) -> list[Line]:
    """The list of prices of a zone, by number of the permit and engine. One query."""
    rows = Price.objects.filter(zone_code__in=["", zone_code], from_on__lte=on).order_by("zone_code", "from_on")
    found: dict[tuple[int, str], dict[int, Pence]] = {}
    for row in rows:  # the zone's own and the later ones come last, and take the place of the others
        found.setdefault((row.number, row.band), {})[row.months] = Pence(row.pence)
    last = max((number for number, _band in found), default=0)
    order = list(Band.values)
    return [
        Line(number=number, is_last=number == last, band=str(Band(band).label), pence=pence)
        for (number, band), pence in sorted(found.items(), key=lambda one: (one[0][0], order.index(one[0][1])))
    ]


def rule_of(zone_code: str) -> ZoneRule:
    """A zone without rules of its own has the usual ones. One query."""
    return ZoneRule.objects.filter(pk=zone_code).first() or ZoneRule(zone_code=zone_code)


def held_at(uprn: str, *, on: date, but: UUID | None = None) -> int:
    """How many permits a home has or has asked for; one that is being renewed counts once. One query."""
    rows = Permit.objects.filter(uprn=uprn).exclude(renewals__state__in=[State.ASKED, State.ISSUED])
    rows = rows.exclude(pk=but) if but else rows
    return rows.filter(Q(state=State.ASKED) | Q(state=State.ISSUED, ends_on__gte=on)).count()


def months_after(on: date, months: int) -> date:
    """The same day so many months on, or the last of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, on.day)


def months_not_begun(permit: Permit, *, on: date) -> int:
    """Of an issued permit's months, those that begin after a day."""
    assert permit.starts_on is not None
    return sum(months_after(permit.starts_on, number) > on for number in range(permit.months))
