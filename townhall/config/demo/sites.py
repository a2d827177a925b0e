"""Aldermere's sites and when everything is open: the patterns of access hours that councils really have, all fictional.

A pattern is for a site, a service or a channel, or any of them together; empty is any. Times are London wall time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEK = (MON, TUE, WED, THU, FRI)
OFFICE = (time(8, 45), time(17, 15))  # office hours, Monday to Friday


@dataclass(frozen=True, kw_only=True)
class Site:
    code: str
    name: str
    address: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One stretch of opening on one weekday (0 is Monday)."""

    weekday: int
    opens: time
    closes: time
    site: str = ""
    service: str = ""
    channel: str = ""
    closes_latest: time | None = None  # variable closing: it may stay open until then
    by_appointment: bool = False
    answerphone: bool = False  # a message can be left at these times
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Closure:
    """A date with other hours; without times, closed."""

    on: date
    reason: str
    site: str = ""
    service: str = ""
    opens: time | None = None
    closes: time | None = None


SITES = (
    Site(
        code="main-centre", name="Aldermere Customer Centre", address="1 High Street, Aldermere", phone="01632 960100"
    ),
    Site(code="north-office", name="Northgate Area Office", address="2 Station Road, Aldermere", phone="01632 960101"),
    Site(code="harbour-office", name="Harbour Area Office", address="Capstan Green, Aldermere", phone="01632 960102"),
    Site(code="shopmobility", name="Shopmobility", address="Market Street, Aldermere", phone="01632 960103"),
    Site(
        code="leisure-centre", name="Aldermere Leisure Centre", address="Priory Fields, Aldermere", phone="01632 960104"
    ),
)


def _days(days: tuple[int, ...], *stretches: tuple[time, time], **where: str) -> tuple[Hours, ...]:
    return tuple(Hours(weekday=day, opens=opens, closes=closes, **where) for day in days for opens, closes in stretches)  # type: ignore[arg-type]


def _office(*services: str) -> tuple[Hours, ...]:
    return tuple(hours for service in services for hours in _days(WEEK, OFFICE, service=service))


def _all_hours(service: str, channel: str) -> tuple[Hours, ...]:
    """An answerphone or a web form that never closes."""
    answerphone = channel == "answerphone"
    return tuple(
        Hours(
            weekday=day, opens=time(0), closes=time(23, 59), service=service, channel=channel, answerphone=answerphone
        )
        for day in range(7)
    )


_MORNING, _AFTERNOON = (time(9), time(13)), (time(14), time(16, 30))

HOURS: tuple[Hours, ...] = (
    *_days((MON, TUE, WED), OFFICE, site="main-centre"),
    *_days((THU,), (time(9, 45), time(17, 15)), site="main-centre"),
    *_days((FRI,), (time(8, 45), time(16, 45)), site="main-centre"),
    *_days((TUE, THU), _MORNING, _AFTERNOON, site="north-office"),
    *_days((FRI,), _MORNING, (time(14), time(16, 15)), site="north-office"),
    *_days((MON, WED), _MORNING, _AFTERNOON, site="harbour-office"),
    *_days(WEEK, (time(8, 30), time(17, 30)), service="switchboard", channel="phone"),
    # Closing moves with the pressure of work: it may be as early as 4pm and as late as 5:15pm.
    *(
        Hours(weekday=day, opens=time(8, 45), closes=time(16), closes_latest=time(17, 15), service=service)
        for service in ("council-tax", "business-rates")
        for day in WEEK
    ),
    *_days((MON,), (time(9), time(17)), service="housing-benefit"),
    *_days((TUE, WED, THU, FRI), (time(9), time(16)), service="housing-benefit"),
    *_office("finance", "personnel", "environmental-health", "design-services", "building-control", "planning", "leisure"),
    # In practice the phones are covered for longer.
    *_days(WEEK, (time(8), time(18)), service="finance", channel="phone"),
    *_days(WEEK, (time(8, 30), time(17, 30)), service="personnel", channel="phone"),
    *_all_hours("recruitment", "answerphone"),
    *_all_hours("recruitment", "web"),
    # Closed on Thursdays until 9:45 for training; the phones are answered.
    *_days((MON, TUE, WED, FRI), OFFICE, service="housing-needs", channel="counter"),
    *_days((THU,), (time(9, 45), time(17, 15)), service="housing-needs", channel="counter"),
    *_days(WEEK, OFFICE, service="housing-needs", channel="phone"),
    *(
        Hours(weekday=day, opens=OFFICE[0], closes=OFFICE[1], service=service, channel="appointment", by_appointment=True)
        for service in ("housing-needs", "environmental-health", "design-services", "building-control")
        for day in WEEK
    ),
    # Environmental health has an officer on standby from Friday evening to Monday morning.
    *_days((FRI,), (time(16, 45), time(23, 59)), service="environmental-health", channel="standby"),
    *_days((SAT, SUN), (time(0), time(23, 59)), service="environmental-health", channel="standby"),
    *_days((MON,), (time(0), time(8, 45)), service="environmental-health", channel="standby"),
    # Builders are asked to ring before ten.
    *_days(WEEK, (time(8, 45), time(10)), service="building-control", channel="phone"),
    *_days(WEEK, (time(9), time(16)), site="shopmobility"),
    *_days((SAT,), (time(9), time(13)), site="shopmobility"),
    Hours(  # more days before Christmas
        weekday=SUN, opens=time(10), closes=time(16), site="shopmobility", from_on=date(2026, 11, 29), until_on=date(2026, 12, 20)
    ),
    # A planning officer visits one area office on Friday mornings.
    *_days((FRI,), _MORNING, service="planning", site="north-office"),
    *_days((MON, TUE, WED, THU, FRI), (time(6, 30), time(22)), site="leisure-centre"),
    *_days((SAT, SUN), (time(8), time(20)), site="leisure-centre"),
    *_office(
        "chief-executive", "communications", "administration", "policy", "housing-maintenance", "housing-resources", "tenancy", "property"
    ),
)  # fmt: skip

CLOSURES = (
    *(Closure(on=date(2026, 12, day), reason="Christmas closure") for day in (24, 29, 30, 31)),
    Closure(
        on=date(2026, 12, 19),
        reason="Late opening for Christmas shopping",
        site="shopmobility",
        opens=time(9),
        closes=time(18),
    ),
)
