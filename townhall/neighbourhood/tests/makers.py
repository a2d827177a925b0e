"""Made-up rounds, streets and addresses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from townhall.clocks.tests.makers import make_calendars
from townhall.core.actors import Actor, ActorKind
from townhall.core.tests.keepsakes import kept
from townhall.neighbourhood.models import AddressRound, Round
from townhall.places.models import Address, Area, Street

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
HOME, NEIGHBOUR, ELSEWHERE = "100001", "100002", "100003"
HARBOUR_ROW, MILL_LANE = "7001", "7002"
ROUND = "refuse-mon"
OFFICER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-000000000001", roles=frozenset({"officer"}))


def at(on: date, hour: int = 10, minute: int = 0) -> datetime:
    """In winter, so London's clocks show UTC."""
    return datetime.combine(on, time(hour, minute), UTC)


@kept
def make_place() -> None:
    """Two homes in Harbour Row on a weekly Monday round, and one in Mill Lane that no round visits."""
    make_calendars(at(MONDAY))
    Area.objects.create(kind="ward", code="W1", name="Harbour", rings=[])
    for usrn, name in ((HARBOUR_ROW, "Harbour Row"), (MILL_LANE, "Mill Lane")):
        Street.objects.create(usrn=usrn, name=name, search_text=name.lower(), easting=1, northing=1)
    for uprn, usrn in ((HOME, HARBOUR_ROW), (NEIGHBOUR, HARBOUR_ROW), (ELSEWHERE, MILL_LANE)):
        Address.objects.create(
            uprn=uprn,
            street_id=usrn,
            line=f"{uprn} Street",
            postcode="ZZ12AB",
            search_text="",
            easting=1,
            northing=1,
            ward_code="W1",
        )
    make_round(ROUND)
    for uprn in (HOME, NEIGHBOUR):
        AddressRound.objects.create(uprn=uprn, usrn=HARBOUR_ROW, round_id=ROUND)


def make_round(code: str, *, stream: str = "refuse", first_on: date = date(2026, 1, 5), weeks: int = 1) -> Round:
    return Round.objects.create(
        code=code,
        stream=stream,
        weekday=first_on.weekday(),
        every_weeks=weeks,
        first_on=first_on,
        ends_at=time(15, 30),
    )
