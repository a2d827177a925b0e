"""The supervisor: what dies is started again, quickly at first and then with patience, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from townhall.config import postgres, supervisor
from townhall.config.supervisor import Child, Supervisor
from townhall.config.tests.places import has_ended, open_folder, running

pytestmark = pytest.mark.proof

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT_OF_ONE = [
    sys.executable,
    "-c",
    "import subprocess, time; p = subprocess.Popen(['sleep', '60']); print('started', p.pid, flush=True); time.sleep(60)",
]


@pytest.fixture
def child() -> Iterator[Callable[[list[str]], Child]]:
    made: list[Child] = []

    def make(command: list[str]) -> Child:
        made.append(Child("one", command))
        return made[-1]

    yield make
    for one in made:
        one.signal(signal.SIGKILL)
        if one.process is not None:
            one.process.wait()


def look_until(done: Callable[[], bool], *, look: Callable[[], None], seconds: float = 40) -> float:
    """Call `look` again and again until `done`; how long that took, in seconds."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, "it did not happen"
        look()
        time.sleep(0.02)
    return time.monotonic() - began


def pid_of(child: Child) -> int | None:
    return child.process.pid if child.process else None


def test_a_killed_child_is_back_within_a_second(child: Callable[[list[str]], Child]) -> None:
    one = child(SLEEPER)
    one.look()
    first = pid_of(one)
    assert first is not None

    os.kill(first, signal.SIGKILL)

    look_until(lambda: pid_of(one) not in (None, first), look=one.look)
    assert one.delay < 1


def test_what_a_killed_child_started_goes_with_it(
    child: Callable[[list[str]], Child], capfd: pytest.CaptureFixture[str]
) -> None:
    one = child(PARENT_OF_ONE)
    one.look()
    grandchild = 0

    def has_said() -> bool:
        nonlocal grandchild
        words = capfd.readouterr().out.partition("started ")[2].split()
        grandchild = int(words[0]) if words else 0
        return grandchild > 0

    look_until(has_said, look=lambda: None)
    first = pid_of(one)
    assert first is not None

    os.kill(first, signal.SIGKILL)

    look_until(lambda: pid_of(one) not in (None, first), look=one.look)
    look_until(lambda: has_ended(grandchild), look=lambda: None)


def test_a_child_that_keeps_dying_is_started_less_and_less_often(child: Callable[[list[str]], Child]) -> None:
    one = child([sys.executable, "-c", "raise SystemExit(3)"])
    delays: list[float] = []

    def look() -> None:
        had = one.process
        one.look()
        if had is not None and one.process is None:
            delays.append(one.delay)

    look_until(lambda: len(delays) == 3, look=look)
    assert delays == [0.2, 0.4, 0.8]


def test_a_steady_child_that_dies_once_is_forgiven(
    child: Callable[[list[str]], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STEADY", 0.0)
    one = child(SLEEPER)
    one.delay = supervisor.LONGEST_DELAY
    one.look()
    first = pid_of(one)
    assert first is not None

    os.kill(first, signal.SIGKILL)

    look_until(lambda: pid_of(one) not in (None, first), look=one.look)
    assert one.delay == supervisor.FIRST_DELAY


def test_a_killed_database_is_back_within_a_few_seconds() -> None:
    with open_folder() as folder, running(folder) as server:
        watching = Supervisor([], server=server)
        postmaster = postgres._postmaster(server.home)
        assert postmaster is not None

        postmaster.kill()

        look_until(
            lambda: server.is_running() and postmaster != postgres._postmaster(server.home),
            look=watching._look_at_server,
            seconds=15,
        )


def test_told_to_stop_it_ends_its_children_and_waits_for_them() -> None:
    code = (
        "import sys; from townhall.config import logs; from townhall.config.supervisor import *\n"
        "logs.configure()\n"
        "one = Child('one', [sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "def tick():\n"
        "    if one.process and not hasattr(one, 'said'): print(one.process.pid, flush=True); one.said = True\n"
        "Supervisor([one]).run(each_tick=tick)\n"
    )
    running_one = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert running_one.stdout is not None
    pid = int(running_one.stdout.readline())
    running_one.terminate()
    running_one.communicate(timeout=30)
    assert running_one.returncode == 0
    assert has_ended(pid)


def test_a_child_ends_when_its_supervisor_was_killed() -> None:
    child = "from townhall.config.supervisor import end_with_supervisor as e; import time; e(); print('up', flush=True); time.sleep(60)"
    parent = (
        "import os, subprocess, sys, time; os.environ['TOWNHALL_PARENT'] = str(os.getpid()); "
        f"print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = int(process.stdout.readline())
        assert process.stdout.readline() == "up\n"  # the child writes where its parent does
        process.kill()
        look_until(lambda: has_ended(left), look=lambda: None)
