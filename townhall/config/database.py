"""Which database a command works on: the one DATABASE_URL names, or the embedded one under the data directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from townhall.config import postgres

ROOT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """TOWNHALL_DATA, by default `.townhall` beside the code."""
    return Path(os.environ.get("TOWNHALL_DATA") or ROOT / ".townhall").resolve()


@contextmanager
def database() -> Iterator[postgres.Server | None]:
    """Set DATABASE_URL (application) and DATABASE_OWNER_URL (migrations). The embedded server runs while this is open."""
    if os.environ.get("DATABASE_URL"):
        os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
        yield None
        return
    server = postgres.start(data_dir())
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = server.app_url, server.owner_url
    try:
        yield server
    finally:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            os.environ.pop(name, None)
        server.stop()


def become_owner() -> str:
    """Work as the role that owns the tables, from here on in this process. Returns the application role's name."""
    from psycopg.conninfo import conninfo_to_dict

    app_role = conninfo_to_dict(os.environ["DATABASE_URL"]).get("user") or ""
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    return str(app_role)
