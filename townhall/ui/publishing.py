"""Assets as browsers get them: each under a name with the hash of its content, compressed, and the styles of a page in one file.

The web writes them into STATIC_ROOT as it starts. Until then, and in tests, pages name the files as they lie.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags import static as django_static

MANIFEST = "published.json"
KINDS = {".css", ".js", ".svg"}  # what grows smaller when compressed
_BASE = ("ui/vendor/govuk-frontend.min.css", "ui/townhall.css")
_PRINT = "ui/print.css"
# What a page links as one: the Design System, ours, the council's colours, the app's own, and paper.
_SHEETS = {"ui": (), "portal": ("portal/portal.css",), "workspace": ("workspace/workspace.css",)}
START = Path(__file__).with_name("start.js")
_published: dict[str, str] = {}


def start_script() -> str:
    """What runs before a page is drawn. It stands in the page, so that nothing has to be waited for; the policy allows just these words."""
    return START.read_text().strip()


class Sheet(NamedTuple):
    href: str
    media: str  # empty: every


def use_published() -> None:
    """Publish what is new, and name the published files on every page of this process."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    _published.update(publish(root))


def publish(root: Path) -> dict[str, str]:
    """Write what is not there yet. Name → name under which it is served. Several processes may do so at once."""
    found = {name: path for name, path in _files() if path.suffix in KINDS}
    stamp = hashlib.sha256(repr([(name, _made(path)) for name, path in sorted(found.items())]).encode()).hexdigest()
    kept = _read(root / MANIFEST)
    if kept.get("stamp") == stamp and kept.get("brand") == settings.BRAND_CSS:
        held: dict[str, str] = kept["names"]
        return held
    names: dict[str, str] = {name: _write(root, name, path.read_bytes()) for name, path in found.items()}
    for sheet in _SHEETS:
        names[f"sheet:{sheet}"] = _write(root, f"sheets/{sheet}.css", _joined(sheet, found))
    _replace(root / MANIFEST, json.dumps({"stamp": stamp, "brand": settings.BRAND_CSS, "names": names}).encode())
    return names


def stylesheets(name: str) -> list[Sheet]:
    """What a page of this kind links: one file, or its parts where nothing was published."""
    if whole := _published.get(f"sheet:{name}"):
        return [Sheet(f"{settings.STATIC_URL}{whole}", "")]
    return [Sheet(address(part), "print" if part == _PRINT else "") for part in _parts(name)]


def address(path: str) -> str:
    """Where an asset is served from. Raises ValueError as the storage does."""
    published = _published.get(path)
    return f"{settings.STATIC_URL}{published}" if published else django_static.static(path)


def _parts(sheet: str) -> tuple[str, ...]:
    return (*_BASE, settings.BRAND_CSS, *_SHEETS[sheet], _PRINT)


def _joined(sheet: str, found: dict[str, Path]) -> bytes:
    written = []
    for part in (part for part in _parts(sheet) if part in found):
        words = found[part].read_text().removeprefix('@charset "UTF-8";')
        written.append(f"@media print{{{words}}}" if part == _PRINT else words)
    return b'@charset "UTF-8";' + "\n".join(written).encode()


def _files() -> Iterator[tuple[str, Path]]:
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            yield f"{getattr(storage, 'prefix', '') or ''}{path}", Path(storage.path(path))


def _made(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _write(root: Path, name: str, content: bytes) -> str:
    """The name with twelve letters of the hash, by which the server knows that it never changes."""
    plain = Path(name)
    hashed = plain.with_suffix(f".{hashlib.sha256(content).hexdigest()[:12]}{plain.suffix}")
    target = root / hashed
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target.with_name(target.name + ".gz"), gzip.compress(content, 9, mtime=0))
        _replace(target, content)
    return hashed.as_posix()


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{token_hex(8)}")  # its own, as several processes may write the same
    part.write_bytes(content)
    part.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return kept
