"""Collects the words on screen into locale/en/LC_MESSAGES/django.pot, for translators' own tools (msginit, msgmerge, msgfmt) to go on from.

Django's makemessages reads Jinja only by chance: it misses ngettext and calls inside macros' arguments.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.template import engines

APPS = Path(__file__).resolve().parents[1]
TEMPLATE = Path(__file__).resolve().parent / "locale" / "en" / "LC_MESSAGES" / "django.pot"
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
Words = tuple[str, str]  # one, and many or empty
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'


def write() -> int:
    """Write the template anew; returns how many messages it holds."""
    found = collect()
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_text(HEADER + "".join(_entry(words, places) for words, places in sorted(found.items())))
    return len(found)


def collect(apps: Path = APPS) -> dict[Words, list[str]]:
    """Every message with the files it stands in."""
    found: dict[Words, list[str]] = defaultdict(list)
    for file in sorted(apps.rglob("*")):
        if "tests" in file.parts or "locale" in file.parts:
            continue
        name = str(file.relative_to(apps.parent))
        for words in _in_file(file):
            if name not in found[words]:
                found[words].append(name)
    return dict(found)


def _in_file(file: Path) -> Iterable[Words]:
    if file.suffix == ".py":
        return _in_python(file.read_text())
    if file.suffix in {".html", ".jinja"} and "jinja2" in file.parts:
        return _in_template(file.read_text())
    return ()


def _in_python(source: str) -> Iterator[Words]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else ""


def _in_template(source: str) -> Iterator[Words]:
    jinja = engines["jinja2"].env  # type: ignore[attr-defined]
    for _line, _function, words in jinja.extract_translations(source):
        texts = (words,) if isinstance(words, str) else tuple(word for word in words if word)
        if texts:
            yield texts[0], texts[1] if len(texts) > 1 else ""


def _entry(words: Words, places: list[str]) -> str:
    one, many = words
    where = "".join(f"#: {place}\n" for place in places)
    flag = "#, python-format\n" if "%(" in one else ""
    if many:
        return f'\n{where}{flag}msgid {_quoted(one)}\nmsgid_plural {_quoted(many)}\nmsgstr[0] ""\nmsgstr[1] ""\n'
    return f'\n{where}{flag}msgid {_quoted(one)}\nmsgstr ""\n'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
