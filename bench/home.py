"""Where a run keeps its data, and how a Townhall command is run on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def fresh(name: str) -> Path:
    """An empty data directory. What a run before left there is deleted."""
    folder = kept(name)
    cluster = folder / "postgres"
    if cluster.is_symlink():  # where the database's own system user could not reach our folder
        shutil.rmtree(cluster.resolve(), ignore_errors=True)
    shutil.rmtree(folder)
    folder.mkdir()
    return folder


def kept(name: str) -> Path:
    """The data directory of this name, with whatever it holds. BENCH_DATA: where they all are."""
    folder = Path(os.environ.get("BENCH_DATA", ROOT / ".townhall" / "bench")).resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "townhall.config.cli", "--data", str(folder), *arguments]


def environment(**more: str) -> dict[str, str]:
    """Ours, without what would lead to another database or other settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "EMAIL_"))}
    return ours | {"TOWNHALL_DEMO": "True"} | more


def run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it says is kept."""
    return subprocess.run(
        command(folder, *arguments), env=environment(**env), cwd=ROOT, capture_output=True, text=True, check=False
    )


def must(folder: Path, *arguments: str, **env: str) -> str:
    """Run a command that has to work; what it printed."""
    done = run(folder, *arguments, **env)
    if done.returncode != 0:
        sys.exit(f"townhall {' '.join(arguments)} did not work:\n{done.stdout}{done.stderr}")
    return done.stdout


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
