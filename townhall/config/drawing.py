"""Draws the table of states of each app (its `states.py`) as a picture in words: Mermaid inside Markdown, into docs/states."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

APPS = Path(__file__).resolve().parents[1]


def draw_states(folder: Path) -> list[Path]:
    """One file for each app that has tables of states. A table is a mapping from a state to the states that may follow."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for app in sorted(path.parent.name for path in APPS.glob("*/states.py")):
        tables = tables_of(importlib.import_module(f"townhall.{app}.states"))
        if not tables:
            continue
        path = folder / f"{app}.md"
        words = [f"# States in {app}", "", f"Drawn by `make states` from `townhall/{app}/states.py`.", ""]
        for name, table in tables.items():
            title = [] if len(tables) == 1 else [f"## {name}", ""]
            words += [*title, *diagram(table), ""]
        path.write_text("\n".join(words))
        made.append(path)
    return made


def tables_of(module: ModuleType) -> dict[str, Mapping[Any, Iterable[Any]]]:
    """NEXT and every name that ends in _NEXT, by a name to read."""
    found = {}
    for name, value in vars(module).items():
        if (name == "NEXT" or name.endswith("_NEXT")) and isinstance(value, Mapping):
            found[name.removesuffix("_NEXT").replace("_", " ").capitalize()] = value
    return found


def diagram(table: Mapping[Any, Iterable[Any]]) -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2"]
    reached = {str(target) for targets in table.values() for target in targets}
    lines += [f"    [*] --> {_word(state)}" for state in table if str(state) not in reached]
    for state, targets in table.items():
        following = sorted(targets, key=str)
        lines += [f"    {_word(state)} --> {_word(target)}" for target in following]
        if not following:
            lines.append(f"    {_word(state)} --> [*]")
    return [*lines, "```"]


def _word(state: object) -> str:
    return str(state).replace(" ", "_").replace("-", "_")
