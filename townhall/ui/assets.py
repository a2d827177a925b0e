"""Takes the public assets out of node_modules into static/ui/vendor: no crown, no GOV.UK typeface, no build step."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = Path(__file__).resolve().parent / "static" / "ui" / "vendor"
FONTS = Path(__file__).resolve().parent / "fonts"  # for PDFs; pages use the reader's own
FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif'
LICENSED_FONT = re.compile(r"GDS Transport,\s*arial,\s*sans-serif", re.IGNORECASE)
PRINT_FONT = re.compile(
    r"font-family:\s*sans-serif(?=[;}])"
)  # the Design System prints some elements in another typeface
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
CREST = re.compile(r"url\(/assets/images/govuk-crest[^)]*\)")
SOURCE_MAP = re.compile(r"\n?(?:/\*|//)# sourceMappingURL=[^\n*]*(?:\*/)?\s*$")
COPIES = {
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.js",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.js",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.LICENSE.txt",
}
FONT_FILES = {
    "@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf": "NotoSans-Regular.ttf",
    "@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf": "NotoSans-Bold.ttf",
    "@expo-google-fonts/noto-sans/LICENSE_FONT": "NotoSans.LICENSE.txt",
}


class AssetsMissing(Exception):
    """node_modules is not there: run `npm ci` first."""


def build(*, modules: Path | None = None, into: Path = VENDOR, fonts: Path = FONTS) -> list[Path]:
    """Write every vendored asset anew and say which. Raises AssetsMissing when npm has not been run."""
    source = modules or ROOT / "node_modules"
    css = source / "govuk-frontend/dist/govuk/govuk-frontend.min.css"
    if not css.exists():
        raise AssetsMissing(f"{css} is not there: run `npm ci` first.")
    into.mkdir(parents=True, exist_ok=True)
    made = [into / "govuk-frontend.min.css"]
    made[0].write_text(our_own_look(css.read_text()))
    for name, target in COPIES.items():
        made.append(_copy(source / name, into / target))
    fonts.mkdir(parents=True, exist_ok=True)
    made += [_copy(source / name, fonts / target) for name, target in FONT_FILES.items()]
    return made


def our_own_look(css: str) -> str:
    """The Design System's styles with its typeface and crest taken out: neither is licensed to councils."""
    one_typeface = PRINT_FONT.sub(f"font-family:{FONT}", LICENSED_FONT.sub(FONT, FONT_FACE.sub("", css)))
    return SOURCE_MAP.sub("", CREST.sub("none", one_typeface))


def _copy(source: Path, target: Path) -> Path:
    if source.suffix in {".js", ".mjs", ".css"}:
        target.write_text(SOURCE_MAP.sub("", source.read_text()))
    else:
        shutil.copyfile(source, target)
    return target
