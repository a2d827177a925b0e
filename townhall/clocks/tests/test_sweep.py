from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction

from townhall.clocks import operations
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.clocks.tests.makers import PRIYA, london, make_kind, some_case
from townhall.core import events

RECEIVED = london(2026, 4, 1, 10)  # due on Friday 10 April; due soon from the 8th; overdue at the end of the 17th
LATE = london(2026, 6, 1)

Listen = Callable[[Callable[[ClockRang], None]], None]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Subscribe to ClockRang for one test."""
    handlers = events._handlers[ClockRang]
    before = list(handlers)
    yield lambda handler: events.subscribe(ClockRang, handler)
    handlers[:] = before


@pytest.fixture
def rang(listen: Listen) -> list[ClockRang]:
    heard: list[ClockRang] = []
    listen(heard.append)
    return heard


def sweep_until_quiet(at: datetime) -> None:
    while ring_due(at):
        pass


@pytest.mark.django_db
def test_each_rung_rings_when_its_time_has_come_and_not_before(rang: list[ClockRang]) -> None:
    case = some_case()
    operations.start(make_kind(), about=case, at=RECEIVED, case_id=case.id)

    seen = []
    for moment in (
        london(2026, 4, 7, 23, 59),
        london(2026, 4, 8, 0),
        london(2026, 4, 10, 23, 59, second=58),
        london(2026, 4, 10, 23, 59, second=59),
        london(2026, 4, 17, 23, 59, second=58),
        london(2026, 4, 18, 0),
    ):
        sweep_until_quiet(moment)
        seen.append([event.rung for event in rang])

    assert seen == [
        [],
        ["due_soon"],
        ["due_soon"],
        ["due_soon", "due"],
        ["due_soon", "due"],
        ["due_soon", "due", "overdue_5"],
    ]
    assert {(event.subject, event.case_id, event.due_on) for event in rang} == {(case, case.id, date(2026, 4, 10))}


@pytest.mark.django_db
@pytest.mark.parametrize("sweeps", [1, 2, 5])
def test_a_sweep_that_is_months_late_or_runs_twice_rings_every_rung_once_and_in_order(
    rang: list[ClockRang], sweeps: int
) -> None:
    operations.start(make_kind(), about=some_case(), at=RECEIVED)

    for _ in range(sweeps):
        sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due_soon", "due", "overdue_5"]
    assert Clock.objects.get().next_rung_at is None


@pytest.mark.django_db
def test_a_warning_whose_time_was_past_at_the_start_is_left_out(rang: list[ClockRang]) -> None:
    operations.start(make_kind(amount=1), about=some_case(), at=RECEIVED)

    sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due", "overdue_5"]


@pytest.mark.django_db
def test_paused_and_finished_clocks_are_silent_and_a_resumed_one_rings_at_its_new_date(rang: list[ClockRang]) -> None:
    kind, paused, finished = make_kind(), some_case(), some_case()
    for case in (paused, finished):
        operations.start(kind, about=case, at=RECEIVED)
    operations.finish(kind, about=finished, at=london(2026, 4, 2))
    operations.pause(kind, about=paused, at=london(2026, 4, 2), reason="Asked", by=PRIYA)
    sweep_until_quiet(london(2026, 5, 7))
    assert rang == []

    operations.resume(kind, about=paused, at=london(2026, 5, 7), by=PRIYA)
    sweep_until_quiet(london(2026, 5, 7))
    assert rang == []
    sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due_soon", "due", "overdue_5"]
    assert rang[0].due_on > date(2026, 5, 7)


@pytest.mark.django_db
def test_an_extended_promise_climbs_its_ladder_again(rang: list[ClockRang]) -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    sweep_until_quiet(london(2026, 4, 13))

    operations.extend(kind, about=case, due_on=date(2026, 5, 1), reason="Parts", by=PRIYA, at=london(2026, 4, 13))
    sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due_soon", "due", "due_soon", "due", "overdue_5"]


@pytest.mark.django_db
def test_a_listener_may_stop_the_clock_and_no_further_rung_rings(rang: list[ClockRang], listen: Listen) -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)

    def stop_when_due(event: ClockRang) -> None:
        if event.rung == "due":
            operations.stop(event.kind, about=event.subject, at=event.at)

    listen(stop_when_due)
    sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due_soon", "due"]


@pytest.mark.django_db
def test_a_failing_listener_holds_up_its_own_clock_only_and_nothing_is_lost(
    rang: list[ClockRang], listen: Listen
) -> None:
    kind, broken, sound = make_kind(), some_case(), some_case()
    for case in (broken, sound):
        operations.start(kind, about=case, at=RECEIVED)
    failing = True

    def fail(event: ClockRang) -> None:
        if failing and event.subject == broken:
            raise RuntimeError("The listener broke")

    listen(fail)
    sweep_until_quiet(LATE)
    assert Counter(event.rung for event in rang if event.subject == sound) == {"due_soon": 1, "due": 1, "overdue_5": 1}
    assert Clock.objects.get(subject_id=broken.id).next_rung == 0

    failing = False
    rang.clear()
    sweep_until_quiet(LATE + timedelta(minutes=5))

    assert [(event.subject, event.rung) for event in rang] == [
        (broken, "due_soon"),
        (broken, "due"),
        (broken, "overdue_5"),
    ]


@pytest.mark.django_db(transaction=True)
def test_eight_workers_sweeping_at_once_ring_every_rung_once(listen: Listen) -> None:
    kind = make_kind()
    cases = [some_case() for _ in range(250)]
    with transaction.atomic():
        for case in cases:
            operations.start(kind, about=case, at=RECEIVED)
    with connection.cursor() as cursor:  # a listener writes rows, so what rolls back is not heard
        cursor.execute("CREATE TABLE heard (clock uuid, rung text)")

    def write_down(event: ClockRang) -> None:
        with connection.cursor() as own:
            own.execute("INSERT INTO heard VALUES (%s, %s)", [event.clock_id, event.rung])

    listen(write_down)
    together = threading.Barrier(8)
    worked: list[int] = []

    def work() -> None:
        try:
            together.wait()
            handled = 0
            while batch := ring_due(LATE):
                handled += batch
            worked.append(handled)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sweep_until_quiet(LATE)  # a worker that met only locked clocks may have left early
    with connection.cursor() as cursor:
        cursor.execute("SELECT rung, count(*), count(DISTINCT clock) FROM heard GROUP BY rung")
        counted = {rung: (times, clocks) for rung, times, clocks in cursor.fetchall()}
        cursor.execute("DROP TABLE heard")
    assert counted == {"due_soon": (250, 250), "due": (250, 250), "overdue_5": (250, 250)}
    assert len([handled for handled in worked if handled]) > 1  # it was a race


@pytest.mark.django_db(transaction=True)
def test_a_sweep_gives_way_to_an_operation_that_holds_the_case_and_rings_afterwards(listen: Listen) -> None:
    """An operation locks the case, then the clock; the listener wants the case while the sweep holds the clock."""
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE held (id int)")
        cursor.execute("INSERT INTO held VALUES (1)")
    ringing, heard = threading.Event(), list[str]()

    def lock_the_case(event: ClockRang) -> None:
        ringing.set()
        with connection.cursor() as own:
            own.execute("SELECT id FROM held FOR UPDATE")
        heard.append(event.rung)

    def sweep() -> None:
        try:
            while not heard:
                ring_due(london(2026, 4, 8))
        finally:
            connection.close()

    listen(lock_the_case)
    worker = threading.Thread(target=sweep)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM held FOR UPDATE")
        worker.start()
        assert ringing.wait(40)
        operations.pause(kind, about=case, at=london(2026, 4, 7), reason="Asked", by=PRIYA)  # no deadlock ends it
        operations.resume(kind, about=case, at=london(2026, 4, 7), by=PRIYA)
    worker.join(40)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE held")

    assert heard == ["due_soon"]


@pytest.mark.django_db
def test_a_short_extension_does_not_repeat_a_warning_whose_time_is_past(rang: list[ClockRang]) -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    sweep_until_quiet(london(2026, 4, 10))

    operations.extend(kind, about=case, due_on=date(2026, 4, 13), reason="Parts", by=PRIYA, at=london(2026, 4, 10))
    sweep_until_quiet(LATE)

    assert [event.rung for event in rang] == ["due_soon", "due", "overdue_5"]
