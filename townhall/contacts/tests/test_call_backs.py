"""Messages become call-backs with an owner and a deadline; those that are missed are seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from townhall.accounts.models import PostHolder, Role, Team
from townhall.accounts.tests.makers import make_post, make_team, make_user
from townhall.clocks.sweeps import ring_due
from townhall.clocks.tests.makers import make_calendars
from townhall.contacts import callback_queries, callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import CallBack
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, WrongState
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALLER = "01632 960123"


@pytest.fixture
def team() -> Team:
    make_calendars(THURSDAY)
    team = make_team(name="Housing")
    manager = make_user(email="manager@example.org")
    PostHolder.objects.create(post=make_post(role=Role.TEAM_MANAGER, team=team), user=manager, from_on="2020-01-01")
    return team


def left(team: Team, *, at: datetime = THURSDAY, phone: str = CALLER, **other: str) -> CallBack:
    return callbacks.ask(
        NewCallBack(phone=phone, name="Sam", email="sam@example.org", team_id=team.pk, **other),  # type: ignore[arg-type]
        by=SYSTEM,
        at=at,
    )


def test_a_message_has_an_owner_and_a_deadline_of_24_hours_of_working_days_and_they_are_told(team: Team) -> None:
    thursday, friday = left(team), left(team, at=THURSDAY + 24 * HOUR)

    assert thursday.owner_post.role == Role.TEAM_MANAGER
    assert thursday.due_at == THURSDAY + 24 * HOUR
    assert friday.due_at == THURSDAY + 4 * 24 * HOUR  # over the weekend
    [told, _other] = Message.objects.order_by("created_at")
    assert (told.template, told.recipient_address) == ("call-back/asked", "sam@example.org")
    assert "by 6 March 2026 at 4pm" in told.body_text


def test_it_is_tried_until_they_are_reached_and_they_hear_of_each_try(team: Team) -> None:
    one = left(team)
    callbacks.tried(one.pk, "no_answer", by=SYSTEM, at=THURSDAY + HOUR)
    with pytest.raises(BadInput):  # not before it was tried three times
        callbacks.give_up(one.pk, by=SYSTEM, at=THURSDAY + 2 * HOUR)
    done = callbacks.tried(one.pk, "spoke", by=SYSTEM, at=THURSDAY + 3 * HOUR)

    assert (done.state, done.tries) == ("done", 2)
    assert list(Message.objects.order_by("created_at").values_list("template", flat=True)) == [
        "call-back/asked",
        "call-back/tried",
    ]
    with pytest.raises(WrongState):
        callbacks.tried(one.pk, "spoke", by=SYSTEM, at=THURSDAY + 4 * HOUR)


def test_a_try_that_is_sent_twice_is_one_try_and_one_message(team: Team) -> None:
    one = left(team)
    for seen in (0, 0, 1):
        again = callbacks.tried(one.pk, "no_answer", by=SYSTEM, at=THURSDAY + HOUR, seen=seen)
    assert again.tries == 2
    assert Message.objects.filter(template="call-back/tried").count() == 2
    assert callbacks.tried(one.pk, "left_message", by=SYSTEM, at=THURSDAY + HOUR, seen=1).tries == 3  # something else


def test_a_miss_is_told_to_the_manager_once_and_late_and_repeated_misses_are_counted_by_team(team: Team) -> None:
    left(team)
    kept = left(team, phone="01632 960999")
    callbacks.tried(kept.pk, "left_message", by=SYSTEM, at=THURSDAY + HOUR)
    ring_due(THURSDAY + 25 * HOUR)
    ring_due(THURSDAY + 26 * HOUR)
    later = THURSDAY + timedelta(days=7)
    again = left(team, at=later)
    ring_due(later + 30 * HOUR)
    callbacks.tried(again.pk, "spoke", by=SYSTEM, at=later + 31 * HOUR)

    told = Message.objects.filter(template="staff/call_back_missed", recipient_address="manager@example.org")
    assert told.count() == 2
    [figures] = callback_queries.by_team(since=THURSDAY, until=later + timedelta(days=5), at=later + timedelta(days=5))
    assert (figures.asked, figures.tried_in_time, figures.late, figures.still_open_late, figures.repeated) == (
        3,
        1,
        2,
        2,  # the first, and the one that was only tried
        1,
    )


def test_what_is_withdrawn_counts_for_its_team_once_somebody_tried(team: Team) -> None:
    tried, untried = left(team), left(team, phone="01632 960999")
    callbacks.tried(tried.pk, "no_answer", by=SYSTEM, at=THURSDAY + HOUR)
    for one in (tried, untried):
        callbacks.withdraw(one.pk, by=SYSTEM, at=THURSDAY + 2 * HOUR)
    later = THURSDAY + timedelta(days=5)
    [figures] = callback_queries.by_team(since=THURSDAY, until=later, at=later)
    assert (figures.asked, figures.tried_in_time, figures.late, figures.share) == (1, 1, 0, 100)


def test_the_same_message_is_one_call_back_and_a_number_is_needed(team: Team) -> None:
    assert left(team, key="a").pk == left(team, key="a").pk
    with pytest.raises(BadInput) as refused:
        callbacks.ask(NewCallBack(phone="none", service_code="nothing"), by=SYSTEM, at=THURSDAY)
    assert set(refused.value.problems) == {"phone", "owner"}
