"""Writes docs/capabilities.md: which tests show which row of the catalogue, read from their marks."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "docs" / "catalogue.md"
TARGET = ROOT / "docs" / "capabilities.md"
ROW = re.compile(r"^\|\s*(?:[★◇]\s*)*([A-Z]{3,4}-\d{2})\s*(?:[★◇]\s*)*\|(.*)$")


def marked_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """(row, test) for every mark `capability("CASE-03", …)` on a test, a class of tests or a whole module."""
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(), str(path))
        module_rows = [row for node in tree.body if _is_pytestmark(node) for row in _rows_in(node)]
        yield from _in_body(tree.body, module_rows, str(path.relative_to(ROOT)))


def _in_body(body: list[ast.stmt], rows: list[str], where: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        own = rows + [row for decorator in node.decorator_list for row in _rows_in(decorator)]
        name = f"{where}::{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _in_body(node.body, own, name)
        elif node.name.startswith("test"):
            yield from ((row, name) for row in dict.fromkeys(own))


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _rows_in(node: ast.AST) -> list[str]:
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "capability"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def titles(catalogue: Path) -> dict[str, str]:
    """Row number → its words, up to the first full stop."""
    if not catalogue.exists():
        return {}
    found = {}
    for line in catalogue.read_text().splitlines():
        if match := ROW.match(line):
            words = match[2].split("|")[0].strip(" *★◇")
            found[match[1]] = re.split(r"(?<=[.:;])\s", words)[0].rstrip(".:;")[:140]
    return found


def page(shown: dict[str, list[str]], names: dict[str, str]) -> str:
    lines = [
        "# What the tests show",
        "",
        "Written by `make capabilities` from the marks of the tests. A row is listed when a test shows it by an operation or a journey.",
        "",
    ]
    if names:
        lines += [f"{len(shown)} of {len(names)} rows of [the catalogue](catalogue.md).", ""]
    lines += ["| row | what | shown by |", "| --- | --- | --- |"]
    for row, tests in sorted(shown.items()):
        lines.append(f"| {row} | {names.get(row, '')} | {'<br>'.join(f'`{test}`' for test in tests)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    shown: dict[str, list[str]] = defaultdict(list)
    for folder in (ROOT / "townhall", ROOT / "journeys"):
        for row, test in marked_tests(folder):
            shown[row].append(test)
    names = titles(CATALOGUE)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(page(shown, names))
    unknown = sorted(set(shown) - set(names)) if names else []
    for row in unknown:
        print(f"{row} is marked by {shown[row][0]}, but is not in the catalogue", file=sys.stderr)
    print(f"{TARGET.relative_to(ROOT)}: {len(shown)} rows shown by {sum(map(len, shown.values()))} marks")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
