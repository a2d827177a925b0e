"""`townhall evaluate duplicates FOLDER`: the live comparison measured on a folder of real reports.

The folder holds, each as .csv or .csv.gz, found by the first word of its name:
rows (one report a line: case_id, opened, and any of type, title, reason, department, address, lat, lon, closed),
pairs (duplicate_id, original_id), unflagged (case_id: a sample of reports nobody called duplicates) and
flagged (case_id: all that were; not needed, since no figure counts the unsure ones).
"""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import hypot, inf, isfinite
from pathlib import Path
from time import perf_counter

from msgspec.structs import replace

from townhall.street.likeness import (
    ALERT_AT,
    SEARCH_DAYS,
    SEARCH_RADIUS_M,
    KindRelations,
    Match,
    Report,
    VaguePoints,
    metres,
    rank,
)
from townhall.street.likeness.places import read_address

RANKS = (1, 3, 10)


@dataclass(frozen=True, kw_only=True)
class DuplicateScores:
    """recall[k]: share of pairs with an alert and the original among the first k. alert_rate: of unflagged reports."""

    recall: dict[int, float]
    alert_rate: float
    ms_per_report: float  # finding and ranking candidates

    def __str__(self) -> str:
        recalls = " ".join(f"recall@{k}={share:.3f}" for k, share in self.recall.items())
        return f"{recalls} alert_rate={self.alert_rate:.3f} ms_per_report={self.ms_per_report:.2f}"


def evaluate(folder: Path) -> str:
    """The one line of `townhall evaluate duplicates`."""
    return str(duplicates(folder))


def duplicates(folder: Path) -> DuplicateScores:
    """Walk the reports in the order they were opened, ranking earlier ones for each pair's duplicate and each unflagged.

    Raises: FileNotFoundError when rows, pairs or unflagged is missing.
    """
    originals, unflagged = questions(folder)
    matches, seconds = walk(read_reports(folder), wanted=originals.keys() | unflagged, limit=max(RANKS))
    return DuplicateScores(
        recall={
            k: _share(_found(matches.get(new, []), original, k) for new, original in originals.items()) for k in RANKS
        },
        alert_rate=_share(_alerts(matches.get(report, [])) for report in unflagged),
        ms_per_report=1000 * seconds / max(1, len(matches)),
    )


def questions(folder: Path) -> tuple[dict[str, str], set[str]]:
    """(duplicate → its original, reports nobody flagged), by case_id."""
    originals = {row["duplicate_id"]: row["original_id"] for row in _table(folder, "pairs")}
    return originals, {row["case_id"] for row in _table(folder, "unflagged")}


def walk(reports: list[Report], *, wanted: Set[str], limit: int) -> tuple[dict[str, list[Match]], float]:
    """Matches of each wanted report, and the seconds spent on finding them."""
    kinds, vague, near_by = KindRelations(), VaguePoints(), NearBy()
    matches: dict[str, list[Match]] = {}
    seconds = 0.0
    for read in reports:
        point = (read.easting, read.northing)
        report = replace(read, vague_point=vague.is_vague(point))
        if report.id in wanted:
            started = perf_counter()
            matches[report.id] = rank(report, near_by.candidates(report), kinds=kinds, limit=limit)
            seconds += perf_counter() - started
        kinds.learn([report])
        vague.add(point)
        near_by.add(report)
    return matches, seconds


