from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from townhall.ui import messages


def test_words_of_templates_and_of_python_are_collected() -> None:
    found = messages.collect(messages.APPS / "ui")

    assert ("Skip to main content", "") in found
    assert ("%(num)d day late", "%(num)d days late") in found
    assert ("Page not found", "") in found
    assert found[("Success", "")] == ["ui/jinja2/components/banner/macro.jinja"]


def test_quotes_and_line_ends_stay_inside_the_message() -> None:
    assert messages._quoted('say "go"\n\\') == '"say \\"go\\"\\n\\\\"'


def test_gettexts_own_tools_accept_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("msgfmt"):
        pytest.skip("gettext's tools are not installed")
    monkeypatch.setattr(messages, "TEMPLATE", tmp_path / "locale" / "django.pot")

    assert messages.write() > 100
    subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", messages.TEMPLATE], check=True)
