"""Against a real HTTP server that behaves well, badly, slowly or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from townhall.connectors import calling, delivering, operations, queries
from townhall.connectors.events import DeliveryFailed
from townhall.connectors.models import Connector, Delivery
from townhall.connectors.standins import Standin, Standins
from townhall.connectors.states import State
from townhall.connectors.tests.makers import LATER, NOON, make_delivery, state_of
from townhall.core import events
from townhall.core.actors import Actor, ActorKind
from townhall.core.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)
PRIYA = Actor(kind=ActorKind.STAFF, id="priya")


def keys(standin: Standin) -> list[str]:
    """Idempotency-Keys as they arrived, repeats too."""
    return standin.book.posts


@pytest.mark.capability("INTG-01")
def test_a_delivery_arrives_once_and_keeps_the_other_systems_number(waste: Standin) -> None:
    one = make_delivery(7)
    assert delivering.sweep(NOON) == 1
    assert delivering.sweep(NOON) == 0

    (job,) = waste.book.jobs()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.external_id, delivery.attempts) == (State.SENT, job.id, 1)
    assert (job.delivery_id, job.kind, job.content["n"]) == (str(one), "fly-tip", 7)


def test_one_key_is_one_delivery(waste: Standin) -> None:
    case = uuid7()
    assert make_delivery(1, case_id=case) == make_delivery(1, case_id=case)
    assert Delivery.objects.count() == 1


@pytest.mark.capability("INTG-01", "INTG-02")
@pytest.mark.parametrize("mood", ["outage", "busy"])
def test_an_outage_is_caught_up_in_order_with_nothing_lost_and_nothing_twice(waste: Standin, mood: str) -> None:
    waste.book.change_mood({mood: True})
    made = [str(make_delivery(number)) for number in range(12)]
    at = NOON
    for _ in range(5):
        delivering.sweep(at)
        at += LATER
    health = queries.health(at=at)[0]
    assert (health.is_ok, health.failing_since is not None, health.backlog) == (False, True, 12)
    assert health.oldest_pending == at - NOON
    assert keys(waste) == []

    waste.book.change_mood({mood: False})
    while delivering.sweep(at):
        pass

    assert keys(waste) == made
    assert len(waste.book.jobs()) == 12
    assert [(one.is_ok, one.backlog) for one in queries.health(at=at)] == [(True, 0)]


def test_a_server_that_is_not_running_at_all_costs_one_attempt_a_round(waste: Standin, waste_server: Standins) -> None:
    waste_server.stop()
    made = [make_delivery(number) for number in range(3)]
    delivering.sweep(NOON)
    assert delivering.sweep(NOON) == 0  # the target rests
    attempts = dict(Delivery.objects.values_list("pk", "attempts"))
    assert [attempts[one] for one in made] == [1, 0, 0]


def test_the_rest_before_the_next_try_grows(waste: Standin) -> None:
    waste.book.change_mood({"busy": True})
    make_delivery()
    at, rests = NOON, []
    for _ in range(8):
        delivering.sweep(at)
        retry_at = Connector.objects.get().retry_at
        assert retry_at is not None
        rests.append((retry_at - at).total_seconds())
        at = retry_at
    assert 0.8 <= rests[0] <= 1.3
    assert 90 <= rests[-1] <= 160
    assert rests == sorted(rests)


@pytest.mark.capability("INTG-01", "INTG-02")
def test_a_refusal_is_listed_with_its_reason_and_can_be_sent_again(waste: Standin) -> None:
    heard: list[DeliveryFailed] = []
    events.subscribe(DeliveryFailed, heard.append)
    team = uuid7()
    Connector.objects.update(owner_team_id=team)
    waste.book.change_mood({"refuse": True})
    one = make_delivery()
    delivering.sweep(NOON)

    (letter,) = queries.dead_letters().rows
    assert (letter.id, letter.state, letter.owner_team_id) == (one, State.FAILED, team)
    assert "not our area" in letter.last_error
    assert [event.delivery_id for event in heard if event.delivery_id == one] == [one]
    assert queries.dead_letters(team_ids=[uuid7()]).rows == []
    assert delivering.sweep(NOON + LATER) == 0

    waste.book.change_mood({"refuse": False})
    assert operations.resend([one, uuid7()], by=PRIYA, at=NOON + LATER) == [one]
    delivering.sweep(NOON + LATER)
    assert state_of(one) == State.SENT
    assert queries.dead_letters().rows == []


@pytest.mark.capability("INTG-02")
def test_a_slow_answer_times_out_and_the_job_is_not_doubled(waste: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.3)
    waste.book.change_mood({"delay": 1.0})
    one = make_delivery()
    delivering.sweep(NOON)
    assert state_of(one) == State.PENDING
    assert "No answer" in Delivery.objects.get().last_error

    waste.book.change_mood({"delay": 0})
    delivering.sweep(NOON + LATER)

    assert keys(waste) == [str(one), str(one)]  # twice asked
    assert len(waste.book.jobs()) == 1  # once done
    assert state_of(one) == State.SENT


def test_an_error_after_the_work_was_done_does_not_double_it(waste: Standin) -> None:
    waste.book.change_mood({"broken": True})
    one = make_delivery()
    delivering.sweep(NOON)
    assert state_of(one) == State.PENDING
    waste.book.change_mood({"broken": False})
    delivering.sweep(NOON + LATER)
    assert len(waste.book.jobs()) == 1
    assert state_of(one) == State.SENT


def test_after_many_errors_a_delivery_is_given_up_and_listed(waste: Standin) -> None:
    waste.book.change_mood({"broken": True})
    one = make_delivery()
    at = NOON
    for _ in range(delivering.MOST_ATTEMPTS):
        assert state_of(one) == State.PENDING
        assert delivering.sweep(at) == 1
        at += timedelta(hours=2)
    assert state_of(one) == State.DEAD
    assert delivering.sweep(at) == 0
    assert [letter.id for letter in queries.dead_letters(target="waste").rows] == [one]
    assert queries.health(at=at)[0].dead == 1


def test_one_bad_delivery_does_not_hold_up_the_others(waste: Standin) -> None:
    waste.book.change_mood({"broken": True})
    bad = make_delivery(0)
    delivering.sweep(NOON)
    waste.book.change_mood({"broken": False})
    good = make_delivery(1)

    delivering.sweep(NOON + timedelta(seconds=5))  # after the target's rest, before the bad one's own

    assert (state_of(bad), state_of(good)) == (State.PENDING, State.SENT)


def test_a_long_outage_ends_in_the_list_rather_than_for_ever(waste: Standin) -> None:
    waste.book.change_mood({"outage": False, "busy": True})
    one = make_delivery()
    delivering.sweep(NOON + delivering.LONGEST_OUTAGE - LATER)
    assert state_of(one) == State.PENDING
    delivering.sweep(NOON + delivering.LONGEST_OUTAGE + LATER)
    assert state_of(one) == State.DEAD


def test_what_comes_after_about_the_same_case_waits_for_what_came_before(waste: Standin) -> None:
    case = uuid7()
    waste.book.change_mood({"broken": True})
    first = make_delivery(0, case_id=case)
    delivering.sweep(NOON)
    waste.book.change_mood({"broken": False})
    update = make_delivery(1, case_id=case, kind="job.update")
    delivering.sweep(NOON + timedelta(seconds=5))
    assert (state_of(first), state_of(update)) == (State.PENDING, State.PENDING)

    delivering.sweep(NOON + LATER)

    (job,) = waste.book.jobs()
    assert [one["n"] for one in job.updates] == [1]
    assert (state_of(first), state_of(update)) == (State.SENT, State.SENT)


@pytest.mark.capability("INTG-01")
def test_workers_racing_for_the_same_deliveries_post_each_once(waste: Standin) -> None:
    made = {str(make_delivery(number)) for number in range(60)}

    def work() -> None:
        for _ in range(8):
            delivering.sweep(NOON)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while delivering.sweep(NOON):
        pass

    assert sorted(keys(waste)) == sorted(made)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_claims_made_at_the_same_moment_share_nothing(waste: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 5)
    case = uuid7()
    for number in range(40):
        make_delivery(number, case_id=case if number % 4 == 0 else None)
    together = threading.Barrier(8)
    claims: list[list[delivering.Claimed]] = []

    def work() -> None:
        together.wait()
        claims.extend([delivering.claim("waste", NOON) for _ in range(4)])
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    ids = [one.outgoing.id for claim in claims for one in claim]
    assert len(ids) == len(set(ids)) > 0
    about_the_case = [claim for claim in claims if any(one.subject_id == case for one in claim)]
    assert len(about_the_case) == 1  # while these are under way, no other worker gets a later one about the case


def test_a_worker_that_died_after_its_claim_only_delays(waste: Standin) -> None:
    one = make_delivery()
    assert len(delivering.claim("waste", NOON)) == 1  # and then nothing
    assert delivering.sweep(NOON + timedelta(seconds=60)) == 0
    assert delivering.sweep(NOON + delivering.CLAIM) == 1
    assert state_of(one) == State.SENT


def test_no_lock_is_held_during_a_call(waste: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    make_delivery()
    seen: list[bool] = []
    real = calling.call

    def spying(*arguments: Any, **options: Any) -> calling.Answer:
        seen.append(connection.in_atomic_block)
        return real(*arguments, **options)

    monkeypatch.setattr("townhall.connectors.adapters.jobs.call", spying)
    delivering.sweep(NOON)
    assert seen == [False]


def test_a_rolled_back_operation_leaves_no_delivery(waste: Standin) -> None:
    with transaction.atomic():
        make_delivery()
        transaction.set_rollback(True)
    assert delivering.sweep(NOON) == 0


def test_things_for_a_system_that_nobody_set_up_show_in_health() -> None:
    make_delivery(target="parking")
    assert delivering.sweep(NOON) == 0
    (health,) = queries.health(at=NOON + LATER)
    assert (health.target, health.is_known, health.is_ok, health.backlog) == ("parking", False, False, 1)


def test_a_switched_off_connector_gets_nothing_until_it_is_on_again(waste: Standin) -> None:
    make_delivery()
    operations.switch_connector("waste", is_enabled=False, at=NOON)
    assert delivering.sweep(NOON) == 0
    operations.switch_connector("waste", is_enabled=True, at=NOON)
    assert delivering.sweep(NOON) == 1


def test_a_wrong_secret_is_refused_by_the_other_system(waste: Standin) -> None:
    waste.secret = b"another"
    one = make_delivery()
    delivering.sweep(NOON)
    assert state_of(one) == State.FAILED
    assert waste.book.jobs() == []


@pytest.mark.capability("CASE-07")
def test_what_is_open_there_can_be_compared_with_what_is_open_here(waste: Standin) -> None:
    case, other_case = uuid7(), uuid7()
    make_delivery(1, case_id=case)
    two = make_delivery(2, case_id=other_case)
    delivering.sweep(NOON)
    numbers = queries.external_ids("waste", [case, other_case])
    waste.book.move(numbers[case], "completed", tell=False)  # its message got lost

    (still_open,) = queries.open_items("waste", at=NOON)
    states = queries.states_of("waste", [*numbers.values(), "WA-none"], at=NOON)

    assert still_open.delivery_id == two
    assert {key: item and item.is_open for key, item in states.items()} == {
        numbers[case]: False,
        numbers[other_case]: True,
        "WA-none": None,
    }


def test_many_open_items_are_read_page_by_page(waste: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townhall.connectors.adapters.jobs.PAGE", 2)
    for number in range(5):
        make_delivery(number)
    delivering.sweep(NOON)
    assert len(queries.open_items("waste", at=NOON)) == 5
