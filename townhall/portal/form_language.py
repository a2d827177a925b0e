"""In which language somebody fills in a form: chosen on its pages, else the site's, and English where the form has no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from townhall.forms.engine import Flow
from townhall.forms.questions import Question

COOKIE = "form-language"
ENGLISH = "en"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A language that a form can be read in."""

    code: str
    name: str  # as its speakers call it
    href: str  # leads to the same page in it
    is_chosen: bool


def name_of(code: str) -> str:
    """As its speakers call it; the code for a language that is not known."""
    try:
        return str(translation.get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


def of_screens(language: str) -> str:
    """The language of buttons and messages round a form's own words in `language`: only one that the site's screens are in."""
    return language if language in settings.SCREEN_LANGUAGES else settings.LANGUAGE_CODE


def marks(flow: Flow, unit: str) -> SafeString:
    """` lang="cy"` for words in another language than the page's, with their direction; empty for words in the page's own."""
    spoken, page = flow.language_of(unit), translation.get_language() or ENGLISH
    if spoken.partition("-")[0] == page.partition("-")[0]:
        return SafeString("")
    return mark_safe(f' lang="{spoken}"{_direction(spoken)}')  # noqa: S308 - the code of a language, as `problems` has it


def _direction(code: str) -> str:
    try:
        is_rtl = translation.get_language_info(code)["bidi"]
    except KeyError:
        return ""
    return ' dir="rtl"' if is_rtl else ' dir="ltr"' if translation.get_language_bidi() else ""


def told(flow: Flow, questions: tuple[Question, ...], problems: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, marked with the page's language where it stands among words in another."""
    found: dict[str, Any] = {}
    page = translation.get_language() or ENGLISH
    for field, words in problems.items():
        question = next((one for one in questions if field.partition("-")[0] == one.code), None)
        is_own = question is not None and words == question.error
        inside = question is not None and marks(flow, f"questions.{question.code}")
        found[field] = format_html('<span lang="{}">{}</span>', page, words) if inside and not is_own else words
    return found
