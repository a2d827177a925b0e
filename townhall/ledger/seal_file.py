"""Seals outside the database, where the owner of the tables cannot reach: a file of JSON lines that only grows.

Each line is a seal, with `chain`, the hash of the first seal, saying to which ledger it belongs. Copy the file elsewhere (mail,
object store) as often as you like; any copy will do for `townhall check ledger`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
from django.conf import settings

from townhall.core.db import dump_json, fetch_one
from townhall.ledger.chain import seals_after

_AT_ONCE = 5_000  # seals read and written together


@dataclass(frozen=True)
class Line:
    chain: str
    number: int
    hash: str


def outside() -> Path | None:
    """Where the seals are also written; None when a council keeps them elsewhere by other means."""
    path: Path | None = settings.LEDGER_SEAL_FILE
    return path


def chain() -> str | None:
    """What identifies this ledger: the hash of its first seal."""
    row = fetch_one("SELECT hash FROM ledger_seal WHERE number = 1")
    return None if row is None else str(row[0])


def append_missing(path: Path) -> int:
    """Write the seals that the file does not have yet, and wait for the disk. Several processes may do so at once. How many."""
    latest = fetch_one("SELECT max(number) FROM ledger_seal")
    ours = chain()
    if latest is None or ours is None:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = _last_number(path, ours)
        if last < latest[0] and not _ends_whole(path):
            file.write(b"\n")  # a line cut short by a crash stays as it is, and is written again below
        while last < latest[0]:
            seals = seals_after(last, limit=_AT_ONCE)
            file.write("".join(dump_json({"chain": ours, **asdict(seal)}) + "\n" for seal in seals).encode())
            last, written = seals[-1].number, written + len(seals)
        if written:
            file.flush()
            os.fsync(file.fileno())
    return written


def lines(path: Path, *, ours: str) -> Iterator[Line]:
    """Every whole line of this chain, as written."""
    with path.open("rb") as file:
        for text in file:
            line = _parsed(text)
            if line is not None and line.chain == ours:
                yield line


def _parsed(text: bytes) -> Line | None:
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.MsgspecError:
        return None


def _last_number(path: Path, ours: str) -> int:
    """The highest number of this chain in the file, from its last line when that tells."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4_096))
        ending = file.read().splitlines()
    line = _parsed(ending[-1]) if ending else None
    if line is not None and line.chain == ours:
        return line.number
    return max((line.number for line in lines(path, ours=ours)), default=0)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
