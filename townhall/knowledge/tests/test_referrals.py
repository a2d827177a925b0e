"""Who else deals with what: those who can be reached now come first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from townhall.core.errors import BadInput
from townhall.core.refreshing import forget_all
from townhall.knowledge import hours, referrals
from townhall.knowledge.referrals import Given
from townhall.knowledge.tests.makers import MONDAY, OWNER, make_people

NIGHT = datetime(2026, 3, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("Mon-Fri 09:00-17:00", MONDAY, True),
        ("Mon-Fri 09:00-17:00", NIGHT, False),
        ("Mon-Sun 17:00-09:00", NIGHT, True),
        ("Mon 17:00-09:00", NIGHT, True),
        ("Tue 17:00-09:00", NIGHT, False),
        ("Sat-Mon 09:00-17:00", MONDAY, True),
        ("always", NIGHT, True),
        ("", NIGHT, None),
    ],
)
def test_hours_are_read_also_past_midnight(text: str, at: datetime, expected: bool | None) -> None:
    assert hours.is_open(text, at=at) is expected


@pytest.mark.parametrize("text", ["nine to five", "Mon-Fry 09:00-17:00", "Mon 25:00-26:00", "Mon 9-5"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Write the hours|no such time"):
        hours.read(text)


@pytest.mark.django_db
def test_at_night_the_county_is_offered_before_the_day_centre() -> None:
    people = make_people()
    day = Given(
        name="A day centre", deals_with="Company", phone="01632 960002", hours="Mon-Fri 09:00-17:00", owner_post=OWNER
    )
    night = Given(
        name="County social care",
        deals_with="Homelessness at night",
        phone="01632 960003",
        hours="Mon-Sun 17:00-09:00",
        service_codes=("lost-swan",),
        owner_post=OWNER,
    )
    with pytest.raises(BadInput):
        referrals.keep(Given(name="", deals_with="", owner_post=""), by=people.writer, at=MONDAY)
    first = referrals.keep(day, by=people.writer, at=MONDAY)
    referrals.keep(night, by=people.writer, at=MONDAY)
    forget_all()
    found = referrals.offered("lost-swan", at=NIGHT, refer_to=["A day centre"])
    assert [(one.referral.name, one.is_open) for one in found] == [
        ("County social care", True),
        ("A day centre", False),
    ]
    referrals.end(first.pk, by=people.writer, at=MONDAY)
    forget_all()
    assert len(referrals.every()) == 1
