"""Reading what was typed into the desk's forms. What cannot be read is kept as it is, to be shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from townhall.forms.typed import clean_line, clean_text

LONGEST_TEXT = 4000


@dataclass(frozen=True, kw_only=True)
class Born:
    """A date in three boxes, any of which may be empty. `problem` is a sentence."""

    typed: dict[str, str] = field(default_factory=dict)
    on: date | None = None
    problem: str = ""


def text(given: Mapping[str, str], name: str) -> str:
    return clean_line(given.get(name, ""))[:1000]


def long_text(given: Mapping[str, str], name: str) -> str:
    """One character more than is allowed is kept, so that too long is told rather than cut."""
    return clean_text(given.get(name, ""))[: LONGEST_TEXT + 1]


def read_born(given: Mapping[str, str], name: str = "born") -> Born:
    typed = {part: text(given, f"{name}-{part}") for part in ("day", "month", "year")}
    if not any(typed.values()):
        return Born(typed=typed)
    try:
        on = date(int(typed["year"]), int(typed["month"]), int(typed["day"]))
    except ValueError:
        return Born(typed=typed, problem=_("Enter a real date, like 27 3 1980"))
    return Born(typed=typed, on=on)
