"""What the repository writes about itself: pictures of states, and which tests show which capability."""

from __future__ import annotations

import importlib.util
from enum import StrEnum
from pathlib import Path
from typing import Any

from townhall.config.drawing import diagram, draw_states

ROOT = Path(__file__).resolve().parents[3]


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_table_of_states_is_drawn_with_its_beginnings_and_ends() -> None:
    table = {Door.OPEN: {Door.SHUT}, Door.SHUT: {Door.LOCKED, Door.SHUT}, Door.LOCKED: frozenset[Door]()}
    assert diagram(table) == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> shut",
        "    shut --> locked",
        "    shut --> shut",
        "    locked --> [*]",
        "```",
    ]


def test_every_app_with_a_table_of_states_is_drawn(tmp_path: Path) -> None:
    drawn = {path.stem for path in draw_states(tmp_path)}
    have_tables = {path.parent.name for path in (ROOT / "townhall").glob("*/states.py") if "NEXT:" in path.read_text()}
    assert drawn == have_tables
    assert "cases" in drawn
    kept = ROOT / "docs" / "states"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in kept.iterdir()
    }, "Draw them anew with make states."


def test_marks_are_read_from_functions_classes_and_modules(tmp_path: Path) -> None:
    capabilities = script("capabilities")
    capabilities.ROOT = tmp_path
    (tmp_path / "test_one.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.capability('CASE-01')]\n"
        "@pytest.mark.capability('CASE-02', 'CASE-03')\n"
        "def test_a(): pass\n"
        "def helper(): pass\n"
        "@pytest.mark.capability('REPT-01')\n"
        "class TestB:\n"
        "    def test_b(self): pass\n"
    )
    assert sorted(capabilities.marked_tests(tmp_path)) == [
        ("CASE-01", "test_one.py::TestB::test_b"),
        ("CASE-01", "test_one.py::test_a"),
        ("CASE-02", "test_one.py::test_a"),
        ("CASE-03", "test_one.py::test_a"),
        ("REPT-01", "test_one.py::TestB::test_b"),
    ]


def test_titles_come_from_the_catalogue_without_its_stars(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.md"
    catalogue.write_text(
        "| No. | What |\n| --- | --- |\n| CASE-02 | ★ A case names three things: a, b and c. Saving with any empty is refused. | |\n"
    )
    assert script("capabilities").titles(catalogue) == {"CASE-02": "A case names three things"}
