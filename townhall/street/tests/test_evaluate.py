"""`townhall evaluate duplicates`, end to end on a small made-up folder. No database."""

import csv
import gzip
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from townhall.street.evaluate import DuplicateScores, NearBy, duplicates, evaluate, questions, read_reports, walk
from townhall.street.learn import fit
from townhall.street.likeness import SEARCH_RADIUS_M, Match

START = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - files give local times without a zone
Row = dict[str, str]


def a_row(case_id: str, *, day: float, lat: float, kind: str = "Pothole", closed_day: float | None = None) -> Row:
    return {
        "case_id": case_id,
        "title": kind,
        "type": kind,
        "reason": "Highways",
        "address": "",
        "lat": f"{lat:.5f}",
        "lon": f"{lat / 100 - 1.51:.5f}",
        "opened": (START + timedelta(days=day)).isoformat(),
        "closed": "" if closed_day is None else (START + timedelta(days=closed_day)).isoformat(),
        "closure_reason": "Duplicate of case first",
    }


# 0.001° of latitude is 111 m. The second is found on the spot; the fourth's original is a kilometre off; "fresh" has an
# open neighbour of its own kind and so raises a false alert; "alone" has none, and "after" only a closed one.
ROWS = [
    a_row("first", day=0, lat=51.00000),
    a_row("second", day=2, lat=51.00005),
    a_row("third", day=3, lat=51.01000, kind="Graffiti", closed_day=4),
    a_row("fourth", day=5, lat=51.02000),
    a_row("fresh", day=6, lat=51.00010),
    a_row("alone", day=7, lat=51.05000),
    a_row("after", day=8, lat=51.01000, kind="Graffiti"),
]


def write(path: Path, rows: list[Row]) -> None:
    opened = gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="")  # noqa: SIM115
    with opened as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def make_folder(folder: Path, *, rows: list[Row] = ROWS, zipped: bool = False) -> Path:
    end = ".csv.gz" if zipped else ".csv"
    write(folder / f"rows_made_up{end}", rows)
    write(
        folder / f"pairs_made_up{end}",
        [{"duplicate_id": "second", "original_id": "first"}, {"duplicate_id": "fourth", "original_id": "third"}],
    )
    write(folder / f"unflagged_sample{end}", [{"case_id": name} for name in ("fresh", "alone", "after")])
    write(folder / f"flagged_made_up{end}", [{"case_id": "second"}, {"case_id": "fourth"}])
    return folder


def matches_of(folder: Path) -> dict[str, list[Match]]:
    originals, unflagged = questions(folder)
    return walk(read_reports(folder), wanted=originals.keys() | unflagged, limit=10)[0]


def without(rows: list[Row], *columns: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_gives_one_line(tmp_path: Path, zipped: bool) -> None:
    line = evaluate(make_folder(tmp_path, zipped=zipped))

    assert line.startswith("recall@1=0.500 recall@3=0.500 recall@10=0.500 alert_rate=0.333 ms_per_report=")
    assert "\n" not in line


def test_the_line_is_written_in_full() -> None:
    scores = DuplicateScores(recall={1: 0.7, 3: 0.8125, 10: 0.9}, alert_rate=0.25, ms_per_report=1.234)

    assert str(scores) == "recall@1=0.700 recall@3=0.812 recall@10=0.900 alert_rate=0.250 ms_per_report=1.23"


def test_later_reports_and_closing_words_change_nothing(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    later = [a_row(f"later {i}", day=9 + i, lat=51.0 + i / 10) for i in range(60)]
    known_later = [{**row, "closed": row["closed"] or (START + timedelta(days=20)).isoformat()} for row in ROWS]
    reworded = [{**row, "closure_reason": "Pothole filled"} for row in known_later]

    assert likenesses(make_folder(before)) == likenesses(make_folder(after, rows=[*later, *reworded]))


def likenesses(folder: Path) -> dict[str, list[tuple[str, float]]]:
    return {new: [(m.report.id, m.likeness.score) for m in matches] for new, matches in matches_of(folder).items()}


def test_a_report_opened_later_never_helps_even_at_the_same_spot(tmp_path: Path) -> None:
    rows = [a_row("second", day=0, lat=51.0), a_row("first", day=1, lat=51.0), *ROWS[2:]]

    assert matches_of(make_folder(tmp_path, rows=rows))["second"] == []


@pytest.mark.parametrize(
    "columns",
    [
        ("address",),
        ("reason",),
        ("title", "address", "reason", "closure_reason"),
        ("type",),  # the title stands in
        ("closed",),
    ],
)
def test_missing_columns_are_done_without(tmp_path: Path, columns: tuple[str, ...]) -> None:
    scores = duplicates(make_folder(tmp_path, rows=without(ROWS, *columns)))

    assert scores.recall == {1: 0.5, 3: 0.5, 10: 0.5}


def test_without_points_the_address_finds_the_original(tmp_path: Path) -> None:
    rows = without(
        [{**row, "address": f"{51 if row['case_id'] in {'first', 'second'} else 8} Mill Lane"} for row in ROWS],
        "lat",
        "lon",
    )

    assert [match.report.id for match in matches_of(make_folder(tmp_path, rows=rows))["second"]] == ["first"]


def test_rows_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    spoiled = [
        {**ROWS[0], "case_id": "x", "opened": "yesterday"},
        {**ROWS[0], "case_id": "y", "lat": "north"},
        {**ROWS[0], "case_id": "z", "lat": "nan"},
    ]

    reports = {report.id: report for report in read_reports(make_folder(tmp_path, rows=[*spoiled, *ROWS]))}

    assert "x" not in reports
    assert reports["y"].easting is reports["z"].easting is None
    assert len(reports) == len(ROWS) + 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No pairs"):
        duplicates(tmp_path)


def test_near_by_keeps_to_the_radius_and_the_days(tmp_path: Path) -> None:
    rows = [
        a_row("near", day=100, lat=51.0 + 0.9 * SEARCH_RADIUS_M / 111_195),
        a_row("far", day=100, lat=51.0 + 1.1 * SEARCH_RADIUS_M / 111_195),
        a_row("old", day=0, lat=51.0),
        a_row("new", day=101, lat=51.0),
    ]
    near_by = NearBy()
    *earlier, new = read_reports(make_folder(tmp_path, rows=rows))
    for report in earlier:
        near_by.add(report)

    assert [report.id for report in near_by.candidates(new)] == ["near"]


def test_learning_finds_which_facts_tell_originals() -> None:
    names = [
        "base",
        "related_kind",
        "family_kind",
        "other_kind",
        "distance",
        "same_spot",
        "told_place",
        "open",
        "age",
        "words",
    ]
    told = [([1.0, 0, 0, 0, distance / 10, 0, 0, 1.0, 0, 0], distance < 10) for distance in range(40)]

    weights = fit(told)

    assert list(weights) == names
    assert weights["distance"] < -0.5 < 0.5 < weights["base"] + weights["open"]
