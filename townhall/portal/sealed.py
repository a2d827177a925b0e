"""Answers that are kept sealed, on the pages of a form: never written back to a page, and kept unless typed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from msgspec.structs import replace

from townhall.core.sealed_answers import ending, is_sealed
from townhall.forms.definition import FormPage
from townhall.forms.questions import Text


def kept_unless_typed(page: FormPage, raw: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """A field that was left empty keeps the answer given before."""
    codes = [one.code for one in page.questions if isinstance(one, Text) and one.sealed]
    left = {
        code: before[code] for code in codes if is_sealed(before.get(code)) and not str(raw.get(code) or "").strip()
    }
    return {**raw, **left}


def hidden(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {code: "" if is_sealed(value) else value for code, value in raw.items()}


def told(parts: Sequence[tuple[Any, bool]], raw: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    """The parts of a page with a word on what is kept already, where its field is drawn empty."""
    return [(_told(part, raw), applies) for part, applies in parts]


def _told(part: Any, raw: Mapping[str, Any]) -> Any:
    if not (isinstance(part, Text) and part.sealed and is_sealed(raw.get(part.code))):
        return part
    kept = _("We have one that %(ends)s. Leave this empty to keep it.") % {"ends": ending(raw[part.code])}
    return replace(part, hint=f"{part.hint}. {kept}" if part.hint else kept)
