"""The folder on the other side, over SFTP. Each call opens a connection, checks the host's key, and closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
from django.conf import settings

CONNECT_SECONDS = 10.0
LONGEST = 60.0  # seconds for all that one call does
INBOX, RECEIPTS = "inbox", "receipts"
MOST_RECEIPTS = 500  # read in one call
LARGEST_RECEIPT = 64_000  # bytes
Answer = TypeVar("Answer")


class Unreachable(Exception):
    """The other side is not there, too slow, not who it should be, or does not let us in."""


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Where the exchange files go. `host_key`: as in a known_hosts file, without the host; or a file that holds it."""

    host: str
    port: int
    user: str
    host_key: str
    password: str = field(default="", repr=False)
    key_file: str = ""
    folder: str = ""
    seconds: float = LONGEST

    def put(self, name: str, content: bytes) -> None:
        """Write a file as a whole: under `.part`, its size looked at, then renamed. One that is there already stays. Raises Unreachable."""
        path = self._path(INBOX, name)

        async def act(client: asyncssh.SFTPClient) -> None:
            if await client.exists(path) and await client.getsize(path) == len(content):
                return  # an earlier try arrived, and its answer did not
            async with client.open(f"{path}.part", "wb") as file:
                await file.write(content)
            if await client.getsize(f"{path}.part") != len(content):
                raise Unreachable("Not all of the file arrived.")
            await client.rename(f"{path}.part", path)

        self._do(act)

    def receipts(self) -> list[tuple[str, bytes]]:
        """The receipts that are there, by name, at most MOST_RECEIPTS. Raises Unreachable."""

        async def act(client: asyncssh.SFTPClient) -> list[tuple[str, bytes]]:
            names = sorted(str(one) for one in await client.listdir(self._path(RECEIPTS)) if str(one).endswith(".csv"))
            found = []
            for name in names[:MOST_RECEIPTS]:
                file = await client.open(self._path(RECEIPTS, name), "rb")
                async with file:
                    content: Any = await file.read(LARGEST_RECEIPT)  # bytes, as it was opened
                found.append((name, content))
            return found

        return self._do(act)

    def forget(self, names: list[str]) -> None:
        """Remove receipts that are kept here. Raises Unreachable."""

        async def act(client: asyncssh.SFTPClient) -> None:
            for name in names:
                path = self._path(RECEIPTS, name)
                if await client.exists(path):
                    await client.remove(path)

        self._do(act)

    def _path(self, *parts: str) -> str:
        return "/".join((self.folder.rstrip("/"), *parts)) if self.folder else "/".join(parts)

    def _do(self, act: Callable[[asyncssh.SFTPClient], Awaitable[Answer]]) -> Answer:
        try:
            return asyncio.run(asyncio.wait_for(self._connected(act), self.seconds))
        except (OSError, asyncssh.Error, ValueError, TimeoutError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    async def _connected(self, act: Callable[[asyncssh.SFTPClient], Awaitable[Answer]]) -> Answer:
        trusted = asyncssh.import_public_key(self._host_key())
        async with (
            asyncssh.connect(
                self.host,
                self.port,
                username=self.user,
                password=self.password or None,
                client_keys=[self.key_file] if self.key_file else None,
                known_hosts=([trusted], [], []),
                agent_path=None,
                config=None,
                connect_timeout=min(CONNECT_SECONDS, self.seconds),
                login_timeout=min(CONNECT_SECONDS, self.seconds),
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            return await act(client)

    def _host_key(self) -> str:
        if self.host_key.startswith(("ssh-", "ecdsa-")):
            return self.host_key
        try:
            return Path(self.host_key).read_text(encoding="utf-8")
        except OSError as error:
            raise Unreachable("The key of the admissions host is not known.") from error


def drop() -> Drop | None:
    """As the settings say; None while no host is named."""
    if not settings.ADMISSIONS_SFTP_HOST:
        return None
    return Drop(
        host=settings.ADMISSIONS_SFTP_HOST,
        port=settings.ADMISSIONS_SFTP_PORT,
        user=settings.ADMISSIONS_SFTP_USER,
        password=settings.ADMISSIONS_SFTP_PASSWORD,
        key_file=settings.ADMISSIONS_SFTP_KEY_FILE,
        host_key=settings.ADMISSIONS_SFTP_HOST_KEY,
        folder=settings.ADMISSIONS_SFTP_FOLDER,
    )
