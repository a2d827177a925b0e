"""The council that is measured: filled once, kept between runs, and started without a supervisor so that the worker can be paused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

from bench import calls as past_calls
from bench import data, home, wire
from bench.data import Scale

# Statements are counted in runs of their own; while times are taken nothing counts them.
SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "none"}


# What the worker would do after a load of customers: it must not go on while others are measured.
WORDS = (
    "from townhall.customers.words import *; from townhall.core.time import now\nwhile put_down_missing(now()): pass"
)

Connected = psycopg.Connection[tuple[Any, ...]]


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Council:
    folder: Path
    port: int
    env: dict[str, str]

    @property
    def cluster(self) -> Path:
        return (self.folder / "postgres").resolve() / "cluster"

    @property
    def socket_folder(self) -> str:
        return (self.cluster / "postmaster.pid").read_text().splitlines()[4]

    def password(self, role: str) -> str:
        kept: dict[str, str] = json.loads((self.folder / "postgres.json").read_text())
        return kept[role]

    def url(self, role: str) -> str:
        return f"postgresql://{role}:{self.password(role)}@/townhall?host={quote(self.socket_folder, safe='')}"

    def connect(self, role: str = "townhall_app") -> Connected:
        return psycopg.connect(self.url(role), autocommit=True)

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0]))


def ready(scale: Scale, *, name: str = "council", calls: int = 0) -> Council:
    """A council with its data and a running database. `name`: where it is kept. `calls`: how many of past years.

    Filled afresh when what it is made of has changed, unless BENCH_KEEP says not to; migrations that came since are applied to what is
    kept.
    """
    folder = home.kept(name)
    wanted = {"data": data.stamp(scale), **_migrations()}
    made = folder / "made.json"
    is_kept = made.exists() and (_still_holds(json.loads(made.read_text()), wanted) or "BENCH_KEEP" in os.environ)
    if not is_kept:
        if (folder / "postgres.json").exists():
            home.must(folder, "postgres", "stop")
        folder = home.fresh(name)
    port, mail_port, standins_port, *_ = home.free_ports(4)
    env = {
        "PORT": str(port),
        "PUBLIC_URL": f"http://localhost:{port}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail_port),
        "STANDINS_PORT": str(standins_port),
        "STAFF_IDLE_SECONDS": "36000",
    }
    council = Council(folder, port, env)
    home.must(folder, "prepare-demo", **env)
    home.must(folder, "postgres", "start", **env)
    home.must(folder, "packs", "load", **env)  # services and forms that came since
    if not is_kept:
        began = time.monotonic()
        _fill(council, scale, calls)
        made.write_text(json.dumps(wanted, indent=1))
        say("writing down the words that customers are found by")
    home.must(council.folder, "manage", "shell", "--no-imports", "-c", WORDS, **council.env)
    if not is_kept:
        seconds = time.monotonic() - began
        (folder / "filled.json").write_text(json.dumps({"seconds": round(seconds)}))
        say(f"The council was filled in {seconds:.0f} seconds.")
    made.write_text(json.dumps(wanted, indent=1))
    return council


def seconds_to_fill(council: Council) -> int | None:
    """How long loading took when it was last done; none where that was not put down."""
    put_down = council.folder / "filled.json"
    return int(json.loads(put_down.read_text())["seconds"]) if put_down.exists() else None


def _fill(council: Council, scale: Scale, calls: int) -> None:
    with council.connect("townhall_admin") as admin:
        for name, value in SETTINGS.items():
            admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        admin.execute("ALTER SYSTEM SET max_wal_size = '8GB'")  # fewer checkpoints while it is filled
        admin.execute("SELECT pg_reload_conf()")
        data.fill(admin, scale, at=datetime.now(UTC), say=say)
        if calls:
            past_calls.fill(admin, calls, at=datetime.now(UTC), say=say)
        admin.execute("ALTER SYSTEM RESET max_wal_size")
    say("sealing the ledger")
    seal = "from townhall.ledger.seals import *; from townhall.core.time import now\nwhile seal(now()): pass"
    home.must(council.folder, "manage", "shell", "--no-imports", "-c", seal, **council.env)
    home.must(council.folder, "postgres", "stop")
    home.must(council.folder, "postgres", "start")
    with council.connect("townhall_admin") as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def _migrations() -> dict[str, str]:
    """Path → digest."""
    paths = sorted(home.ROOT.glob("townhall/*/migrations/*.py"))
    return {str(path.relative_to(home.ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def _still_holds(made: dict[str, str], wanted: dict[str, str]) -> bool:
    """Whether all that the data was made of is as it was. What came since is a migration that the data can follow."""
    return all(wanted.get(name) == digest for name, digest in made.items())


@contextmanager
def running(council: Council, *arguments: str) -> Iterator[psutil.Process]:
    """One Townhall command, until the block ends."""
    with (council.folder / f"{arguments[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            home.command(council.folder, *arguments),
            env=home.environment(**council.env),
            cwd=home.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()


@contextmanager
def web(council: Council) -> Iterator[psutil.Process]:
    """Two web processes of four threads, as `townhall up` has them."""
    with running(council, "web", "--port", str(council.port), "--workers", "2", "--threads", "4") as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(wire.Broken):
                if wire.Client(council.port).send(wire.get("/", host="localhost")).status == 200:
                    break
            time.sleep(0.1)
        else:
            sys.exit(f"The web processes did not start; see {council.folder}/web.log")
        yield process
