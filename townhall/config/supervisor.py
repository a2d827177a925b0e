"""Keeps the processes of one Townhall running: what dies is started again, and they all end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from townhall.config.postgres import Server
from townhall.config.postgres_home import PostgresError

log = structlog.get_logger()

TICK = 0.1  # seconds between two looks
FIRST_DELAY, LONGEST_DELAY = (
    0.1,
    10.0,
)  # seconds before a child that died is started again; doubles while it keeps dying
STEADY = 10.0  # a child that ran this many seconds starts with a clean slate
GRACE = 25.0  # seconds that children have to finish what they are doing


@dataclass
class Child:
    """One process and everything it starts: a process group of its own."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    log_file: Path | None = None  # where it writes; by default where we write
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    delay: float = FIRST_DELAY

    def start(self) -> None:
        self.started = time.monotonic()
        output = self.log_file.open("ab") if self.log_file else None
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | self.env | {"TOWNHALL_PARENT": str(os.getpid())},
            start_new_session=True,
        )
        if output:
            output.close()
        log.info("process.started", process=self.name, pid=self.process.pid)

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def look(self) -> None:
        """Start it when it is not running and its delay is over."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.signal(signal.SIGKILL)  # what it started must not outlive it
            self.process = None
            self.delay = FIRST_DELAY if now - self.started > STEADY else min(self.delay * 2, LONGEST_DELAY)
            self.not_before = now + self.delay
            log.warning("process.ended", process=self.name, code=code, again_in_seconds=self.delay)
        elif now >= self.not_before:
            self.start()


def townhall(*arguments: str) -> list[str]:
    """The command line of another Townhall process."""
    return [sys.executable, "-m", "townhall.config.cli", *arguments]


def watch(parent: int, *, then: Callable[[], object]) -> None:
    """Do `then` when process `parent` is no longer our parent. Runs for ever: give it a daemon thread."""
    while os.getppid() == parent:
        time.sleep(0.5)
    then()


def end_with_supervisor() -> None:
    """Ask ourselves to end when the supervisor that started us is gone, so that nobody is left holding a port."""
    if parent := os.environ.get("TOWNHALL_PARENT"):
        ask = {"then": lambda: os.kill(os.getpid(), signal.SIGTERM)}
        threading.Thread(target=watch, args=[int(parent)], kwargs=ask, daemon=True).start()


class Supervisor:
    """Runs `children`, and the embedded server when there is one, until told to stop."""

    def __init__(self, children: Sequence[Child], *, server: Server | None = None) -> None:
        self.children = list(children)
        self.server = server
        self._stopping = False
        self._server_not_before = 0.0

    def stop(self, *_: Any) -> None:
        self._stopping = True

    def run(self, *, each_tick: Callable[[], None] = lambda: None) -> None:
        """Until SIGINT or SIGTERM. The children are given GRACE seconds; the server is left to whoever opened it."""
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        try:
            while not self._stopping:
                self._look_at_server()
                for child in self.children:
                    child.look()
                each_tick()
                time.sleep(TICK)
        finally:
            self._end_children()

    def _look_at_server(self) -> None:
        if self.server is None or time.monotonic() < self._server_not_before or self.server.is_running():
            return
        log.warning("postgres.gone")
        try:
            self.server.ensure_running()
            log.info("postgres.started")
        except PostgresError as error:
            log.error("postgres.not_started", error=str(error))  # noqa: TRY400
            self._server_not_before = time.monotonic() + 2

    def _end_children(self) -> None:
        for child in self.children:
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            child.signal(signal.SIGKILL)
            child.process.wait()
