"""`make crash`: kill things under load, then prove that nothing was lost. KILLS=30 SEED=1 RATE=40.

A real `townhall up` takes reports, forms filled in page by page, and payments from browsers that press the button again when no answer
came. Meanwhile web processes, the worker and the database are killed with SIGKILL at random moments. Afterwards every report and form that
was acknowledged must be there once, with one acknowledgement sent; every report's job is once in the other system's own book, every bill
was taken once by the provider's own book and is paid here; and nothing may be stuck. Exit status 1 when anything was lost.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import psycopg

from bench import home, proofs, receivers
from bench.doors import DOORS, FILLED_IN, PAID, STEPPED, Door, Report
from bench.tree import Tree
from bench.wire import Broken, Client

KILLS = int(os.environ.get("KILLS", "30"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 100_000)))
RATE = float(os.environ.get("RATE", "40"))  # reports begun each second
STEPPERS = 2  # browsers beside those, for each of the doors with several steps
STEP_PAUSE = 0.15  # seconds that they rest between two
BROWSERS = 8
PAUSES = (1.5, 8.5)  # seconds between two kills
EMAIL_TIMEOUT = 2  # seconds; the lease on a message is six times that
RECOVERED_WITHIN = 60.0
DRAINED_WITHIN = 300.0  # a delivery claimed by a worker that died waits 120 s


@dataclass
class Kill:
    kind: str
    at: float  # time.time()
    recovered: float | None = (
        None  # seconds until a report begun after the kill was acknowledged (a mail sent, for the worker)
    )


@dataclass
class Load:
    """Browsers that send reports at a steady pace, and what they were told."""

    port: int
    reports: dict[str, list[Report]]
    doors: list[Door]
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[tuple[Report, str]] = field(default_factory=list)  # with the reference that was shown
    refused: Counter[str] = field(default_factory=Counter)
    stepped: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # by door: marker and reference
    repeated: int = 0  # requests sent again because no answer came
    last_begun: float = 0.0  # when the newest acknowledged request was sent
    _turn: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def browse(self) -> None:
        client = Client(self.port, timeout=15)
        while (taken := self._next()) is not None:
            door, report = taken
            self._send_until_acknowledged(client, door, report)

    def step(self, door: Door) -> None:
        """One after the other, of what takes several steps."""
        client = Client(self.port, timeout=15)
        assert door.steps is not None
        while self.reports[door.name] and not self.stopping.is_set():
            one = self.reports[door.name].pop()
            reference = door.steps(client, one, self._again)
            with self._lock:
                self.stepped.setdefault(door.name, []).append((one.marker, reference))
            time.sleep(STEP_PAUSE)

    def _again(self, problem: str) -> None:
        with self._lock:
            self.refused[problem] += 1
            self.repeated += 1

    def _next(self) -> tuple[Door, Report] | None:
        with self._lock:
            if self.stopping.is_set():
                return None
            number, self._turn = self._turn, self._turn + 1
            door = self.doors[number % len(self.doors)]
            waiting = self.reports[door.name]
            report = waiting.pop() if waiting else None
        time.sleep(BROWSERS / RATE)
        return (door, report) if report else None

    def _send_until_acknowledged(self, client: Client, door: Door, report: Report) -> None:
        request = door.request(report)
        for attempt in range(1_000):
            begun = time.time()
            try:
                answer = client.send(request)
            except Broken:
                problem = "no answer"
            else:
                reference = door.reference(answer)
                if reference:
                    with self._lock:
                        self.acknowledged.append((report, reference))
                        self.last_begun = max(self.last_begun, begun)
                        self.repeated += attempt
                    return
                problem = f"{door.name}: {answer.status}"
                if answer.status < 500:
                    client.close()
            with self._lock:
                self.refused[problem] += 1
            time.sleep(0.2)
        raise AssertionError(f"{report.marker} was never acknowledged")


class Killer:
    """Kills one thing after the other, and waits only sometimes until it is back."""

    def __init__(self, tree: Tree, load: Load, mails: Path, random: Random) -> None:
        self.tree, self.load, self.mails, self.random = tree, load, mails, random
        self.kills: list[Kill] = []
        self._watchers: list[threading.Thread] = []
        self.kinds: dict[str, tuple[int, Callable[[], psutil.Process | None]]] = {
            "web process": (3, lambda: self._one_of(tree.web_workers())),
            "web master": (1, tree.web_main),
            "worker": (3, tree.worker),
            "PostgreSQL": (2, tree.postmaster),
            "PostgreSQL backend": (2, lambda: self._one_of(tree.backends())),
        }

    def run(self, count: int) -> None:
        for number in range(count):
            time.sleep(self.random.uniform(*PAUSES))
            self._kill_one(first=list(self.kinds)[number] if number < len(self.kinds) else None)
        for watcher in self._watchers:
            watcher.join()

    def _one_of(self, processes: list[psutil.Process]) -> psutil.Process | None:
        return self.random.choice(processes) if processes else None

    def _kill_one(self, *, first: str | None) -> None:
        names = list(self.kinds)
        weights = [weight for weight, _find in self.kinds.values()]
        deadline = time.monotonic() + RECOVERED_WITHIN
        while time.monotonic() < deadline:
            kind = first or self.random.choices(names, weights)[0]
            victim = self.kinds[kind][1]()
            if victim is not None:
                try:
                    victim.kill()
                except psutil.NoSuchProcess:
                    continue
                kill = Kill(kind, time.time())
                self.kills.append(kill)
                print(f"  {len(self.kills):3}  {kind} ({victim.pid})", flush=True)
                watcher = threading.Thread(target=self._wait_for_recovery, args=[kill], daemon=True)
                watcher.start()
                self._watchers.append(watcher)
                return
            time.sleep(0.05)  # it is just being started again
        sys.exit("There is nothing left to kill: the tree does not recover.")

    def _wait_for_recovery(self, kill: Kill) -> None:
        deadline = kill.at + RECOVERED_WITHIN
        while time.time() < deadline:
            came = self._last_mail() if kill.kind == "worker" else self.load.last_begun
            if came > kill.at:
                kill.recovered = time.time() - kill.at
                return
            time.sleep(0.02)

    def _last_mail(self) -> float:
        try:
            with self.mails.open("rb") as file:
                file.seek(max(0, self.mails.stat().st_size - 300))
                return float(file.read().splitlines()[-1].split()[0])
        except (OSError, IndexError, ValueError):
            return 0.0


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    print(f"make crash: {KILLS} kills, seed {SEED}, {RATE:.0f} reports a second", flush=True)
    random = Random(SEED)
    folder = home.fresh("crash")
    port, mail_port, standins_port, *_ = home.free_ports(4)
    env = {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "EMAIL_TIMEOUT": str(EMAIL_TIMEOUT),
        "STANDINS_PORT": str(standins_port),
        "PORT": str(port),
    }
    mails = folder / "mails.txt"
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", str(mail_port), str(mails), "0.01"], cwd=home.ROOT)
    standins = subprocess.Popen(
        home.command(folder, "standins"), env=home.environment(**env), cwd=home.ROOT, stderr=subprocess.DEVNULL
    )
    tree = None
    try:
        home.must(folder, "prepare-demo", **env)
        tree = Tree(folder, port=port, env=env)
        tree.wait_until_ready()
        url = home.must(folder, "postgres", "url", **env).splitlines()[-1]
        return _run(tree, url, mails, random=random, env=env)
    finally:
        if tree is not None:
            tree.stop()
        for process in (standins, sink):
            process.terminate()
            process.wait()


def _run(tree: Tree, url: str, mails: Path, *, random: Random, env: dict[str, str]) -> int:
    with psycopg.connect(url) as connection:
        doors = [door for door in DOORS if door.is_open(tree.port)]
        print("Doors: " + ", ".join(door.name for door in doors), flush=True)
        many = int(RATE * (KILLS + 5) * sum(PAUSES)) // len(doors)
        reports = {door.name: door.prepare(many, connection, tree.port) for door in (*doors, *STEPPED)}
    load = Load(tree.port, reports, doors)
    browsers = [threading.Thread(target=load.browse) for _ in range(BROWSERS)]
    browsers += [threading.Thread(target=load.step, args=[door]) for door in STEPPED for _ in range(STEPPERS)]
    for browser in browsers:
        browser.start()
    killer = Killer(tree, load, mails, random)
    began = time.time()
    killer.run(KILLS)
    time.sleep(3)
    load.stopping.set()
    for browser in browsers:
        browser.join()
    print(f"Killed for {time.time() - began:.0f} seconds; waiting until all is sent.", flush=True)
    drained = proofs.wait_until_drained(url, seconds=DRAINED_WITHIN)
    found = proofs.examine(url, load.acknowledged, mails, [kill.at for kill in killer.kills])
    receivers.examine_deliveries(found, url, tree.folder, env)
    receivers.examine_forms(found, url, load.stepped.get(FILLED_IN.name, []))
    receivers.examine_payments(found, url, tree.folder, [marker for marker, _ in load.stepped.get(PAID.name, [])])
    found.must_be_none(
        "doors that nothing came through", [door.name for door in STEPPED if not load.stepped.get(door.name)]
    )
    for what in ("promises", "ledger"):
        done = home.run(tree.folder, "check", what, **env)
        found.checks[f"check {what}"] = done.stdout.strip() or done.stderr.strip()[-300:]
        found.failed += done.returncode != 0
    _report(load, killer.kills, drained, found)
    return 1 if found.failed or drained is None or not load.acknowledged else 0


def _report(load: Load, kills: list[Kill], drained: float | None, found: proofs.Found) -> None:
    rows: list[tuple[str, str]] = []
    for kind, count in Counter(kill.kind for kill in kills).most_common():
        seconds = sorted(kill.recovered for kill in kills if kill.kind == kind and kill.recovered is not None)
        lost = count - len(seconds)
        words = f"back after {seconds[len(seconds) // 2]:.1f} s, at most {seconds[-1]:.1f} s" if seconds else ""
        rows.append((f"killed: {kind}", f"{count}  {words}{f'  NOT BACK: {lost}' if lost else ''}"))
        found.failed += lost
    rows += [
        ("submissions acknowledged", str(len(load.acknowledged))),
        ("requests repeated by the browser", str(load.repeated)),
        *((f"  of these: {problem}", str(count)) for problem, count in load.refused.most_common()),
        *((name, str(count)) for name, count in found.counts.items()),
        ("drained after", "NEVER" if drained is None else f"{drained:.0f} s"),
        *found.checks.items(),
    ]
    wide = max(len(name) for name, _value in rows)
    print()
    for name, value in rows:
        print(f"{name:<{wide}}  {value}")
    for line in found.details[:20]:
        print("  " + line)
    print("\nNothing was lost." if not found.failed and drained is not None else "\nFAILED")


if __name__ == "__main__":
    sys.exit(main())
