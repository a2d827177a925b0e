from __future__ import annotations

from pathlib import Path

import pytest

from townhall.ui import assets

CSS = (
    "@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}"
    ".a{font-family:GDS Transport,arial,sans-serif}@media print{.a{font-family:sans-serif}}"
    ".b{background:url(/assets/images/govuk-crest.svg)}\n/*# sourceMappingURL=x.map */"
)


def test_there_is_one_typeface_on_screen_and_paper_and_no_crest() -> None:
    css = assets.our_own_look(CSS)

    assert css == f".a{{font-family:{assets.FONT}}}@media print{{.a{{font-family:{assets.FONT}}}}}.b{{background:none}}"


def test_building_twice_gives_the_same(tmp_path: Path) -> None:
    if not (assets.ROOT / "node_modules/govuk-frontend").exists():
        pytest.skip("govuk-frontend is not installed: run `npm ci`")

    first = {path.name: path.read_bytes() for path in assets.build(into=tmp_path, fonts=tmp_path / "fonts")}
    second = {path.name: path.read_bytes() for path in assets.build(into=tmp_path, fonts=tmp_path / "fonts")}

    assert first == second
    assert "NotoSans-Regular.ttf" in first
    assert b"GDS Transport" not in first["govuk-frontend.min.css"]
    assert set(first) >= {"govuk-frontend.min.js", "maplibre-gl.js", "maplibre-gl-worker.js", "maplibre-gl.css"}


def test_without_npm_the_reason_is_said(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsMissing, match="npm ci"):
        assets.build(modules=tmp_path, into=tmp_path / "vendor", fonts=tmp_path / "fonts")
