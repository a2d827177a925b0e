from __future__ import annotations

import json
from pathlib import Path

import pytest

from townhall.config.cli import _parser
from townhall.config.commands import CommandFailed
from townhall.forms import importing
from townhall.forms.tests.foreign import ALLOTMENT


def run(*arguments: str) -> int:
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def test_a_folder_of_foreign_forms_is_counted_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "allotment.json").write_text(json.dumps(ALLOTMENT))
    (tmp_path / "other.json").write_text("[]")

    assert run("import", "form", "--check", str(tmp_path)) == 0

    out, err = capsys.readouterr()
    assert out == "files=1 pages=8 components=16 conditions=6 lists=3 links=7 lost=0\n"
    assert "other.json: holds no form" in err


def test_a_form_that_cannot_be_read_is_lost_as_a_whole_and_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise KeyError("x")

    (tmp_path / "allotment.json").write_text(json.dumps(ALLOTMENT))
    monkeypatch.setattr(importing, "read", broken)

    assert run("import", "form", "--check", str(tmp_path)) == 1

    out, err = capsys.readouterr()
    assert out.startswith("files=1 pages=8 components=16 conditions=6 lists=3 links=7 lost=")
    assert not out.endswith("lost=0\n")
    assert "could not be read" in err


def test_forms_are_checked_from_yaml_and_a_missing_name_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hello.yaml").write_text(
        "code: hello\ntitle: Hello\npages:\n- code: name\n  text: Hi\n  title: Hello\n"
    )

    assert run("forms", "check", str(tmp_path)) == 0
    assert capsys.readouterr().out == "1 forms checked, 0 findings\n"
    for arguments in (("forms", "publish"), ("import", "form"), ("import", "reports")):
        with pytest.raises(CommandFailed):
            run(*arguments)
