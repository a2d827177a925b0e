"""A running `townhall up` with two web processes, worker and database, and its processes by kind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from bench import home


class Tree:
    """One supervised Townhall on `folder`, listening on `port`. `log`: where it writes."""

    def __init__(self, folder: Path, *, port: int, env: dict[str, str]) -> None:
        self.folder, self.port = folder, port
        self.log = folder / "townhall.log"
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                home.command(folder, "up", "--port", str(port)),
                env=home.environment(**env),
                cwd=home.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._supervisor = psutil.Process(self._process.pid)

    def wait_until_ready(self, *, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"Townhall did not start; see {self.log}")
            time.sleep(0.1)

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(60)
        if self._process.poll() is None:
            self._process.kill()

    # Its processes. Only what this tree started is ever found.

    def web_main(self) -> psutil.Process | None:
        return self._child("web")

    def web_workers(self) -> list[psutil.Process]:
        main = self.web_main()
        return [] if main is None else [one for one in _children(main) if "web" in _command(one)]

    def worker(self) -> psutil.Process | None:
        return self._child("worker")

    def postmaster(self) -> psutil.Process | None:
        """The main process of the database, by the number in our own cluster's folder."""
        cluster = (self.folder / "postgres").resolve() / "cluster"
        try:
            found = psutil.Process(int((cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
            return found if str(cluster) in found.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def backends(self) -> list[psutil.Process]:
        """The database's processes that serve our connections."""
        main = self.postmaster()
        return [] if main is None else [one for one in _children(main) if "townhall_app" in " ".join(_command(one))]

    def serving(self) -> list[psutil.Process]:
        """Everything that works on a request: web and database."""
        main = self.postmaster()
        databases = [] if main is None else [main, *_children(main)]
        web = self.web_main()
        return [*databases, *([web] if web else []), *self.web_workers()]

    def _child(self, name: str) -> psutil.Process | None:
        return next((one for one in _children(self._supervisor) if _command(one)[3:4] == [name]), None)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
