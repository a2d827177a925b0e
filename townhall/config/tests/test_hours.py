"""Annex A: the patterns of access hours that councils really have, asked at the moments where they are easily got wrong."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from townhall.clocks.tests.makers import make_calendars
from townhall.config.demo.loading import _load_sites
from townhall.core.refreshing import forget_all
from townhall.core.tests.keepsakes import kept
from townhall.core.time import LONDON
from townhall.places import opening
from townhall.places.hours_words import closed_screen, recorded_message, standing_words, week_words
from townhall.places.models import HoursException
from townhall.places.opening import Where, next_opening, open_now, standing

MON, TUE, WED, THU, FRI, SAT, SUN = range(2, 9)  # days of March 2026; 2 March is a Monday
HIGH = Where(site="main-centre")


@pytest.fixture(autouse=True)
def _sites(db: None) -> None:
    make_sites()
    forget_all()


@kept
def make_sites() -> None:
    make_calendars(at(MON, 9))
    _load_sites()


def at(day: int, hour: int, minute: int = 0, *, month: int = 3, year: int = 2026) -> datetime:
    """A moment on a clock in London."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def service(code: str, channel: str = "", site: str = "") -> Where:
    return Where(service=code, channel=channel, site=site)


CASES = [
    # main customer centre: Thursday later, Friday earlier
    (HIGH, at(MON, 8, 44), False),
    (HIGH, at(MON, 8, 45), True),
    (HIGH, at(THU, 9, 30), False),
    (HIGH, at(THU, 9, 45), True),
    (HIGH, at(FRI, 16, 44), True),
    (HIGH, at(FRI, 16, 45), False),
    (HIGH, at(SAT, 10), False),
    # area offices: some days, closed over lunch
    (Where(site="north-office"), at(MON, 10), False),
    (Where(site="north-office"), at(TUE, 12, 59), True),
    (Where(site="north-office"), at(TUE, 13, 30), False),
    (Where(site="north-office"), at(TUE, 14), True),
    (Where(site="north-office"), at(FRI, 16, 14), True),
    (Where(site="north-office"), at(FRI, 16, 20), False),
    (Where(site="harbour-office"), at(WED, 16, 29), True),
    (Where(site="harbour-office"), at(THU, 10), False),
    # switchboard
    (service("switchboard", "phone"), at(MON, 17, 29), True),
    (service("switchboard", "phone"), at(MON, 17, 30), False),
    # council tax and business rates: closing moves
    (service("council-tax"), at(TUE, 15, 59), True),
    (service("business-rates"), at(TUE, 17), True),
    (service("council-tax"), at(TUE, 17, 15), False),
    # housing benefit: Monday differs at both ends
    (service("housing-benefit"), at(MON, 16, 30), True),
    (service("housing-benefit"), at(TUE, 16, 30), False),
    # finance and personnel: the phones longer than the office
    (service("finance"), at(MON, 8), False),
    (service("finance", "phone"), at(MON, 8), True),
    (service("finance", "phone"), at(MON, 18), False),
    (service("personnel", "phone"), at(MON, 17, 25), True),
    (service("personnel"), at(MON, 17, 25), False),
    # recruitment: an answerphone and a form at all hours, also at night and on Sundays
    (service("recruitment", "answerphone"), at(SUN, 3), True),
    (service("recruitment", "web"), at(SAT, 23, 59), True),
    # housing needs: closed for training on Thursday mornings, while the phones are answered
    (service("housing-needs", "counter"), at(THU, 9), False),
    (service("housing-needs", "counter"), at(THU, 9, 45), True),
    (service("housing-needs", "counter"), at(FRI, 9), True),
    (service("housing-needs", "phone"), at(THU, 9), True),
    # environmental health: office hours, and standby from Friday evening to Monday morning
    (service("environmental-health"), at(FRI, 17), True),
    (service("environmental-health", "standby"), at(FRI, 16, 44), False),
    (service("environmental-health", "standby"), at(FRI, 16, 45), True),
    (service("environmental-health", "standby"), at(SUN, 0), True),
    (service("environmental-health", "standby"), at(MON, 8, 44), True),
    (service("environmental-health", "standby"), at(MON, 8, 45), False),
    # design services, building control: by appointment; builders ring before ten
    (service("design-services", "appointment"), at(MON, 9), True),
    (service("building-control", "phone"), at(MON, 9, 59), True),
    (service("building-control", "phone"), at(MON, 10), False),
    # shopmobility: Saturday mornings; Sundays only before Christmas
    (Where(site="shopmobility"), at(SAT, 12, 59), True),
    (Where(site="shopmobility"), at(SAT, 13), False),
    (Where(site="shopmobility"), at(SUN, 11), False),
    (Where(site="shopmobility"), at(13, 11, month=12), True),
    (Where(site="shopmobility"), at(19, 17, month=12), True),  # late opening for Christmas shopping
    # planning: its own hours, and a surgery at an area office on Friday mornings
    (service("planning"), at(MON, 9), True),
    (service("planning", site="north-office"), at(FRI, 9), True),
    (service("planning", site="north-office"), at(FRI, 14, 30), False),
    # leisure: office hours, each facility its own
    (service("leisure"), at(MON, 6, 45), False),
    (Where(site="leisure-centre"), at(MON, 6, 45), True),
    (Where(site="leisure-centre"), at(SUN, 19), True),
    (Where(site="leisure-centre"), at(SUN, 20), False),
    *((service(code), at(WED, 17, 14), True) for code in (
        "chief-executive", "communications", "administration", "policy", "housing-maintenance", "housing-resources", "tenancy", "property"
    )),
    # bank holidays close what is staffed, and not what is not
    (HIGH, at(25, 10, month=12), False),
    (service("switchboard", "phone"), at(3, 10, month=4), False),  # Good Friday
    (service("recruitment", "answerphone"), at(25, 10, month=12), True),
    (service("environmental-health", "standby"), at(26, 10, month=12), True),
    (HIGH, at(29, 10, month=12), False),  # the council's own closure
]  # fmt: skip


