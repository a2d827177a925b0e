"""The worker: runs every registered sweep when it is due, and says each second that it is alive.

Any number of workers may run at once; a sweep shares out its rows by SKIP LOCKED.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from django.db import DatabaseError, close_old_connections, connection, transaction

from townhall.core import sweeps
from townhall.core.sweeps import Sweep
from townhall.core.time import council_date, now

log = structlog.get_logger()

TICK = 0.05  # seconds
BEAT = 1.0  # seconds between heartbeats
NOTE = 15.0  # seconds between two notes of a sweep that goes well
LONGEST_WAIT = 60.0  # seconds between tries of a sweep that fails
THREADS = 4  # sweeps at once; each uses one database connection
NICE = 5  # where the processor is short, pages come before what can wait


@dataclass
class Job:
    """A sweep with what this worker remembers of it. Times are monotonic seconds."""

    sweep: Sweep
    due: float = 0.0
    running: Future[int] | None = None
    failures: int = 0
    noted: float = 0.0

    def start(self, pool: ThreadPoolExecutor) -> None:
        self.running = pool.submit(self.run)

    def run(self) -> int:
        """One batch, or the whole of a daily sweep's day. What it handled; 0 when it failed."""
        at = now()
        try:
            handled = run_daily(self.sweep, at) if self.sweep.daily_at else self.sweep.run(at)
        except Exception as error:
            self.failures += 1
            log.exception("sweep.failed", sweep=self.sweep.name, failures=self.failures)
            self._note(at, error=f"{type(error).__name__}: {error}")
            return 0
        else:
            recovered, self.failures = self.failures > 0, 0
            if recovered or time.monotonic() - self.noted > NOTE:
                self._note(at, error="")
            return handled
        finally:
            close_old_connections()

    def finish(self) -> None:
        """Decide when to run again: at once while there is work, later and later while it fails."""
        assert self.running is not None
        handled = self.running.result()
        self.running = None
        wait = 0.0 if handled else self.sweep.every.total_seconds()
        if self.failures:
            wait = min(max(wait, 0.5 * 2**self.failures), LONGEST_WAIT)
        self.due = time.monotonic() + wait

    def _note(self, at: datetime, *, error: str) -> None:
        try:
            note(self.sweep, at, error=error)
            self.noted = time.monotonic()
        except DatabaseError:
            log.warning("sweep.not_noted", sweep=self.sweep.name)


def run_daily(sweep: Sweep, at: datetime) -> int:
    """Today's run when it is due, batch by batch until nothing is left; remembered by its London date. Always returns 0 or more."""
    if not sweep.is_due_today(at, last_on=_last_daily_on(sweep)):
        return 0
    total = 0
    while handled := sweep.run(at):
        total += handled
    note(sweep, at, error="", daily_on=council_date(at))
    log.info("sweep.daily", sweep=sweep.name, handled=total)
    return total


def _last_daily_on(sweep: Sweep) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_daily_on FROM core_sweeprun WHERE name = %s", [sweep.name])
        row = cursor.fetchone()
    return row[0] if row else None


def note(sweep: Sweep, at: datetime, *, error: str, daily_on: date | None = None) -> None:
    """Keep when the sweep last ran, and how it ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")  # the note is worth less than a disk write
        cursor.execute(
            """INSERT INTO core_sweeprun AS r (name, last_run_at, last_ok_at, last_daily_on, last_error)
               VALUES (%(name)s, %(at)s, %(ok)s, %(on)s, %(error)s)
               ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at, last_error = excluded.last_error,
                   last_ok_at = coalesce(excluded.last_ok_at, r.last_ok_at),
                   last_daily_on = greatest(excluded.last_daily_on, r.last_daily_on)""",
            {"name": sweep.name, "at": at, "ok": None if error else at, "on": daily_on, "error": error[:2000]},
        )


def beat(kind: str = "worker") -> None:
    """Say that this process is alive, by the database's clock; forget processes silent for a day."""
    process = f"{socket.gethostname()}:{kind}:{os.getpid()}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
        cursor.execute(
            """INSERT INTO core_heartbeat (process, kind, at) VALUES (%s, %s, clock_timestamp())
               ON CONFLICT (process) DO UPDATE SET at = excluded.at""",
            [process, kind],
        )
        cursor.execute("DELETE FROM core_heartbeat WHERE at < clock_timestamp() - interval '1 day'")


class Worker:
    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.stopping = threading.Event()
        self._next_beat = 0.0

    def run(self) -> None:
        """Until `stopping` is set; then waits for the batches under way."""
        log.info("worker.started", sweeps=[job.sweep.name for job in self.jobs])
        with ThreadPoolExecutor(THREADS, thread_name_prefix="sweep") as pool:
            while not self.stopping.wait(TICK):
                self._beat()
                for job in self.jobs:
                    self._look(job, pool)
        log.info("worker.stopped")

    def _look(self, job: Job, pool: ThreadPoolExecutor) -> None:
        if job.running is not None and job.running.done():
            job.finish()
        if job.running is None and time.monotonic() >= job.due:
            job.start(pool)

    def _beat(self) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + BEAT
        try:
            beat()
        except DatabaseError:
            log.warning("heartbeat.failed")
        finally:
            close_old_connections()


def main() -> None:
    """Run every registered sweep until SIGINT or SIGTERM, or until the supervisor that started us is gone."""
    with suppress(OSError):
        os.nice(NICE)
    worker = Worker([Job(sweep) for sweep in sweeps.registered()])

    def stop(*_: Any) -> None:
        worker.stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if parent := os.environ.get("TOWNHALL_PARENT"):
        from townhall.config.supervisor import watch

        threading.Thread(target=watch, args=[int(parent)], kwargs={"then": stop}, daemon=True).start()
    worker.run()
