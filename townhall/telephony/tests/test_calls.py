"""What a phone platform tells becomes one call, one contact and counted half-hours, in whatever order it comes."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.accounts.models import Role
from townhall.accounts.permissions import themselves
from townhall.accounts.tests.makers import make_user
from townhall.clocks.tests.makers import make_calendars
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.telephony.calls import counting, meeting, unanswered
from townhall.telephony.calls.folding import Told, fold
from townhall.telephony.models import Call, CallEvent, CallHalfHour
from townhall.telephony.tests.makers import (
    CALLER,
    MONDAY,
    PLATFORM,
    event,
    flat,
    make_line,
    make_queue,
    simple_call,
    took,
)
from townhall.workforce import gates
from townhall.workforce.tests.makers import make_module, make_pass

ORDINARY = [
    event("offered", number=CALLER, queue="main"),
    event("queued", 1, queue="main"),
    event("offered", 30, agent="2041"),
    event("answered", 41, agent="2041"),
    event("transferred", 100, agent="2041", to="3000"),
    event("offered", 101, agent="3000"),
    event("returned", 130),
    event("answered", 140, agent="2041"),
    event("ended", 200, agent="2041", handling=150),
]


@pytest.fixture(autouse=True)
def _lists(db: None) -> None:
    seed_reference_data()


def as_told(events: list) -> list[Told]:  # type: ignore[type-arg]
    return [
        Told(
            kind=one.event,
            at=one.at,
            agent=one.agent,
            queue=one.queue,
            number=one.number,
            to=one.to,
            handling=one.handling,
        )
        for one in events
    ]


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(min_value=1, max_value=len(ORDINARY)))
def test_any_order_and_any_repeats_give_the_same_call(chance: random.Random, kept: int) -> None:
    some = chance.sample(ORDINARY, kept)
    doubled = some + chance.choices(some, k=4)
    chance.shuffle(doubled)

    assert fold(as_told(doubled)) == fold(as_told(some))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_told_one_by_one_in_any_order_it_is_one_call_one_contact_and_counted_once(seed: int) -> None:
    make_line(make_user(), "2041")
    told = ORDINARY * 2
    random.Random(seed).shuffle(told)
    for one in told:
        call = took(one, at=MONDAY + timedelta(minutes=4))
        counting.sweep(MONDAY)

    call.refresh_from_db()
    assert (call.state, call.wait_seconds, call.handling_seconds, call.transfers) == ("ended", 40, 150, 1)
    assert call.tried == []  # the first answerer took it back
    contact = Contact.objects.get()
    assert (contact.pk, contact.given_phone) == (call.contact_id, "01632960123")
    assert CallEvent.objects.count() == len(ORDINARY)
    counted = CallHalfHour.objects.get()
    assert (counted.offered, counted.answered, counted.handling_seconds) == (1, 1, 150)


def test_what_is_missing_is_worked_out_and_what_is_of_a_wrong_clock_does_no_harm() -> None:
    unheard = took(event("ended", 300, call="a", handling=240, agent="2041"), is_live=False)
    assert unheard.answered_at == MONDAY + timedelta(seconds=60)  # nobody told of the answer
    gave_up = took(event("offered", call="b", queue="main"), event("ended", 25, call="b"))
    assert (gave_up.state, gave_up.wait_seconds) == ("abandoned", 25)
    ahead = took(event("answered", 7_200, call="c", agent="2041"), at=MONDAY)
    assert ahead.offered_at == MONDAY  # two hours ahead of us cannot be
    slow = took(event("offered", 10, call="d", agent="2041"), event("answered", 8, call="d", agent="2041"))
    assert (slow.state, slow.rings_at_id, slow.wait_seconds) == ("answered", None, 0)


def test_a_call_answered_on_the_platform_opens_on_the_desk_once_however_the_adviser_took_it() -> None:
    user = make_user()
    make_line(user, "2041")
    make_queue("bins", service="missed-bin")
    call = took(event("offered", queue="bins"), event("offered", 20, agent="2041"))
    assert call.rings_at_id == user.pk
    by = themselves(user.pk)
    taken = meeting.take_up(call.pk, by=by, at=MONDAY)
    took(event("answered", 25, agent="2041", number=CALLER))

    assert meeting.take_up(call.pk, by=by, at=MONDAY).pk == taken.pk
    contact = Contact.objects.get()
    assert (contact.adviser_id, contact.given_phone, contact.service_code) == (user.pk, "01632960123", "missed-bin")
    assert contact.ended_at is None  # wrapped up by hand


def test_history_and_automated_calls_become_contacts_that_are_over_on_their_own_channel() -> None:
    make_line(make_user(), "2041")
    took(*simple_call("old", start=MONDAY, wait=10, handling=60, agent="2041"), is_live=False)
    took(
        event("offered", call="ivr", automated=True, did="pay", number=CALLER),
        event("ended", 90, call="ivr", automated=True),
    )
    assert sorted(Contact.objects.values_list("channel_id", "reason_code", "adviser_id")) == [
        ("phone", "", None),
        ("phone_automated", "payment", None),
    ]
    assert all(one.ended_at and one.ended_at > one.started_at for one in Contact.objects.all())


def test_half_hours_are_counted_by_the_published_standard_and_again_when_a_call_changes() -> None:
    start = MONDAY
    took(
        *flat(
            [
                simple_call("1", start=start, wait=20, handling=100, agent="a"),
                simple_call("2", start=start, wait=21, handling=200, agent="a"),
                simple_call("3", start=start, wait=5),
                simple_call("4", start=start, wait=6),
            ]
        ),
        is_live=False,
    )
    counting.sweep(start)
    one = CallHalfHour.objects.get()
    assert (one.offered, one.answered, one.answered_in_time, one.abandoned, one.short) == (4, 2, 1, 1, 1)
    assert (one.wait_seconds, one.handled, one.handling_seconds) == (41, 2, 300)

    took(event("offered", -1_800, call="4", queue="main"))  # it had come in half an hour before
    counting.sweep(start)
    assert list(CallHalfHour.objects.order_by("half_hour").values_list("offered", flat=True)) == [1, 3]
    assert Call.objects.filter(platform=PLATFORM).count() == 4


def test_one_adviser_whose_training_lapsed_holds_up_nobody_elses_calls() -> None:
    make_module("personal-safety")
    gates.forget()
    lapsed, trained = (make_user(roles=(Role.ADVISER,)) for _one in "ab")
    make_line(lapsed, "1")
    make_line(trained, "2")
    make_pass(themselves(trained.pk), "personal-safety", at=MONDAY)
    took(
        *(event("offered", call=one, number=CALLER) for one in "ab"),
        event("answered", 5, call="a", agent="1"),
        event("answered", 5, call="b", agent="2"),
    )
    assert list(Contact.objects.values_list("adviser_id", flat=True)) == [trained.pk]
    took(event("ended", 60, call="a", agent="1"))
    assert Contact.objects.exclude(ended_at=None).get().adviser_id is None  # what happened is counted all the same


def test_calls_of_nobody_and_one_that_fails_hold_up_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    make_calendars(MONDAY)
    make_line(make_user(roles=(Role.OFFICER,)), "3000")
    lost = [
        one
        for name in [*(f"a{count:02}" for count in range(55)), "broken", "good"]
        for one in (
            event("offered", -1 if name[0] == "a" else 0, call=name, number=CALLER),
            event("transferred", 9, call=name, to="3000" if name in ("broken", "good") else "nobody"),
            event("abandoned", 60, call=name),
        )
    ]
    took(*lost)
    owner_of = unanswered.owner_of

    def failing(call: Call, *, at: datetime) -> UUID | None:
        if call.external_id == "broken":
            raise ValueError("broken")
        return owner_of(call, at=at)

    monkeypatch.setattr(unanswered, "owner_of", failing)
    with pytest.raises(ValueError, match="broken"):
        unanswered.sweep(MONDAY + timedelta(minutes=10))
    assert [one.external_id for one in Call.objects.exclude(call_back=None)] == ["good"]
