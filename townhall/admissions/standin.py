"""A stand-in of the regional admissions system: a real SFTP server that answers each child with a receipt.

Its key is made when it starts, and written where Townhall reads it. What it remembers is gone when it stops, its files are not.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from townhall.admissions.formats import NotReadable, receipt_file, rows_of
from townhall.admissions.sftp import INBOX, RECEIPTS


@dataclass
class Mood:
    """How it behaves; a test or somebody trying it changes this while it runs."""

    outage: bool = False  # hangs up on everybody
    delay: float = 0.0  # seconds before each write
    cut_after: int = -1  # bytes of a file after which the connection breaks; -1: never
    duplicates: bool = False  # each receipt twice, under two names
    half_receipts: bool = False  # receipts that stop in the middle
    silent_about: set[str] = field(default_factory=set)  # schools whose children get no receipt
    refuses: dict[str, str] = field(default_factory=dict)  # school: why children who name it first are refused


class RegionalSystem:
    """Start it, and point the settings at `port`, `user`, `password` and `host_key`."""

    def __init__(self, *, user: str, password: str, port: int = 0, folder: Path | None = None) -> None:
        self.user, self.password, self.mood = user, password, Mood()
        self._is_own = folder is None  # made here, so it goes when this stops
        self.folder = folder or Path(tempfile.mkdtemp(prefix="admissions-"))
        for name in (INBOX, RECEIPTS):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self._key.export_public_key().decode().strip()
        (self.folder / "host_key.pub").write_text(self.host_key, encoding="utf-8")
        self.numbers: dict[str, str] = {}  # record: the number of its receipt, the same however often it is sent
        self.taken: list[str] = []  # the records in the order in which they arrived, repeats too
        self._counter = itertools.count(100_001)
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._server: asyncssh.SSHAcceptor | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pretend-admissions", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("The pretend admissions system did not start.")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if self._is_own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def receipts(self) -> list[str]:
        return sorted(path.name for path in (self.folder / RECEIPTS).iterdir())

    def arrived(self, path: Path) -> None:
        """A file has its real name now: take every child of it that is whole, and answer each."""
        try:
            rows = rows_of(path.read_bytes())
        except NotReadable:
            path.rename(path.with_suffix(".refused"))
            return
        first_school = {row[1]: row[3] for row in rows if row[0] == "P" and row[2] == "1"}
        for row in rows:
            if row[0] == "C":
                self._answer(row[1], first_school.get(row[1], ""))
        path.rename(path.with_suffix(".taken"))

    def _answer(self, record_id: str, school: str) -> None:
        self.taken.append(record_id)
        if school in self.mood.silent_about:
            return
        why = self.mood.refuses.get(school, "")
        if why:
            content = receipt_file(record_id, "refused", reason=why)
        else:
            number = self.numbers.setdefault(record_id, f"RA{next(self._counter)}")
            content = receipt_file(record_id, "accepted", number=number)
        if self.mood.half_receipts:
            content = content[: len(content) // 2]
        names = [f"{record_id}.csv"] + ([f"{record_id}-again.csv"] if self.mood.duplicates else [])
        for name in names:
            (self.folder / RECEIPTS / name).write_bytes(content)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(self._listen())
        self.port = self._server.get_port()
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        system = self

        class Door(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                if system.mood.outage:
                    conn.abort()

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == (system.user, system.password)

        def folder_of(channel: asyncssh.SSHServerChannel[bytes]) -> _Folder:
            return _Folder(channel, system)

        return await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self._key], server_factory=Door, sftp_factory=folder_of
        )


class _Folder(asyncssh.SFTPServer):
    """The folder that is shown, with the moods."""

    def __init__(self, channel: Any, system: RegionalSystem) -> None:
        super().__init__(channel, chroot=str(system.folder).encode())
        self._system, self._hang_up = system, _hanging_up(channel)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        mood = self._system.mood
        if mood.delay:
            time.sleep(mood.delay)
        if 0 <= mood.cut_after < offset + len(data):
            super().write(file_obj, offset, data[: max(mood.cut_after - offset, 0)])
            self._hang_up()
            raise asyncssh.SFTPConnectionLost("cut")
        made = super().write(file_obj, offset, data)
        return made if isinstance(made, int) else 0

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().rename(oldpath, newpath)
        self._arrived(newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        super().posix_rename(oldpath, newpath)
        self._arrived(newpath)

    def _arrived(self, path: bytes) -> None:
        real = Path(self.map_path(path).decode())
        if real.parent.name == INBOX and real.suffix == ".csv":
            self._system.arrived(real)


def _hanging_up(channel: Any) -> Callable[[], None]:
    def hang_up() -> None:
        channel.get_connection().abort()

    return hang_up
