"""Taking a source through a kind: batch by batch, each whole or not at all; run again it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.loading.faults import Counts, Fault, Refused
from townhall.core.loading.given import Given, plains
from townhall.core.loading.kinds import Batch, Kind, Values
from townhall.core.loading.records import Record, Source, plain
from townhall.core.loading.table import batches
from townhall.core.loading.upsert import Stored

BATCH = 2_000  # rows in a transaction


def load(
    source: Source,
    kind: Kind,
    *,
    by: Actor,
    at: datetime,
    load_id: UUID | None = None,
    dry_run: bool = False,
    is_whole: bool = False,
    batch: int = BATCH,
    report: Callable[[Counts], None] = lambda counts: None,
    refuse: Callable[[Fault], None] = lambda fault: None,
) -> Counts:
    """Load every record that can come in, and hand the faults of the others to `refuse`. Kill it and run it again: it goes on.

    dry_run: does everything in one transaction and takes it back, so what it counts is what a real run would.
    is_whole: what is here and not in the source is ended. report: called after each batch.
    Raises Refused when nothing can come in; then nothing was written.
    """
    _check(source, kind, is_whole=is_whole)
    system = source.layout.source or source.system
    loader = _Loader(source, kind, Batch(kind=kind.code, source=system, by=by, at=at, load_id=load_id))
    with _taken_back_if(dry_run):
        for records in batches(loader.wanted(source.records()), batch):
            loader.take(records, refuse=refuse)
            report(loader.counts)
        if is_whole:
            loader.end_others()
        if kind.finish is not None and not dry_run:
            kind.finish()
    return loader.counts


@contextmanager
def _taken_back_if(dry_run: bool) -> Iterator[None]:
    if not dry_run:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _check(source: Source, kind: Kind, *, is_whole: bool) -> None:
    if is_whole and kind.end_others is None:
        raise Refused(f"What is not in a file of {kind.code} cannot be ended: leave --whole out.")
    for what in source.layout.columns:
        if what not in kind.columns:
            raise Refused(f"There is no {what!r} of {kind.code}. There are: {', '.join(sorted(kind.columns))}.")
    if source.headings is None:
        return
    there = {plain(heading) for heading in source.headings}
    wanted = [(str(heading), what) for what, heading in source.layout.columns.items()]
    wanted += [(heading, "only") for heading in source.layout.only]
    for heading, what in wanted:
        if plain(heading) not in there:
            raise Refused(_no_column(heading, what, source))
    for what in kind.required:
        if what not in source.layout.columns and not there & set(plains(tuple(kind.columns[what]))):
            raise Refused(_no_column(kind.columns[what][0], what, source))


def _no_column(heading: str, what: str, source: Source) -> str:
    has = ", ".join(source.headings or ()) or "nothing"
    return f"There is no column {heading!r} ({what}) in {source.name}. It has: {has}."


class _Loader:
    """Takes batches of records and counts them."""

    def __init__(self, source: Source, kind: Kind, batch: Batch) -> None:
        self._source, self._kind, self._batch = source, kind, batch
        self._seen: dict[str, int] = {}  # keys, and the row each stands in
        self._only = {plain(heading): value for heading, value in source.layout.only.items()}
        self._headings: dict[str, str] | None = None if source.headings is None else {}
        self.counts = Counts(rows=source.rows)

    def wanted(self, records: Iterator[Record]) -> Iterator[Record]:
        """Without the rows that the layout passes over; those are not counted."""
        if not self._only:
            return records
        return (
            record
            for record in records
            if record.problem or all(str(record.values.get(name, "")) == value for name, value in self._only.items())
        )

    def take(self, records: list[Record], *, refuse: Callable[[Fault], None]) -> None:
        good: list[tuple[Record, Values]] = []
        refused = 0
        for record in records:
            values, faults = self._read(record)
            if values is not None:
                good.append((record, values))
                continue
            refused += 1
            for fault in faults:
                refuse(fault)
        stored, faults = self._store(good)
        for fault in faults:
            refuse(fault)
        counts = self.counts
        here = len(good) - len(faults) - stored.new - stored.changed
        self.counts = replace(
            counts,
            read=counts.read + len(records),
            new=counts.new + stored.new,
            changed=counts.changed + stored.changed,
            known=counts.known + here,
            refused=counts.refused + refused + len(faults),
        )

    def end_others(self) -> None:
        if self.counts.refused:
            return  # a row that could not be read may be one of those that would be ended
        assert self._kind.end_others is not None
        with transaction.atomic():
            self.counts = replace(self.counts, ended=self._kind.end_others(set(self._seen), self._batch))

    def _read(self, record: Record) -> tuple[Values | None, list[Fault]]:
        if record.problem:
            return None, [Fault(row=record.number, external_id="", column="", reason=record.problem)]
        given = Given(record, self._kind.columns, self._source.layout, found=self._headings)
        values = self._kind.read(given, self._batch)
        faults = given.faults
        if not faults:
            key = self._kind.key(values)
            first = self._seen.setdefault(key, record.number)
            if first == record.number:
                return values, []
            faults = {self._kind.id: _("It stands in row %(row)d already.") % {"row": first}}
        external_id = str(given.raw(self._kind.id) or "")[:200]
        return None, [
            Fault(row=record.number, external_id=external_id, column=given.column(what), reason=reason)
            for what, reason in faults.items()
        ]

    def _store(self, good: list[tuple[Record, Values]]) -> tuple[Stored, list[Fault]]:
        """What was stored, and the faults of rows that the database would not have. It is asked in halves, so the rest goes in."""
        if not good:
            return Stored(), []
        try:
            with transaction.atomic():
                return self._kind.store([values for _record, values in good], self._batch), []
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            if len(good) == 1:
                record, values = good[0]
                what = error.diag.constraint_name or error.diag.message_primary or type(error).__name__
                reason = _("The database refused it: %(what)s.") % {"what": what}
                return Stored(), [
                    Fault(row=record.number, external_id=self._kind.key(values), column="", reason=reason)
                ]
        middle = len(good) // 2
        first, second = self._store(good[:middle]), self._store(good[middle:])
        return Stored(new=first[0].new + second[0].new, changed=first[0].changed + second[0].changed), first[
            1
        ] + second[1]