class NearBy:
    """Earlier reports by place: squares of one search radius, and street names for those without a good point."""

    def __init__(self) -> None:
        self._squares: defaultdict[tuple[int, int], list[Report]] = defaultdict(list)
        self._streets: defaultdict[str, list[Report]] = defaultdict(list)
        self._placeless: defaultdict[str, list[Report]] = defaultdict(list)

    def add(self, report: Report) -> None:
        square = _square(report)
        if square is not None:
            self._squares[square].append(report)
        else:
            self._placeless[report.group or report.kind].append(report)
        for street in _streets(report):
            self._streets[street].append(report)

    def candidates(self, new: Report) -> Iterator[Report]:
        """Reports of the last SEARCH_DAYS within SEARCH_RADIUS_M, or on the same street where a point is missing."""
        since = new.opened - timedelta(days=SEARCH_DAYS)
        seen: set[str] = set()
        for earlier in self._around(new):
            if earlier.opened >= since and earlier.id not in seen:
                seen.add(earlier.id)
                yield earlier

    def _around(self, new: Report) -> Iterator[Report]:
        square = _square(new)
        for street in _streets(new):
            yield from (earlier for earlier in self._streets[street] if square is None or _square(earlier) is None)
        if square is None:
            yield from self._placeless[new.group or new.kind]
            return
        for across in (-1, 0, 1):
            for up in (-1, 0, 1):
                around = self._squares.get((square[0] + across, square[1] + up), ())
                yield from (earlier for earlier in around if _metres_apart(new, earlier) <= SEARCH_RADIUS_M)


def _metres_apart(a: Report, b: Report) -> float:
    if a.easting is None or a.northing is None or b.easting is None or b.northing is None:
        return inf
    return hypot(a.easting - b.easting, a.northing - b.northing)


def _square(report: Report) -> tuple[int, int] | None:
    if report.easting is None or report.northing is None or report.vague_point:
        return None
    return int(report.easting // SEARCH_RADIUS_M), int(report.northing // SEARCH_RADIUS_M)


def _streets(report: Report) -> frozenset[str]:
    address = read_address(report.address)
    return address.streets if address else frozenset()


def _found(matches: list[Match], original: str, k: int) -> bool:
    return _alerts(matches) and original in {match.report.id for match in matches[:k]}


def _alerts(matches: list[Match]) -> bool:
    return bool(matches) and matches[0].likeness.score >= ALERT_AT


def _share(answers: Iterator[bool]) -> float:
    listed = list(answers)
    return sum(listed) / len(listed) if listed else 0.0


def _table(folder: Path, first_word: str) -> list[dict[str, str]]:
    for path in sorted(folder.glob(f"{first_word}*.csv*")):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = io.StringIO(data.decode("utf-8-sig", errors="replace"), newline="")
        return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(lines)]
    raise FileNotFoundError(f"No {first_word}….csv or {first_word}….csv.gz in {folder}")


def read_reports(folder: Path) -> list[Report]:
    """Every usable row in the order of opening. What the city wrote on closing is never read: it tells the answer."""
    dated = [(opened, row) for row in _table(folder, "rows") if (opened := _time(row.get("opened", ""))) is not None]
    rows = [(opened, row) for opened, row in sorted(dated, key=lambda each: each[0]) if row.get("case_id")]
    latitudes = (_number(row.get("lat", "")) for _, row in rows)
    around = next((latitude for latitude in latitudes if latitude is not None), 0.0)  # of the first: not of later ones
    return [_report(row, opened=opened, around=around) for opened, row in rows]


def _report(row: dict[str, str], *, opened: datetime, around: float) -> Report:
    latitude, longitude = _number(row.get("lat", "")), _number(row.get("lon", ""))
    easting, northing = None, None
    if latitude is not None and longitude is not None:
        easting, northing = metres(latitude, longitude, around=around)
    return Report(
        id=row["case_id"],
        opened=opened,
        kind=row.get("type") or row.get("title") or row.get("reason") or "",
        group=row.get("reason") or row.get("department") or "",
        easting=easting,
        northing=northing,
        address=row.get("address", ""),
        words=f"{row.get('title', '')} {row.get('description', '')}".strip(),
        asset=row.get("asset", ""),
        closed=_time(row.get("closed", "")),
        says_when_closed="closed" in row,
    )


def _number(text: str) -> float | None:
    try:
        read = float(text)
    except ValueError:
        return None
    return read if isfinite(read) else None


def _time(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
