"""One whole Townhall, as `townhall up` runs it: what is killed comes back, what was written is there, and it ends cleanly."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from townhall.config import postgres
from townhall.config.supervisor import townhall
from townhall.config.tests.places import has_ended, open_folder, running

pytestmark = pytest.mark.proof

LONG = 40.0  # seconds; the machine may be busy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data: Path) -> dict[str, str]:
    """Ours, without what the tests run on."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_", "PYTEST_", "TOWNHALL_TEST"))
    }
    return kept | {"TOWNHALL_DATA": str(data), "SECRET_KEY": "for this test", "TOWNHALL_SECURE": "False"}


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(townhall(*arguments), env=environment(data), capture_output=True, text=True, check=False)


def wait_for(done: Callable[[], Any], *, seconds: float = LONG) -> float:
    """Until `done` says so; how long that took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.05)
    return time.monotonic() - began


@dataclass
class Living:
    data: Path
    port: int
    process: subprocess.Popen[bytes]

    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=LONG) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        except OSError:
            found = {"ready": False, "web": "not answering"}
        return found

    def ready(self) -> bool:
        return bool(self.health()["ready"])

    def child(self, name: str) -> psutil.Process | None:
        """The process that runs `townhall <name>` for us."""
        for process in psutil.Process(self.process.pid).children():
            try:
                if name in process.cmdline():
                    return process
            except psutil.Error:
                continue
        return None

    def postmaster(self) -> int | None:
        """The number of the database's first process, as its own file gives it."""
        try:
            return int((self.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError):
            return None

    def killed(self, name: str) -> psutil.Process:
        process = self.child(name)
        assert process is not None
        process.kill()
        return process


@pytest.fixture(scope="module")
def living() -> Iterator[Living]:
    with open_folder() as data:
        port = free_port()
        process = subprocess.Popen(townhall("up", "--port", str(port)), env=environment(data))
        made = Living(data, port, process)
        try:
            wait_for(made.ready)
            yield made
        finally:
            process.terminate()
            process.wait(LONG)


def test_everything_is_ready(living: Living) -> None:
    assert living.health() == {"ready": True, "web": "ok", "database": "ok", "worker": "ok"}


def test_a_killed_worker_is_back(living: Living) -> None:
    before = living.killed("worker")
    wait_for(lambda: (now := living.child("worker")) is not None and now.pid != before.pid)
    wait_for(living.ready)


def test_a_killed_web_process_is_replaced_while_the_other_answers(living: Living) -> None:
    web = living.child("web")
    assert web is not None
    first, other = web.children()
    first.kill()
    wait_for(lambda: other in web.children() and len(web.children()) == 2 and first not in web.children())
    assert living.ready()


def test_all_web_processes_killed_are_back(living: Living) -> None:
    web = living.child("web")
    assert web is not None
    orphans = [process.pid for process in web.children()]
    assert orphans
    before = living.killed("web")
    wait_for(lambda: (now := living.child("web")) is not None and now.pid != before.pid)
    wait_for(living.ready)
    wait_for(lambda: all(has_ended(pid) for pid in orphans))


def test_a_killed_database_is_back_and_nobody_has_to_reconnect(living: Living) -> None:
    before = living.postmaster()
    assert before is not None
    psutil.Process(before).kill()
    wait_for(lambda: living.postmaster() not in (None, before))
    wait_for(living.ready)
    assert has_ended(before)
    for _ in range(20):  # every pooled connection of every web process
        assert living.ready()


def test_a_second_one_on_the_same_port_is_refused_with_a_sentence(living: Living) -> None:
    with open_folder() as data:
        second = command(data, "up", "--port", str(living.port))
    assert second.returncode == 1
    assert f"Port {living.port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_commands_share_the_database_of_the_one_that_runs(living: Living) -> None:
    done = subprocess.run(
        townhall("migrate"), env=environment(living.data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert living.ready()


def test_a_backup_brings_everything_back(living: Living) -> None:
    """Rows, files and the application's rights; and nothing is lost by mistake."""
    (living.data / "files").mkdir(exist_ok=True)
    (living.data / "files" / "photo").write_bytes(b"a photo")
    with running(living.data) as server, psycopg.connect(server.app_url) as app:
        app.execute("INSERT INTO core_heartbeat VALUES ('kept', 'test', now())")

    with open_folder() as data:
        archive = data / "backup.tar"
        done = command(living.data, "backup", str(archive))
        assert done.returncode == 0, done.stderr
        for options in ([], ["--replace"]):
            done = command(data, "restore", str(archive), *options)
            assert done.returncode == 0, done.stderr
        refused = command(data, "restore", str(archive))
        assert refused.returncode == 1
        assert "not empty" in refused.stderr
        assert (data / "files" / "photo").read_bytes() == b"a photo"
        with running(data) as server, psycopg.connect(server.app_url) as app:
            assert app.execute("SELECT kind FROM core_heartbeat WHERE process = 'kept'").fetchone() == ("test",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("DELETE FROM ledger_entry")


def test_told_to_stop_nothing_is_left(living: Living) -> None:
    """The last test of this module: it ends what the others used."""
    everything = [process.pid for process in psutil.Process(living.process.pid).children(recursive=True)]
    living.process.terminate()
    assert living.process.wait(LONG) == 0
    assert [pid for pid in everything if not has_ended(pid)] == []
    assert not (living.data / "postgres" / "cluster" / "postmaster.pid").exists()
    server = postgres.start(living.data)  # what was in the database is still there
    with psycopg.connect(server.app_url) as app:
        assert app.execute("SELECT count(*) FROM core_heartbeat WHERE kind = 'worker'").fetchone() != (0,)
    assert server.stop()
