"""`townhall evaluate`: a line of figures, or a line that says why the file could not be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from townhall.config.cli import _parser
from townhall.config.commands_evaluate import evaluated

PEOPLE = "id,forename,surname,dob,postcode\n" + "".join(
    f"{person}-{copy},Sam{person},Okafor{person},19{50 + person}-03-27,ZZ{person % 9} 1AA\n"
    for person in range(30)
    for copy in "ab"
)


def line_of(*words: str) -> str:
    """As the command line reads the words, without its own set-up of a process."""
    return evaluated(_parser().parse_args(["evaluate", *words]))


def test_matching_and_lookup_print_one_line_each(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    columns = ["--id", "id", "--truth-from", r"(\d+)-", "--ignore", "dob"]
    matching = dict(part.split("=") for part in line_of("matching", str(people), *columns).split())
    assert matching["records"] == "60"
    assert "recall@5=1.0000" in line_of("lookup", str(people), str(people), *columns)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    with pytest.raises(ValueError, match=r"people\.csv has no column whom"):
        line_of("matching", str(people), "--id", "id", "--truth", "whom")
    with pytest.raises(FileNotFoundError):
        line_of("mail", str(tmp_path / "nowhere"))


def test_mails_are_printed_as_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"From: sam@example.org\nSubject: Bins\n\nMissed.\n")
    assert json.loads(line_of("mail", str(tmp_path)))["subject"] == "Bins"


def test_routing_prints_one_line_of_what_it_learnt(tmp_path: Path) -> None:
    rows = [f"{words},{label}" for words, label in (("my bin was missed", "bins"), ("a hole in the road", "roads"))]
    (tmp_path / "mails.csv").write_text(
        "\n".join(["Words,Goes to", *(f"{turn} {row}" for turn in "abcdefgh" for row in rows)])
    )
    line = line_of(
        "routing", str(tmp_path / "mails.csv"), "--text", "words", "--label", "goes to", "--threshold", "0.5"
    )
    assert dict(part.split("=") for part in line.split())["accuracy"] == "1.0000"
