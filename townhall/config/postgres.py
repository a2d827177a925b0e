"""A real PostgreSQL with nothing to install: started, shared, survived and stopped by Townhall itself.

`start(data_dir)` gives a running server; whoever starts, reuses it, and the last one to stop puts out the light. A server left
behind by a killed process is taken over by the next one; a server killed itself is started again on the same folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from townhall.config.postgres_home import SOCKET_NAME, Home, PostgresError, home_of

DATABASE = "townhall"
ADMIN, OWNER, APP = "townhall_admin", "townhall_owner", "townhall_app"
START_SECONDS = 60
DYING_SECONDS = 3.0  # for the sockets of a killed server to close
STOP_SECONDS = 60

SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_locks_per_transaction": "256",  # a ledger partition for each month
    "max_wal_size": "2GB",
    "wal_compression": "off",  # pglz would take a tenth of what a report costs the processor
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_launched: dict[int, subprocess.Popen[bytes]] = {}  # servers that are our own children, to be waited for


@dataclass
class Server:
    """A running server, and our share in it."""

    home: Home
    passwords: dict[str, str]
    _share: IO[str] | None = field(default=None, repr=False)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        return self.url(APP)

    def url(self, role: str, database: str = DATABASE) -> str:
        folder = quote(str(self.home.socket_folder), safe="")
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={folder}"

    def share(self) -> None:
        """Count ourselves among the users, until `stop` or our end, however that comes."""
        self._share = (self.home.data_dir / "postgres.users").open("w")
        fcntl.flock(self._share, fcntl.LOCK_SH)

    def is_running(self) -> bool:
        return _postmaster(self.home) is not None

    def ensure_running(self) -> bool:
        """Start the server again when it is gone. True when it was."""
        with _only_one(self.home):
            return _ensure_running(self.home)

    def keep(self, *, running: bool) -> None:
        """Whether the server stays when nobody uses it any longer."""
        marker = self.home.data_dir / "postgres.keep"
        marker.touch() if running else marker.unlink(missing_ok=True)

    def stop(self) -> bool:
        """Give up our share; the last one to do so stops the server. True when it was stopped."""
        with _only_one(self.home):
            if self._share is not None:
                self._share.close()
                self._share = None
            if (self.home.data_dir / "postgres.keep").exists() or not _nobody_shares(self.home):
                return False
            _stop(self.home)
            return True


def start(data_dir: Path) -> Server:
    """A running server under `data_dir`, with the roles and the database. Raises PostgresError with what to do."""
    home = home_of(data_dir)
    with _only_one(home):
        passwords = _passwords(home)
        if not (home.cluster / "PG_VERSION").exists():
            _initdb(home, passwords[ADMIN])
        _ensure_running(home)
        server = Server(home=home, passwords=passwords)
        _ensure_roles(server)
        server.share()
    return server


@contextmanager
def _only_one(home: Home) -> Iterator[None]:
    """One process at a time starts or stops this server. The lock goes with its holder, however that ends."""
    with (home.data_dir / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nobody_shares(home: Home) -> bool:
    with (home.data_dir / "postgres.users").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _passwords(home: Home) -> dict[str, str]:
    if home.secrets_file.exists():
        kept: dict[str, str] = json.loads(home.secrets_file.read_text())
        return kept
    if home.cluster.exists():
        raise PostgresError(f"{home.secrets_file} is gone, and with it the passwords of the database beside it.")
    made = {role: secrets.token_urlsafe(24) for role in (ADMIN, OWNER, APP)}
    fresh = home.secrets_file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(made))
    fresh.rename(home.secrets_file)
    return made


def _initdb(home: Home, password: str) -> None:
    """Make the cluster beside its place and move it there, so a start cut short leaves nothing half made."""
    fresh = home.folder / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password_file = home.folder / "password.new"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if home.user.uid is not None and home.user.gid is not None:
        os.chown(password_file, home.user.uid, home.user.gid)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if home.version >= 17 else []
    command = [home.programs / "initdb", "-D", fresh, "-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={password_file}"]
    command += ["--data-checksums", "--encoding=UTF8", *(locale or ["--locale=C.UTF-8"])]
    done = _run(home, command)
    password_file.unlink()
    if done.returncode != 0:
        raise PostgresError(f"PostgreSQL could not make its folder {fresh}: {done.stderr.strip()}")
    (fresh / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    fresh.rename(home.cluster)


def _run(home: Home, command: list[Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=home.folder, env=_environment(), **home.user.popen
    )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _postmaster(home: Home) -> psutil.Process | None:
    """The living postmaster of this cluster. A stale postmaster.pid, even with a reused number, gives None."""
    try:
        pid = int((home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if _has_ended(process):
            return None
        return process if str(home.cluster) in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


def _has_ended(process: psutil.Process) -> bool:
    """Whether it is gone; our own children are waited for, so that nothing of them is left."""
    if process.pid in _launched and _launched[process.pid].poll() is not None:
        del _launched[process.pid]
        return True
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def _orphans(home: Home) -> list[psutil.Process]:
    """Backends that outlive a killed postmaster; they hold its shared memory, so no other may start."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == str(home.cluster):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _answers(home: Home) -> bool:
    """Whether somebody takes connections at the socket. That of a killed server is there still, and nobody does."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(os.fspath(home.socket_folder / SOCKET_NAME))
        except OSError:
            return False
        return True


def _goes_on_answering(home: Home) -> bool:
    """As `_answers`, once a server that was killed this moment has had the time to go."""
    deadline = time.monotonic() + DYING_SECONDS
    while _answers(home):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


def _ensure_running(home: Home) -> bool:
    made_by = (home.cluster / "PG_VERSION").read_text().strip()
    if made_by != str(home.version):
        raise PostgresError(f"{home.cluster} was made by PostgreSQL {made_by}, and this is PostgreSQL {home.version}.")
    if _postmaster(home) is None:
        if _goes_on_answering(home):
            raise PostgresError(
                f"A PostgreSQL that cannot be seen from here, in another container perhaps, uses {home.cluster}."
            )
        for process in _orphans(home):
            process.kill()
        for stale in (home.cluster / "postmaster.pid", home.socket_folder / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)  # their number may be another process's by now
        _launch(home)
        return True
    _wait_until_ready(home, None)
    return False


def _launch(home: Home) -> None:
    options = SETTINGS | {"unix_socket_directories": str(home.socket_folder)}
    command = [str(home.programs / "postgres"), "-D", str(home.cluster)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with home.log_file.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home.folder,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for us; we stop the server when its users are gone
            umask=0o077,
            **home.user.popen,
        )
    _launched[process.pid] = process
    _wait_until_ready(home, process)


def _wait_until_ready(home: Home, process: subprocess.Popen[bytes] | None) -> None:
    """Until the server takes connections. `process`: the server when we launched it just now."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            lines = (home.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) >= 8 and lines[7].strip() == "ready" and (process is None or lines[0] == str(process.pid)):
            return
        if (process is not None and process.poll() is not None) or (process is None and _postmaster(home) is None):
            break
        time.sleep(0.01)
    last = home.log_file.read_text(errors="replace").splitlines()[-5:]
    raise PostgresError("PostgreSQL did not start. Its log ends: " + " / ".join(last))


def _stop(home: Home) -> None:
    process = _postmaster(home)
    if process is None:
        return
    for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):  # fast, then immediate
        process.send_signal(how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _has_ended(process):
                return
            time.sleep(0.01)
    raise PostgresError(f"PostgreSQL (process {process.pid}) does not stop.")


def _ensure_roles(server: Server) -> None:
    """The owner migrates and may make databases (tests do); the application may neither. See config/rights.py."""
    with psycopg.connect(server.url(ADMIN, "postgres"), autocommit=True) as admin:
        roles = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
        for role, rights in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
            if role not in roles:
                made = sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                    sql.Identifier(role), sql.SQL(rights), sql.Literal(server.passwords[role])
                )
                admin.execute(made)
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
