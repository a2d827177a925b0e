"""The worker: every sweep runs when it is due, and one that fails never stops another."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

import pytest
from django.db import OperationalError, connection

from townhall.config import worker
from townhall.config.worker import Job, Worker, run_daily
from townhall.core import sweeps
from townhall.core.models import Heartbeat, SweepRun
from townhall.core.sweeps import Sweep

SUMMER_2AM = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)  # 2 o'clock in London


def run_until(jobs: list[Job], done: Callable[[], bool]) -> None:
    """A worker with these jobs, in a thread of its own, until `done`."""
    one = Worker(jobs)
    thread = threading.Thread(target=one.run)
    thread.start()
    deadline = time.monotonic() + 40
    try:
        while not done():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)
    finally:
        one.stopping.set()
        thread.join()


def test_a_daily_sweep_is_due_from_its_london_time_once_a_day() -> None:
    daily = Sweep(name="a.b", run=lambda at: 0, daily_at=clock(2, 0))
    assert not daily.is_due_today(SUMMER_2AM - timedelta(seconds=1), last_on=None)
    assert daily.is_due_today(SUMMER_2AM, last_on=None)
    assert daily.is_due_today(SUMMER_2AM, last_on=date(2026, 6, 30))
    assert daily.is_due_today(SUMMER_2AM + timedelta(hours=20), last_on=date(2026, 6, 30))  # late is better than never
    assert not daily.is_due_today(SUMMER_2AM + timedelta(hours=20), last_on=date(2026, 7, 1))


def test_two_sweeps_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_sweeps", {})
    sweeps.register("a.b", lambda at: 0)
    with pytest.raises(ValueError, match=r"a\.b"):
        sweeps.register("a.b", lambda at: 0)
    assert [sweep.name for sweep in sweeps.registered()] == ["a.b"]


@pytest.mark.django_db
def test_a_daily_sweep_works_through_everything_and_then_waits_for_tomorrow() -> None:
    left = [3, 2, 1, 0, 7]
    daily = Sweep(name="a.daily", run=lambda at: left.pop(0), daily_at=clock(2, 0))

    assert run_daily(daily, SUMMER_2AM) == 6
    assert run_daily(daily, SUMMER_2AM + timedelta(hours=1)) == 0
    assert SweepRun.objects.get(name="a.daily").last_daily_on == date(2026, 7, 1)
    assert left == [7]


@pytest.mark.django_db
def test_a_daily_sweep_that_fails_is_not_done_for_the_day() -> None:
    def run(at: datetime) -> int:
        raise OSError("the disk is full")

    daily = Sweep(name="a.daily", run=run, daily_at=clock(2, 0))
    with pytest.raises(OSError, match="full"):
        run_daily(daily, SUMMER_2AM)
    assert not SweepRun.objects.filter(name="a.daily", last_daily_on__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_fails_is_noted_and_stops_no_other() -> None:
    good: list[datetime] = []

    def fail(at: datetime) -> int:
        raise ValueError("no such template")

    def succeed(at: datetime) -> int:
        good.append(at)
        return 0

    failing = Job(Sweep(name="a.fails", run=fail, every=timedelta(0)))
    working = Job(Sweep(name="b.works", run=succeed, every=timedelta(0)))

    run_until([failing, working], lambda: failing.failures >= 1 and len(good) > 5)

    noted = SweepRun.objects.get(name="a.fails")
    assert noted.last_error == "ValueError: no such template"
    assert noted.last_ok_at is None
    assert SweepRun.objects.get(name="b.works").last_ok_at is not None
    assert failing.failures <= 2  # it waits longer each time, and the other does not


@pytest.mark.django_db(transaction=True)
def test_a_slow_sweep_holds_up_no_other_and_work_left_is_done_at_once() -> None:
    release, batches = threading.Event(), [5, 5, 5, 0]
    done: list[int] = []

    def slow(at: datetime) -> int:
        release.wait(40)
        return 0

    def busy(at: datetime) -> int:
        done.append(batches.pop(0))
        return done[-1]

    jobs = [Job(Sweep(name="a.slow", run=slow)), Job(Sweep(name="b.busy", run=busy, every=timedelta(hours=1)))]
    began = time.monotonic()

    def ended() -> bool:
        if len(done) == 4:
            release.set()
        return release.is_set()

    run_until(jobs, ended)
    assert done == [5, 5, 5, 0]
    assert time.monotonic() - began < 40  # none of the batches waited for `every`


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_works_again_is_noted_as_well() -> None:
    failures = [OperationalError("the database is away"), None, None]

    def run(at: datetime) -> int:
        if (error := failures.pop(0)) is not None:
            raise error
        return 0

    job = Job(Sweep(name="a.b", run=run))
    job.run()
    job.run()
    noted = SweepRun.objects.get(name="a.b")
    assert (noted.last_error, noted.last_ok_at is not None) == ("", True)
    assert job.failures == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_beats_by_the_databases_clock_and_forgets_the_long_silent() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_heartbeat VALUES ('old', 'worker', now() - interval '25 hours')")

    worker.beat()
    worker.beat()

    (beat,) = Heartbeat.objects.all()
    assert beat.process.endswith(f":{os.getpid()}")
    assert beat.kind == "worker"
