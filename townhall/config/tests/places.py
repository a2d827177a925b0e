"""Folders for tests that start a PostgreSQL of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def running(folder: Path) -> Iterator[postgres.Server]:
    server = postgres.start(folder)
    try:
        yield server
    finally:
        server.stop()
