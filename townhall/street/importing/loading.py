"""Loading a file: thousands of rows in each transaction, each report of a source once, whatever is killed and run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import psycopg
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import Case
from townhall.cases.operations.past import load_past
from townhall.contacts.models import Channel
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.errors import RuleBroken
from townhall.core.ids import uuid7
from townhall.core.loading.faults import Counts, Fault, Refused
from townhall.core.loading.table import Row, batches
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.ledger.partitions import make_partitions
from townhall.places import grid, projections
from townhall.places import operations as places
from townhall.places.projections import Projection
from townhall.street.importing import services, table
from townhall.street.importing.mapping import Map, read_map
from townhall.street.importing.reading import Reader, Report
from townhall.street.importing.table import Survey

BATCH = 1000  # rows in a transaction
MONTH_WORTH_A_PARTITION = 100  # rows; fewer lie in the ledger's default partition

_KNOWN = "SELECT external_id FROM street_importedreport WHERE source = %s AND external_id = ANY(%s)"
_CLAIM = """INSERT INTO street_importedreport (id, source, external_id, case_id, kind, imported_at)
    SELECT id, %s, external_id, case_id, kind, %s
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[]) AS come (id, external_id, case_id, kind)
    ON CONFLICT (source, external_id) DO NOTHING RETURNING case_id"""


@dataclass(frozen=True, kw_only=True)
class Result:
    counts: Counts
    projection: str
    new_services: list[str] = field(default_factory=list)  # codes
    is_dry_run: bool = False


def load(
    path: Path,
    map_path: Path,
    *,
    at: datetime,
    projection: str = "",
    create_services: bool = False,
    dry_run: bool = False,
    batch: int = BATCH,
    report: Callable[[Counts], None] = lambda counts: None,
    refuse: Callable[[Fault], None] = lambda fault: None,
) -> Result:
    """Load every row that can come in, and hand the faults of the others to `refuse`. Kill it and run it again: it goes on.

    projection: a code of places.projections, "auto" to suit the file, or empty for the council's own.
    report: called after each batch. dry_run: reads and checks everything and writes nothing.
    Raises Refused when the map, the file and the council do not fit together; then nothing was written.
    """
    mapped = read_map(map_path)
    try:
        headings, look = table.headings(path, mapped), table.survey(path, mapped)
    except (OSError, EOFError) as error:
        raise Refused(f"{path}: {error}") from error
    by = Actor(kind=ActorKind.CONNECTOR, id=f"import-{mapped.source}")
    chosen = _projection(projection, look)
    _check_channels(mapped)
    kinds = services.Services(mapped, look.kinds, create=create_services)
    if not dry_run:
        _prepare(kinds, mapped, chosen, by=by, at=at)
        _make_partitions(look.months, at=at)
    services.check_people(pack for pack in kinds.used if not (dry_run and pack in kinds.new))
    loader = _Loader(mapped, Reader(mapped, headings, kinds, chosen, at=at), look, by=by, at=at, dry_run=dry_run)
    for rows in batches(table.rows(path, mapped), batch):
        loader.take(rows, refuse=refuse)
        report(loader.counts)
    loader.end()
    return Result(
        counts=loader.counts,
        projection=chosen.code,
        new_services=[pack.code for pack in kinds.new],
        is_dry_run=dry_run,
    )


def _projection(wanted: str, look: Survey) -> Projection:
    """What places will be kept in. Raises Refused for a file that is somewhere else."""
    here = grid.current()
    try:
        chosen = here if wanted in ("", "auto") else projections.read(wanted)
    except ValueError as error:
        raise Refused(str(error)) from error
    if look.middle is None or chosen.to_grid(*look.middle) is not None:
        return chosen
    if wanted == "auto":
        return projections.around(*look.middle)
    raise Refused(
        f"The middle of the file is at {look.middle[0]:.4f}, {look.middle[1]:.4f}, beyond the projection {chosen.code}. "
        "With --projection auto the council gets one around it."
    )


def _check_channels(mapped: Map) -> None:
    known = set(Channel.objects.values_list("code", flat=True))
    for code in (*mapped.channels.values(), mapped.default_channel):
        if code is not None and code not in known:
            raise Refused(f"There is no channel {code!r}. There are: {', '.join(sorted(known))}.")


def _prepare(kinds: services.Services, mapped: Map, chosen: Projection, *, by: Actor, at: datetime) -> None:
    """What the rows stand on: the projection, and the services that are missing with their owners."""
    system = Actor(kind=ActorKind.SYSTEM, id=by.id)
    try:
        with transaction.atomic():
            if chosen != grid.current():
                in_use = Case.objects.filter(easting__isnull=False).exists()
                places.choose_projection(chosen, by=system, at=at, has_places=in_use)
            if kinds.new:
                services.make(kinds.new, mapped.new_services, by=system, at=at)
    except RuleBroken as error:
        raise Refused(str(error.user_message)) from error


class _Loader:
    """Takes batches of rows and counts them."""

    def __init__(self, mapped: Map, reader: Reader, look: Survey, *, by: Actor, at: datetime, dry_run: bool) -> None:
        self._source, self._reader, self._by, self._at = mapped.source, reader, by, at
        self._dry_run = dry_run
        self._seen: set[str] = set()  # dry run: what stands in the file twice
        self.counts = Counts(rows=look.rows)

    def take(self, rows: list[Row], *, refuse: Callable[[Fault], None]) -> None:
        """One batch: what came in before is left alone, the rest is read and stored."""
        known = self._known(rows)
        fresh = [row for row in rows if self._reader.external_id(row) not in known]
        good: list[Report] = []
        refused = 0
        for row in fresh:
            read = self._reader.read(row)
            if isinstance(read, Report):
                good.append(read)
                continue
            refused += 1
            for fault in read:
                refuse(fault)
        faults: list[Fault] = []
        if self._dry_run:
            new = len({report.external_id for report in good} - self._seen)
            self._seen |= {report.external_id for report in good}
        else:
            new, faults = self._store(good)
        for fault in faults:
            refuse(fault)
        refused += len(faults)
        self.counts = replace(
            self.counts,
            read=self.counts.read + len(rows),
            new=self.counts.new + new,
            known=self.counts.known + len(rows) - new - refused,
            refused=self.counts.refused + refused,
        )

    def end(self) -> None:
        """Write down what was done, if anything was."""
        counts = self.counts
        if self._dry_run or not counts.new:
            return
        ledger.record(
            "reports.imported",
            about=Subject(kind="import", id=uuid7()),
            by=self._by,
            at=self._at,
            data={"source": self._source, "new": counts.new, "known": counts.known, "refused": counts.refused},
        )

    def _known(self, rows: list[Row]) -> set[str]:
        ids = [found for row in rows if (found := self._reader.external_id(row))]
        return {row[0] for row in fetch_all(_KNOWN, (self._source, ids))}

    def _store(self, reports: list[Report]) -> tuple[int, list[Fault]]:
        """How many were new, and the faults of those that the database would not have. It is asked in halves, so the rest goes in."""
        if not reports:
            return 0, []
        try:
            return self._store_together(reports), []
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            if len(reports) == 1:
                return 0, [_refused_by_database(reports[0], error)]
        middle = len(reports) // 2
        first, second = self._store(reports[:middle]), self._store(reports[middle:])
        return first[0] + second[0], first[1] + second[1]

    @transaction.atomic
    def _store_together(self, reports: list[Report]) -> int:
        """All or none. Numbers that are there already, even since a moment ago by another import, are left out."""
        columns = ([uuid7() for _report in reports], [one.external_id for one in reports])
        more = ([one.case.id for one in reports], [one.kind for one in reports])
        claimed = {row[0] for row in fetch_all(_CLAIM, (self._source, self._at, *columns, *more))}
        new = [one.case for one in reports if one.case.id in claimed]
        load_past(new, source=self._source, by=self._by, at=self._at)
        return len(new)


def _make_partitions(months: Counter[date], *, at: datetime) -> None:
    """Busy months of the past get a partition of the ledger, before anything is written into them."""
    for month, count in sorted(months.items()):
        if count >= MONTH_WORTH_A_PARTITION and month <= at.date():
            with suppress(
                psycopg.OperationalError
            ):  # the ledger is busy: they lie in its default partition, only slower
                make_partitions(month, month)


def _refused_by_database(report: Report, error: psycopg.Error) -> Fault:
    what = error.diag.constraint_name or error.diag.message_primary or type(error).__name__
    return Fault(
        row=report.row,
        external_id=report.external_id,
        column="",
        reason=_("The database refused it: %(what)s.") % {"what": what},
    )
