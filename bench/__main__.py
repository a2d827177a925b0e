"""`make bench`: figures on this machine, and their ratio to the database's own limit.

ARGS="create near" measures only what has one of these words in its name; SECONDS=12 is how long each is measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench import accounts, home, load, reference, weight
from bench import council as councils
from bench.council import Council, say
from bench.data import Scale
from bench.load import Taken, Wanted
from bench.proofs import wait_until_drained
from bench.scenarios import SCENARIOS, Scenario
from bench.wire import Answer, Client

SECONDS = float(os.environ.get("SECONDS", "12"))
CALIBRATED, WARMED = 40, 24  # requests sent while statements are counted, and before
DRAINED_WITHIN = 900.0


@dataclass
class Result:
    """One line of the table."""

    scenario: Scenario
    name: str
    taken: Taken
    cpu: float  # milliseconds of web and database for each request
    cores: float  # how many of this machine's were ours on average, with the load generator
    queries: float | None
    reference: float  # transactions a second
    drained: float | None = None

    def counted(self, share: float) -> float:
        """The percentile in milliseconds, without what is not ours to count."""
        return self.taken.percentile(share) - self.scenario.aside()

    @property
    def verdict(self) -> str:
        wanted = self.scenario
        missed = [
            words
            for is_missed, words in (
                (self.taken.rate < wanted.least, f"below {wanted.least:.0f}/s"),
                (wanted.p95 is not None and self.counted(0.95) > wanted.p95, f"p95 over {wanted.p95} ms"),
                (
                    wanted.share is not None and self.taken.rate / self.reference < wanted.share,
                    f"below {wanted.share} of pgbench",
                ),
                (bool(self.taken.wrong), f"{sum(self.taken.wrong.values())} wrong answers {dict(self.taken.wrong)}"),
            )
            if is_missed
        ]
        return "; ".join(missed) or "reached"


def main(words: list[str]) -> int:
    chosen = [one for one in SCENARIOS if not words or any(word in one.name for word in words)]
    council = councils.ready(Scale())
    results: list[Result] = []
    heavy: list[str] = []
    try:
        reference.prepare(council)
        with council.connect("townhall_admin") as admin:
            accounts.ensure(admin)
        with _other_systems(council), councils.web(council) as web:
            if not words or "weight" in words:
                heavy = _weigh(council.port)
            for scenario in chosen:
                results += list(_measured(council, scenario, web))
    finally:
        home.must(council.folder, "postgres", "stop")
        _print(results)
    return 0 if all(result.verdict == "reached" for result in results) and not heavy else 1


def _weigh(port: int) -> list[str]:
    """Print what the first visit costs; what is wrong with it."""
    parts = weight.first_visit(port)
    print(f"First visit to the home page: {sum(part.size for part in parts)} bytes as sent")
    print("\n".join(f"  {part.words}" for part in parts))
    found = weight.problems(parts)
    print(f"  {'; '.join(found) or 'reached'}", flush=True)
    return found


@contextmanager
def _other_systems(council: Council) -> Iterator[None]:
    """A mail server and the stand-ins, for the worker to send to. They run on the same cores."""
    mails = council.folder / "mails.txt"
    mails.unlink(missing_ok=True)
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", council.env["EMAIL_PORT"], str(mails)], cwd=home.ROOT)
    try:
        with councils.running(council, "standins"):
            yield
    finally:
        sink.terminate()
        sink.wait()


def _measured(council: Council, scenario: Scenario, web: psutil.Process) -> Iterator[Result]:
    say(scenario.name)
    limit = reference.run(council, scenario.reference, seconds=SECONDS / 2)
    queries = _count_queries(council, scenario.prepare(council))
    wanted = scenario.prepare(council)
    if not scenario.creates:
        yield _run(council, scenario, scenario.name, wanted, web=web, limit=limit, queries=queries)
        return
    paused = _run(council, scenario, f"{scenario.name}, worker paused", wanted, web=web, limit=limit, queries=queries)
    with councils.running(council, "worker"):
        paused.drained = _drain(council)
        yield paused
        wanted = scenario.prepare(council)
        limit = reference.run(council, scenario.reference, seconds=SECONDS / 2)
        busy = _run(
            council, scenario, f"{scenario.name}, worker running", wanted, web=web, limit=limit, queries=queries
        )
        busy.drained = _drain(council)
        yield busy


def _drain(council: Council) -> float | None:
    say("  waiting until all is sent")
    return wait_until_drained(council.url("townhall_app"), seconds=DRAINED_WITHIN)


def _run(
    council: Council,
    scenario: Scenario,
    name: str,
    wanted: Wanted,
    *,
    web: psutil.Process,
    limit: float,
    queries: float,
) -> Result:
    used: list[float] = []
    moments: list[float] = []

    def around(_moment: str) -> None:
        used.append(_cpu_seconds([web, council.postmaster()]))
        moments.append(_machine_seconds())

    taken = load.run(wanted, port=council.port, seconds=SECONDS, around=around)
    say(f"  {name}: {taken.rate:.0f}/s, pgbench {limit:.0f}/s")
    count = max(len(taken.latencies), 1)
    return Result(
        scenario=scenario,
        name=name,
        taken=taken,
        cpu=(used[1] - used[0]) / count * 1000,
        cores=(moments[1] - moments[0]) / taken.seconds,
        queries=queries,
        reference=limit,
    )


def _cpu_seconds(roots: list[psutil.Process]) -> float:
    """Used so far by these processes and all below them."""
    total = 0.0
    for process in [one for root in roots for one in (root, *root.children(recursive=True))]:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def _machine_seconds() -> float:
    """Used so far by everything on this machine."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait)


