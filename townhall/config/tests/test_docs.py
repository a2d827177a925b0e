"""The documents say what the code has: nothing is missing from its page, and nothing on it is gone."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from townhall.config.cli import _parser
from townhall.core import sweeps

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
OPERATIONS = (DOCS / "operations.md").read_text()
OF_PYTEST = {"PYTEST_VERSION", "PATH"}
READERS = {"flag", "number", "get", "setdefault"}


def _code() -> Iterator[ast.AST]:
    for path in (ROOT / "townhall").rglob("*.py"):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield ast.parse(path.read_text())


@cache
def settings_read() -> set[str]:
    """Every environment variable that the code reads by name."""
    found = set()
    for tree in _code():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _reads_environment(node.func):
                first = node.args[0]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                first = node.slice
            else:
                continue
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.isupper():
                found.add(first.value)
    return found - OF_PYTEST


def _reads_environment(func: ast.expr) -> bool:
    if isinstance(func, ast.Name):
        return func.id in READERS
    return isinstance(func, ast.Attribute) and func.attr in READERS and ast.unparse(func.value) == "os.environ"


def settings_listed() -> set[str]:
    """The names in the first column of the tables of settings."""
    chapter = OPERATIONS.split("## 3. Settings")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`[A-Z].*?) \|", chapter, re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}


def commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    (subparsers,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    yield from subparsers.choices.items()


def test_every_setting_is_in_the_operations_page() -> None:
    read = settings_read()
    assert {"SECRET_KEY", "STAFF_IDLE_SECONDS", "WEB_WORKERS", "TOWNHALL_PG_BIN"} <= read
    assert sorted(name for name in read if f"`{name}`" not in OPERATIONS) == []


def test_every_setting_of_the_operations_page_is_read() -> None:
    listed = settings_listed()
    assert len(listed) > 40
    assert sorted(listed - settings_read()) == []


def test_every_command_and_what_it_may_be_told_is_in_the_operations_page() -> None:
    missing = []
    for name, parser in commands():
        if f"`townhall {name}" not in OPERATIONS:
            missing.append(name)
        for action in parser._actions:
            missing += [f"{name} {choice}" for choice in action.choices or () if choice not in OPERATIONS]
    assert missing == []


def test_every_command_of_the_operations_page_is_there() -> None:
    named = set(re.findall(r"\btownhall ([a-z][a-z-]+)", "\n".join(re.findall(r"`[^`]+`", OPERATIONS))))
    assert named - {name for name, _parser in commands()} == set()


def test_every_sweep_is_in_the_operations_page_and_no_other() -> None:
    listed = set(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", OPERATIONS, re.MULTILINE))
    assert sorted(listed ^ {sweep.name for sweep in sweeps.registered()}) == []


def test_every_event_is_in_the_architecture_page() -> None:
    page = (DOCS / "architecture.md").read_text()
    missing = []
    for path in sorted((ROOT / "townhall").glob("*/events.py")):
        app = path.parent.name
        if app == "core":
            continue
        module = importlib.import_module(f"townhall.{app}.events")
        events = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        missing += [
            f"{app}.{name}" for name in events if isinstance(getattr(module, name), type) and f"`{name}`" not in page
        ]
    assert missing == []


def test_every_app_is_in_the_architecture_page() -> None:
    page = (DOCS / "architecture.md").read_text()
    apps = {path.parent.name for path in (ROOT / "townhall").glob("*/apps.py")}
    assert sorted(app for app in apps if f'{app}["{app}: ' not in page) == []


def _pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _hash, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            broken.append(target)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_pages_name_are_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return
    named = re.findall(r"`((?:townhall|scripts|bench)/[\w/.-]+\.\w+)", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_catalogue_has_every_row_once() -> None:
    page = (DOCS / "catalogue.md").read_text()
    rows = re.findall(r"^\| (?:★ )?([A-Z]{3,4}-\d\d) \|", page, re.MULTILINE)
    areas = {
        code: int(count) for code, count in re.findall(r"^\| ([A-Z]{3,4}) \| [^|]+ \| (\d+) \|$", page, re.MULTILINE)
    }
    assert len(rows) == len(set(rows)) == sum(areas.values()) == 220
    assert {code: sum(row.startswith(f"{code}-") for row in rows) for code in areas} == areas
    assert page.count("| ★ ") == 25
