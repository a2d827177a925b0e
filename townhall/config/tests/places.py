"""Folders for tests that start a PostgreSQL of their own, and whether a process has ended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from townhall.config import postgres


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that another user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="th-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        link = folder / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve())
        shutil.rmtree(folder)


def has_ended(pid: int) -> bool:
    """Whether nothing runs under this number any more. A process whose parent is gone may stay listed, where nobody fetches its end."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def running(folder: Path) -> Iterator[postgres.Server]:
    server = postgres.start(folder)
    try:
        yield server
    finally:
        server.stop()
