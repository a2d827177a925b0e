"""A backup is one tar file: the database as pg_dump's custom format, and what the data directory keeps beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import psycopg

from townhall.config.commands import CommandFailed
from townhall.config.database import data_dir
from townhall.config.postgres import Server

DUMP = "database.dump"
BESIDE = ("files", "secret_key", "seals.log", "demo")  # of the data directory, where they are there


def backup(path: Path, *, server: Server | None) -> None:
    """Write `path` whole or not at all. The service may go on meanwhile: the dump is of one moment."""
    fresh = path.with_name(path.name + ".new")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        _run(server, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", _owner())
        with tarfile.open(fresh, "w") as archive:
            archive.add(dump, arcname=DUMP)
            for name in BESIDE:
                if (beside := data_dir() / name).exists():
                    archive.add(beside, arcname=name)
    fresh.chmod(0o600)
    fresh.rename(path)


def restore(path: Path, *, server: Server | None, replace: bool) -> None:
    """Bring a backup into an empty database, or with `replace` instead of what is there. Raises CommandFailed when it is not empty."""
    if not path.exists():
        raise CommandFailed(f"{path} is not there.")
    _empty(replace=replace)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
        dump = Path(folder) / DUMP
        _run(
            server, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={_owner()}", str(dump)
        )
        data_dir().mkdir(parents=True, exist_ok=True)
        for name in BESIDE:
            kept = Path(folder) / name
            if kept.is_dir():
                shutil.copytree(kept, data_dir() / name, dirs_exist_ok=True)
            elif kept.exists():
                shutil.copy2(kept, data_dir() / name)


def _owner() -> str:
    return os.environ["DATABASE_OWNER_URL"]


def _empty(*, replace: bool) -> None:
    with psycopg.connect(_owner()) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        if tables and not replace:
            raise CommandFailed(
                "The database is not empty. With --replace its contents are lost and the backup's take their place."
            )
        owner.execute("DROP SCHEMA IF EXISTS public CASCADE")
        owner.execute("CREATE SCHEMA public")
        owner.execute(
            "ALTER SCHEMA public OWNER TO pg_database_owner"
        )  # as PostgreSQL makes it, so that dumps leave it out


def _run(server: Server | None, program: str, *arguments: str) -> None:
    found = str(server.home.programs / program) if server else shutil.which(program)
    if not found:
        raise CommandFailed(f"{program} is not installed here; it comes with PostgreSQL's client programs.")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"{program} did not work: {done.stderr.strip()}")