@pytest.mark.capability("HOUR-01")
@pytest.mark.parametrize(("where", "moment", "is_open"), CASES)
def test_annex_a(where: Where, moment: datetime, is_open: bool) -> None:
    assert open_now(where, at=moment) is is_open


def test_the_standby_of_a_weekend_is_one_stretch_from_friday_to_monday() -> None:
    standby = service("environmental-health", "standby")

    now = standing(standby, at=at(SAT, 22))

    assert now.span is not None
    assert (now.span.opens, now.span.closes) == (at(FRI, 16, 45), at(9, 8, 45))
    assert standing_words(now) == "Open now until 8:45am on Monday"


def test_a_closing_that_may_move_says_so() -> None:
    tax = service("council-tax")

    assert standing_words(standing(tax, at=at(TUE, 10))) == "Open now. Closes between 4pm and 5:15pm"
    assert standing_words(standing(tax, at=at(TUE, 16, 30))) == "Open now, but may close at any time until 5:15pm"


def test_the_next_opening_is_said_as_people_say_it() -> None:
    assert standing_words(standing(HIGH, at=at(MON, 7))) == "Opens today at 8:45am"
    assert standing_words(standing(HIGH, at=at(WED, 18))) == "Opens tomorrow at 9:45am"
    assert standing_words(standing(HIGH, at=at(FRI, 18))) == "Opens on Monday at 8:45am"
    # Christmas: a bank holiday, a weekend, the bank holiday in lieu, the council's own days, New Year
    assert standing_words(standing(HIGH, at=at(23, 18, month=12))) == "Opens on Monday 4 January 2027 at 8:45am"


def test_hours_hold_on_the_days_the_clocks_change() -> None:
    centre = Where(site="leisure-centre")
    spring, autumn = at(29, 8), at(25, 8, month=10)  # Sundays

    assert (open_now(centre, at=at(29, 7, 59)), open_now(centre, at=spring)) == (False, True)
    assert (open_now(centre, at=at(25, 7, 59, month=10)), open_now(centre, at=autumn)) == (False, True)
    standby = service("environmental-health", "standby")
    lasts = [
        (span.closes - span.opens).total_seconds() / 3600 for span in opening.spans(standby, since=at(28, 12), days=3)
    ]
    assert lasts[0] == 63  # 64 hours on other weekends


def test_an_exception_of_one_site_leaves_the_others_open() -> None:
    HoursException.objects.create(site_id="main-centre", on=date(2026, 3, TUE), reason="Burst pipe")
    HoursException.objects.create(site_id="north-office", on=date(2026, 3, TUE), opens=time(10), closes=time(12))
    forget_all()

    assert not open_now(HIGH, at=at(TUE, 10))
    assert next_opening(HIGH, at=at(TUE, 10)) == at(WED, 8, 45)
    assert open_now(Where(site="north-office"), at=at(TUE, 11))
    assert not open_now(Where(site="north-office"), at=at(TUE, 15))
    assert closed_screen(HIGH, at=at(TUE, 10)) == "We are closed now. Burst pipe. Opens tomorrow at 8:45am."


def test_the_recorded_message_and_the_page_come_from_the_same_hours() -> None:
    switchboard = service("switchboard", "phone")

    said = recorded_message(switchboard, "the switchboard", at=at(SAT, 10))

    assert said == (
        "You have reached the switchboard. We are closed now. We open again on Monday at 8:30am."
        " Our usual hours are: Monday to Friday, 8:30am to 5:30pm."
    )
    assert week_words(switchboard, on=date(2026, 3, SAT))[0] == ("Monday to Friday", "8:30am to 5:30pm")
    assert "leave a message" in recorded_message(service("recruitment"), "recruitment", at=at(SAT, 10))
