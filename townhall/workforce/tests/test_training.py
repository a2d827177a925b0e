"""Passes: who may record them, when they end, who hears, and what somebody may do by them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from townhall.accounts.models import Role
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.clocks.tests.makers import make_calendars
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.time import council_date
from townhall.notifications.models import Message
from townhall.workforce import queries, training
from townhall.workforce.models import Pass
from townhall.workforce.states import PassState
from townhall.workforce.tests.makers import MONDAY, make_module, make_pass, make_person

pytestmark = pytest.mark.django_db
TODAY = council_date(MONDAY)


@pytest.fixture(autouse=True)
def _calendars(db: None) -> None:
    make_calendars(MONDAY)


def ring(at: datetime) -> None:
    while ring_due(at):
        pass


@pytest.mark.parametrize(
    ("passed_on", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 3, 2), 0, None),
    ],
)
def test_a_pass_holds_to_the_same_day_of_a_later_month_or_that_months_end(
    passed_on: date, months: int, last: date | None
) -> None:
    assert training.last_day(passed_on, months) == last


def test_a_manager_records_a_whole_session_for_officers_and_members_and_nobody_records_their_own() -> None:
    amy, bo = make_person("amy"), make_person("bo", role=Role.PORTFOLIO_HOLDER)
    manager, other = make_person("mo", role=Role.TEAM_MANAGER), make_person("pat", team="else", role=Role.TEAM_MANAGER)
    make_module("email")
    both = [UUID(amy.id), UUID(bo.id)]

    made = training.record_passes("email", both, passed_on=TODAY, by=manager, at=MONDAY)
    again = training.record_passes("email", both, passed_on=TODAY, by=manager, at=MONDAY)

    assert {one.pk for one in made} == {one.pk for one in again}
    assert queries.skills_of(bo.id, TODAY) == {"email"}
    for by in (other, amy):
        with pytest.raises(NotAllowed):
            training.record_passes("email", [UUID(amy.id)], passed_on=TODAY, by=by, at=MONDAY)
    with pytest.raises(NotAllowed):
        training.record_passes("email", [UUID(manager.id)], passed_on=TODAY, by=manager, at=MONDAY)
    with pytest.raises(BadInput):
        training.record_passes("email", both, passed_on=TODAY + timedelta(days=1), by=manager, at=MONDAY)
    with pytest.raises(BadInput):
        training.record_passes("email", [UUID(int=7)], passed_on=TODAY, by=manager, at=MONDAY)


def test_before_a_pass_ends_and_when_it_does_the_person_and_their_team_leader_are_told_once() -> None:
    amy = make_person("amy")
    make_person("mo", role=Role.TEAM_MANAGER)
    held = make_pass(amy, "revenues")
    assert held.expires_on == date(2027, 3, 2)

    ring(MONDAY + timedelta(days=340))
    soon = sorted(Message.objects.values_list("recipient_address", flat=True))
    assert soon == ["amy@example.org", "mo@example.org"]
    assert queries.in_date(amy.id, "revenues", held.expires_on)
    assert not queries.in_date(amy.id, "revenues", held.expires_on + timedelta(days=1))

    for days in (366, 367, 400):
        ring(MONDAY + timedelta(days=days))
    held.refresh_from_db()
    assert held.state == PassState.LAPSED
    lapsed = Message.objects.get(template="staff/training_ends_manager", subject_line__contains="has lapsed")
    assert lapsed.recipient_address == "mo@example.org"

    renewed = training.record_passes(
        "revenues",
        [UUID(amy.id)],
        passed_on=date(2027, 4, 1),
        by=make_person("mo", role=Role.TEAM_MANAGER),
        at=MONDAY + timedelta(days=400),
    )[0]
    held.refresh_from_db()
    assert (held.state, renewed.state) == (PassState.RENEWED, PassState.HELD)
    assert queries.in_date(amy.id, "revenues", date(2027, 4, 2))
    assert Clock.objects.filter(kind=training.CLOCK, state="running").count() == 1


def test_renewed_in_time_nobody_is_told_and_a_withdrawn_pass_opens_nothing() -> None:
    amy, manager = make_person("amy"), make_person("mo", role=Role.TEAM_MANAGER)
    make_pass(amy, "revenues")
    at = MONDAY + timedelta(days=300)
    renewed = training.record_passes("revenues", [UUID(amy.id)], passed_on=council_date(at), by=manager, at=at)[0]

    ring(MONDAY + timedelta(days=380))
    assert not Message.objects.exists()

    training.withdraw(renewed.pk, why="It was somebody else's", by=manager, at=at)
    assert queries.skills_of(amy.id, council_date(at)) == frozenset()
    assert Pass.objects.count() == 2


def test_complaints_are_owned_by_whoever_is_trained_in_them() -> None:
    amy = make_person("amy")
    assert queries.may_own_complaints(amy.id, TODAY)

    make_module("complaints", for_complaints=True)
    assert not queries.may_own_complaints(amy.id, TODAY)
    make_pass(amy, "complaints")
    assert queries.may_own_complaints(amy.id, TODAY)
