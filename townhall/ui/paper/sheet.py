"""A sheet: what every letter, bill, decision and summary has around its words. Its style is in `paper.css`, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

_lines: list[Callable[[], Sequence[tuple[str, str]]]] = []


def lines_from(lines: Callable[[], Sequence[tuple[str, str]]]) -> None:
    """The council's standard lines, each with the tag of its language. Who keeps them is above this app."""
    _lines[:] = [lines]


def standard_lines() -> Sequence[tuple[str, str]]:
    """What stands at the foot of everything that is printed for somebody."""
    return _lines[0]() if _lines else ()


CSS = Path(__file__).with_name("paper.css")
LANGUAGES = {"en": "en-GB", "en-gb": "en-GB"}  # as readers of PDFs are told; others as they are


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`body`: safe HTML below the title, its headings from h2 on, its tables with a header cell to each row or column."""

    title: str
    body: str
    language: str = "en"  # of the words
    on: date | None = None
    to: Sequence[str] = ()  # name and address, line by line, for the window of an envelope
    reference: str = ""
    lines: Sequence[tuple[str, str]] = ()  # at the foot, each with the tag of its language
    says_formats: bool = True  # at the foot, how to have it in another format; not where the body says so itself

    @property
    def lang(self) -> str:
        return LANGUAGES.get(self.language, self.language)


def as_page(sheet: Sheet, *, large: bool = False) -> str:
    """The whole HTML page, to be printed as it is; its style is in it."""
    context = {
        "sheet": sheet,
        "body": mark_safe(sheet.body),  # noqa: S308 - safe HTML, as Sheet says
        "style": _style(),
        "large": large,
        "lines": [(LANGUAGES.get(tag, tag), words) for tag, words in sheet.lines],
        "council": settings.COUNCIL_NAME,
        "phone": settings.COUNCIL_PHONE,
        "website": settings.PUBLIC_URL.partition("://")[2],
    }
    with translation.override(sheet.language if sheet.language in dict(settings.LANGUAGES) else "en"):
        return render_to_string("ui/paper.html", context)


@cache
def _style() -> SafeString:
    return mark_safe(CSS.read_text())  # noqa: S308 - our own file
