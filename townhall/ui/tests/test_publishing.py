"""What browsers get: each asset once, compressed, under a name that says what is in it; one stylesheet; a light home page."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from townhall.ui import publishing

MOST = 100_000  # bytes of a first visit, as sent


def test_each_asset_is_kept_once_under_its_hash_and_compressed(tmp_path: Path) -> None:
    names = publishing.publish(tmp_path)

    published = tmp_path / names["ui/townhall.js"]
    content = Path(str(finders.find("ui/townhall.js"))).read_bytes()
    assert published.read_bytes() == content
    assert hashlib.sha256(content).hexdigest()[:12] in published.name
    assert gzip.decompress(published.with_name(published.name + ".gz").read_bytes()) == content

    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert publishing.publish(tmp_path) == names
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_several_processes_may_publish_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, others = Path.replace, iter([True])

    def replace_last(part: Path, target: Path) -> Path:
        if next(others, False):  # another process writes the same between our writing and our replacing
            publishing.publish(tmp_path)
        return real(part, target)

    monkeypatch.setattr(Path, "replace", replace_last)
    assert publishing.publish(tmp_path)


def test_another_brand_makes_other_sheets(tmp_path: Path, settings: Any) -> None:
    names = publishing.publish(tmp_path)
    settings.BRAND_CSS = "workspace/desk.css"
    changed = publishing.publish(tmp_path)

    assert {name for name in names if names[name] != changed[name]} == {name for name in names if "sheet:" in name}
    words = (tmp_path / changed["sheet:portal"]).read_text()
    for part in ("ui/townhall.css", "workspace/desk.css", "portal/portal.css"):
        assert Path(str(finders.find(part))).read_text() in words
    assert words.rstrip().endswith("}")
    assert "@media print{" in words


def test_the_first_visit_is_light_and_waits_for_one_stylesheet(
    tmp_path: Path, client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_published", publishing.publish(tmp_path))
    page = client.get("/").content.decode()

    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', page)
    assert len(sheets) == 1
    assert re.findall(r'<script (?!type="module")[^>]*src=', page) == []
    named = {*sheets, *re.findall(r'(?:href|src|data-govuk)="/static/([^"]+)"', page)}
    sizes = {
        name: len((found if (found := tmp_path / f"{name}.gz").exists() else _lying(name)).read_bytes())
        for name in named
    }
    assert len(sizes) > 2
    assert len(page.encode()) + sum(sizes.values()) < MOST, sizes


def _lying(name: str) -> Path:
    return Path(str(finders.find(name)))


def test_the_policy_allows_the_words_that_stand_in_the_page_and_no_others(client: Client, db: None) -> None:
    answer = client.get("/")
    [written] = re.findall(r"<script>(.*?)</script>", answer.content.decode(), re.DOTALL)

    allowed = base64.b64encode(hashlib.sha256(written.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{allowed}'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
