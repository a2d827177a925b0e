"""`townhall import reports` as it is typed, and what the check of promises says of what came in."""

from __future__ import annotations

import csv
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_council
from townhall.config import commands, promises
from townhall.config.cli import _parser
from townhall.contacts.seeds import seed_reference_data
from townhall.core.time import now
from townhall.workspace.tests.conftest import signed_in_as

pytestmark = pytest.mark.django_db

MAP = """
source: old-system
name: The old system
columns: {id: id, type: kind, opened: opened, closed: closed}
"""
ROWS = [
    ("id", "kind", "opened", "closed"),
    ("1", "Hole", "2024-05-01T09:00:00", "2024-05-09T09:00:00"),
    ("2", "Hole", "2024-05-02T09:00:00", ""),
    ("3", "Hole", "yesterday", ""),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_council()
    seed_reference_data()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_django", nullcontext)  # the test's own database
    Path("map.yaml").write_text(MAP)
    with Path("old.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(ROWS)
    return tmp_path


def typed(*arguments: str) -> int:
    options = _parser().parse_args(["import", "reports", "old.csv", "--map", "map.yaml", *arguments])
    status: int = options.run(options)
    return status


def test_it_says_what_came_in_and_writes_what_did_not(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--create-services") == 1

    said = capsys.readouterr().out
    assert "1 services made: hole" in said
    assert "3 rows: 2 new, 0 here already, 1 refused (see old.errors.csv)" in said
    assert "rows a second" in said
    with (here / "old.errors.csv").open(newline="") as stream:
        heading, (row, external_id, column, reason) = list(csv.reader(stream))
    assert heading == ["row", "id", "column", "reason"]
    assert (row, external_id, column) == ("4", "3", "opened")
    assert "date and time" in reason


def test_a_dry_run_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--dry-run") == 1

    assert "2 would be new" in capsys.readouterr().out
    assert not Case.objects.exists()


def test_a_file_without_faults_leaves_no_file_of_them(here: Path) -> None:
    with Path("old.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(ROWS[:3])

    assert typed("--errors", "faults.csv") == 0

    assert not (here / "faults.csv").exists()


@pytest.mark.usefixtures("here")
def test_a_map_that_does_not_fit_is_refused_in_a_sentence() -> None:
    Path("map.yaml").write_text(MAP.replace("opened: opened", "opened: Received"))

    with pytest.raises(commands.CommandFailed, match=r"There is no column 'Received' in old\.csv"):
        typed()


@pytest.mark.usefixtures("here")
def test_imported_reports_break_no_promise() -> None:
    typed()

    assert Case.objects.count() == 2
    assert promises.examine(at=now()) == []


@pytest.mark.usefixtures("here")
def test_everybody_sees_how_an_imported_report_ended() -> None:
    typed("--create-services")
    case = Case.objects.get(external_ref="1")

    public = Client().get(f"/r/{case.reference}").content.decode()
    assert "Work finished" in public
    assert "Follow this report" not in public

    staff = signed_in_as("aud", team="corporate", role=Role.AUDITOR).get(f"/work/cases/{case.reference}")
    assert "Closed in another system" in staff.content.decode()
    assert "Customer told, closed" not in staff.content.decode()


@pytest.mark.usefixtures("here")
def test_busy_months_get_a_partition_of_the_ledger() -> None:
    busy = [(str(number), "Hole", f"2019-03-{number % 28 + 1:02}T09:00:00", "") for number in range(120)]
    quiet = [("x", "Hole", "2018-11-05T09:00:00", "")]
    with Path("old.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([ROWS[0], *busy, *quiet])

    typed()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM ledger_entry WHERE verb = 'case.opened' GROUP BY 1"
        )
        where = dict(cursor.fetchall())
    assert where == {"ledger_entry_2019_03": 120, "ledger_entry_default": 1}
