"""Forms of other builders: XGov / DEFRA digital form builder and GOV.UK Forms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from townhall.forms.importing import govuk, xgov
from townhall.forms.importing.made import Imported, Kept, NotAForm

__all__ = ["Imported", "Kept", "NotAForm", "forms_in", "load", "read"]

LARGEST_FILE = 20_000_000  # bytes


def read(value: Any, *, code: str, title: str = "") -> Imported:
    """The form in parsed JSON, whichever of the two it is. Raises NotAForm."""
    value = storable(value)
    if govuk.looks_like(value):
        return govuk.read(value, code=code, title=title)
    return xgov.read(value, code=code, title=title)


def storable(value: Any, *, depth: int = 0) -> Any:
    """The same JSON without what no database keeps: NUL, half characters, and what is nested past all reason."""
    if isinstance(value, str):
        return (
            value if value.isascii() and "\0" not in value else value.encode(errors="ignore").decode().replace("\0", "")
        )
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {storable(str(key)): storable(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth=depth + 1) for item in value]
    return value


DEEPEST = 60


def load(path: Path) -> Any:
    """The JSON of a file. Raises NotAForm when it holds none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise NotAForm("The file is too large.")
        return msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, OSError, UnicodeDecodeError, RecursionError) as error:
        raise NotAForm(f"The file is not JSON: {error}") from error


def forms_in(value: Any) -> list[dict[str, Any]]:
    """The forms in a file's JSON: itself, those of a list, or one inside a wrapper (`{"definition": {…}}`)."""
    if isinstance(value, list):
        return [found for item in value[:1000] for found in forms_in(item)]
    if not isinstance(value, dict):
        return []
    if xgov.looks_like(value) or govuk.looks_like(value):
        return [value]
    inner = (value.get(key) for key in ("configuration", "definition", "form", "value", "content", "draft", "live"))
    return [found for one in inner if isinstance(one, dict) for found in forms_in(one)][:1]


def code_of(path: Path) -> str:
    """A form's code from its file's name."""
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:80].strip("-") or "form"
