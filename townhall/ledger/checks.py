"""`townhall check ledger`: has a row been changed, removed or slipped in behind the ledger's back, be it by the owner?

Every seal is computed again from the rows, the chain is followed, and both are compared with the file outside the database.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from townhall.core.db import fetch_all
from townhall.ledger import seal_file
from townhall.ledger.chain import FIRST_PREVIOUS, Seal, all_seals, seals_after
from townhall.ledger.rows import Digest, Table, copy_rows

log = structlog.get_logger()

_AT_ONCE = 5_000  # seals checked in one reading of the rows


@dataclass(frozen=True)
class Problem:
    message: str
    seal: int | None = None  # its number

    def __str__(self) -> str:
        return self.message


@dataclass
class Report:
    """What was read, and what was wrong with it."""

    problems: list[Problem] = field(default_factory=list)
    seals: int = 0
    entries: int = 0  # sealed rows read again
    looks: int = 0
    unsealed: int = 0  # rows newer than the last seal; the worker seals them within seconds
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        return round((self.entries + self.looks) / self.seconds) if self.seconds else 0


def check() -> list[Problem]:
    """What is wrong; the counts and the speed go to the log."""
    report = examine()
    log.info(
        "ledger.checked",
        seals=report.seals,
        entries=report.entries,
        looks=report.looks,
        unsealed=report.unsealed,
        rows_per_second=report.rows_per_second,
        problems=len(report.problems),
    )
    return report.problems


def examine() -> Report:
    """Read the whole ledger once, in order, streaming. Only reads; may run beside everything else."""
    started = time.monotonic()
    report = Report()
    report.problems += _guards()
    last = _check_seals(report)
    _check_newest(report, after=last.to_position if last else 0)
    if path := seal_file.outside():
        report.problems += _check_file(path)
    report.seconds = time.monotonic() - started
    return report


def _check_seals(report: Report) -> Seal | None:
    last: Seal | None = None
    while seals := seals_after(last.number if last else 0, limit=_AT_ONCE):
        for seal in seals:
            report.problems += _check_link(seal, last)
            last = seal
        report.seals += len(seals)
        report.entries += _check_rows(report, "ledger_entry", seals)
        report.looks += _check_rows(report, "ledger_look", seals)
    return last


def _check_link(seal: Seal, previous: Seal | None) -> Iterator[Problem]:
    number, end, previous_hash = (
        (previous.number, previous.to_position, previous.hash) if previous else (0, 0, FIRST_PREVIOUS)
    )
    if seal.number != number + 1:
        yield Problem(f"Seals {number + 1} to {seal.number - 1} are missing.", seal.number)
    elif seal.from_position != end or seal.previous_hash != previous_hash:
        yield Problem(f"Seal {seal.number} does not follow from seal {number}.", seal.number)
    if seal.hash != seal.right_hash():
        yield Problem(f"Seal {seal.number} of {_when(seal)} was itself changed.", seal.number)


def _check_rows(report: Report, table: Table, seals: Sequence[Seal]) -> int:
    """Compare the rows of these seals with what was sealed; how many rows there are."""
    total = 0
    for seal, found in _digests(table, seals):
        total += found.rows
        sealed = (
            Digest(seal.entries, seal.entries_digest)
            if table == "ledger_entry"
            else Digest(seal.looks, seal.looks_digest)
        )
        if found != sealed:
            report.problems.append(Problem(_difference(table, seal, sealed, found), seal.number))
    return total


def _digests(table: Table, seals: Sequence[Seal]) -> Iterator[tuple[Seal, Digest]]:
    """Each seal with the digest of the rows now in it. Seals and rows are both in order, so one reading is enough."""
    waiting = iter(seals)
    seal = next(waiting)
    hasher, rows = hashlib.sha256(), 0
    for line in copy_rows(table, start=seals[0].from_position, end=seals[-1].to_position):
        position = int(line[: line.index(b"\t")])
        while position >= seal.to_position:
            yield seal, Digest(rows, hasher.hexdigest())
            seal, hasher, rows = next(waiting), hashlib.sha256(), 0
        hasher.update(line)
        rows += 1
    yield seal, Digest(rows, hasher.hexdigest())
    for empty in waiting:
        yield empty, Digest(0, hashlib.sha256().hexdigest())


def _difference(table: Table, seal: Seal, sealed: Digest, found: Digest) -> str:
    what = "things that happened" if table == "ledger_entry" else "things looked at"
    if found.rows < sealed.rows:
        how = f"{sealed.rows - found.rows} of {sealed.rows} rows are gone"
    elif found.rows > sealed.rows:
        how = f"{found.rows - sealed.rows} rows were slipped in beside the {sealed.rows} sealed"
    else:
        how = f"at least one of {sealed.rows} rows was changed"
    return f"Seal {seal.number} of {_when(seal)} ({what}, positions {seal.from_position} to {seal.to_position - 1}): {how}."


def _when(seal: Seal) -> str:
    return seal.sealed_at.isoformat(timespec="seconds")


def _check_newest(report: Report, *, after: int) -> None:
    """Rows not sealed yet, and rows that no transaction so far can have written: those would never be sealed."""
    rows = fetch_all(
        """SELECT 'ledger_entry', count(*), count(*) FILTER (WHERE position >= (SELECT ledger_next_position()))
           FROM ledger_entry WHERE position >= %s
           UNION ALL
           SELECT 'ledger_look', count(*), count(*) FILTER (WHERE position >= (SELECT ledger_next_position()))
           FROM ledger_look WHERE position >= %s""",
        (after, after),
    )
    for table, newest, beyond in rows:
        report.unsealed += newest
        if beyond:
            report.problems.append(
                Problem(f"{beyond} rows of {table} have a position that no transaction has had yet.")
            )


def _guards() -> list[Problem]:
    """The triggers that refuse changes, on each table and each month."""
    rows = fetch_all(
        """SELECT c.relname FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND starts_with(c.relname, 'ledger_')
             AND NOT EXISTS (
               SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'only_added_to' AND t.tgenabled IN ('O', 'A'))
           ORDER BY c.relname"""
    )
    return [Problem(f"The guard against changes is off on {name}.") for (name,) in rows]


def _check_file(path: Path) -> Iterator[Problem]:
    """Compare with the seals outside. The last few may still be on their way to the file; a gap or a difference may not be."""
    ours = seal_file.chain()
    if ours is None:
        return
    if not path.exists():
        yield Problem("The file of seals outside the database is missing.")
        return
    matched, changed, absent, gone = 0, list[int](), list[int](), list[int]()
    seals = all_seals()
    seal = next(seals, None)
    for line in seal_file.lines(path, ours=ours):
        while seal is not None and seal.number < line.number:
            absent.append(seal.number)
            seal = next(seals, None)
        if seal is None or seal.number != line.number:
            gone.append(line.number)
            continue
        if seal.hash == line.hash:
            matched += 1
        else:
            changed.append(seal.number)
        seal = next(seals, None)
    if not matched:
        yield Problem("None of this ledger's seals are in the file outside the database.")
    for numbers, message in (
        (changed, "differ from the file outside the database"),
        (absent, "are missing from the file outside the database"),
        (gone, "are in the file outside the database, but no longer in it"),
    ):
        if numbers:
            yield Problem(f"{len(numbers)} seals, the first of them {numbers[0]}, {message}.", numbers[0])
