"""`townhall evaluate`: a line of figures, or a line that says why the file could not be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from townhall.config.cli import main

PEOPLE = "id,forename,surname,dob,postcode\n" + "".join(
    f"{person}-{copy},Sam{person},Okafor{person},19{50 + person}-03-27,ZZ{person % 9} 1AA\n"
    for person in range(30)
    for copy in "ab"
)


def test_matching_and_lookup_print_one_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    columns = ["--id", "id", "--truth-from", r"(\d+)-", "--ignore", "dob"]
    assert main(["evaluate", "matching", str(people), *columns]) == 0
    assert main(["evaluate", "lookup", str(people), str(people), *columns]) == 0
    matching, lookup = capsys.readouterr().out.splitlines()
    assert dict(part.split("=") for part in matching.split())["records"] == "60"
    assert "recall@5=1.0000" in lookup


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    assert main(["evaluate", "matching", str(people), "--id", "id", "--truth", "whom"]) == 1
    assert "people.csv has no column whom" in capsys.readouterr().err
    assert main(["evaluate", "mail", str(tmp_path / "nowhere")]) == 1


def test_mails_are_printed_as_lines_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.eml").write_bytes(b"From: sam@example.org\nSubject: Bins\n\nMissed.\n")
    assert main(["evaluate", "mail", str(tmp_path)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["subject"] == "Bins"
