"""`townhall import` of places and local data as it is typed."""

from __future__ import annotations

import csv
from contextlib import nullcontext
from pathlib import Path

import pytest

from townhall.config import commands
from townhall.config.cli import _parser
from townhall.config.commands_import_local import WHAT, kind_of
from townhall.neighbourhood import loading as neighbourhood
from townhall.neighbourhood.models import Collections, Round
from townhall.places import loading as places
from townhall.places.models import Address, Postcode

pytestmark = pytest.mark.django_db
ROWS = [
    ("Number", "PC", "X", "Y", "single_line_address", "council"),
    ("12", "ZZ1 1AA", "530012", "180100", "12 Mill Lane", "E1"),
    ("14", "nowhere", "530014", "180100", "14 Mill Lane", "E1"),
    ("16", "ZZ1 1AA", "530016", "180100", "16 Mill Lane", "E2"),
]
MAP = "columns: {uprn: Number, postcode: PC}\nonly: {council: E1}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_django", nullcontext)  # the test's own database
    Path("map.yaml").write_text(MAP)
    with Path("addresses.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(ROWS)
    return tmp_path


def typed(*arguments: str) -> int:
    options = _parser().parse_args(["import", *arguments])
    status: int = options.run(options)
    return status


def test_it_says_what_came_in_and_writes_what_did_not(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("addresses", "addresses.csv", "--map", "map.yaml", "--dry-run") == 1
    assert "A real run would give: 2 rows: 1 new, 0 changed" in capsys.readouterr().out
    assert not Address.objects.exists()

    assert typed("addresses", "addresses.csv", "--map", "map.yaml") == 1

    said = capsys.readouterr().out
    assert "2 rows: 1 new, 0 changed, 0 the same as here, 1 refused (see addresses.errors.csv)" in said
    assert "rows a second" in said
    with (here / "addresses.errors.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1:] == [["3", "14", "PC", "It is not a postcode."]]
    assert typed("addresses", "addresses.csv", "--map", "map.yaml", "--only", "Number=16", "--only", "council=E2") == 0
    assert set(Address.objects.values_list("pk", flat=True)) == {"12", "16"}


@pytest.mark.usefixtures("here")
def test_what_bins_are_is_told_by_the_file() -> None:
    Path("100.json").write_text('{"bins": [{"type": "Refuse", "collectionDate": "02/03/2026"}]}')
    Path("plan.csv").write_text("UPRN,Round plan,Container type,Schedule\n100,North,Food,weekly on Monday\n")
    Path("small.csv").write_text('"ZZ2 1AA","ZZ2","ZZ2 1",1/8/1973 00:00:00,,"530200","180200",51.5,-0.12,"N"\n')

    assert [typed("bins", "100.json"), typed("bins", "plan.csv"), typed("postcodes", "small.csv")] == [0, 0, 0]

    assert Collections.objects.get().pk == "100"
    assert Round.objects.get().stream == "food"
    assert Postcode.objects.get().pk == "ZZ21AA"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("addresses", "missing.csv"), "missing.csv"),
        (("addresses", "addresses.csv"), r"There is no column 'uprn'"),
        (("addresses", "addresses.csv", "--map", "wrong.yaml"), r"wrong\.yaml:1: "),
        (("addresses", "addresses.csv", "--only", "council"), "say a heading and its value"),
        (("addresses", "addresses.csv", "--map", "map.yaml", "--whole"), "leave --whole out"),
        (("reports", "addresses.csv"), "Reports need a map"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    Path("wrong.yaml").write_text("colums: {}\n")

    with pytest.raises(commands.CommandFailed, match=says):
        typed(*arguments)


def test_every_kind_can_be_typed() -> None:
    codes = {kind.code for kind in (*places.KINDS, *neighbourhood.KINDS)}

    assert codes | {"bins"} == set(WHAT)
    assert all(kind_of(what, Path("a.csv")) for what in WHAT)