def _count_queries(council: Council, wanted: Wanted) -> float:
    """Statements for each request, without BEGIN and COMMIT. Nothing else runs meanwhile."""
    client = Client(council.port)
    requests = wanted.lines()[0]
    answer: Answer | None = None

    def send(count: int) -> None:
        nonlocal answer
        for _number in range(count):
            request, holds = requests.send(answer if wanted.walk else None)
            answer = client.send(request)
            if not wanted.is_right(answer, holds):
                sys.exit(f"{answer.status} for {request[:200]!r}\n{answer.body[:2000]!r}")

    with council.connect("townhall_admin") as admin:
        send(WARMED)
        _track(admin, "top")
        time.sleep(0.2)
        admin.execute("SELECT pg_stat_statements_reset()")
        send(CALIBRATED)
        row = admin.execute(
            "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid "
            "WHERE r.rolname = 'townhall_app' AND query !~* '^(begin|commit|savepoint|release|set |show )'"
        ).fetchone()
        _track(admin, "none")
    client.close()
    assert row is not None
    return float(row[0] or 0) / CALIBRATED


def _track(admin: councils.Connected, what: str) -> None:
    admin.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{what}'".encode())
    admin.execute("SELECT pg_reload_conf()")


def _print(results: list[Result]) -> None:
    cores = psutil.cpu_count()
    print(f"\n{cores} cores, 2 web processes, fsync on, {load.CONNECTIONS} connections, {SECONDS:.0f} s each")
    head = (
        "",
        "requests/s",
        "p50 ms",
        "p95 ms",
        "queries",
        "CPU ms",
        "pgbench/s",
        "ratio",
        "busy cores",
        "drained s",
        "",
    )
    rows = [
        (
            one.name,
            f"{one.taken.rate:.0f}",
            f"{one.counted(0.5):.1f}",
            f"{one.counted(0.95):.1f}",
            "" if one.queries is None else f"{one.queries:.1f}",
            f"{one.cpu:.2f}",
            f"{one.reference:.0f}",
            f"{one.taken.rate / one.reference:.3f}",
            f"{one.cores:.1f}",
            f"{one.drained:.0f}" if one.drained is not None else ("never" if one.scenario.creates else ""),
            one.verdict,
        )
        for one in results
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        cells = [
            cell.ljust(width) if place in (0, 10) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
