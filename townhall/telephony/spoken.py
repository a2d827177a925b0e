"""How a case stands in words that a machine may read out to whoever has its reference: no name, place or free text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from townhall.cases.public import PublicCase, follow_page
from townhall.ui.words import weekday_date


@dataclass(frozen=True, kw_only=True)
class Spoken:
    reference: str
    state: str
    is_open: bool
    expected_on: date | None
    words: str


def status(reference: str) -> Spoken | None:
    case = follow_page(reference)
    if case is None:
        return None
    on = (case.scheduled_on or case.due_on) if case.is_open else None
    return Spoken(
        reference=case.reference, state=case.state.value, is_open=case.is_open, expected_on=on, words=_words(case, on)
    )


def _words(case: PublicCase, on: date | None) -> str:
    words = [_("%(service)s: %(state)s.") % {"service": case.pack.name, "state": case.state.label}]
    if on is not None:
        words.append(_("We expect to deal with it by %(date)s.") % {"date": weekday_date(on)})
    if not case.is_open and case.outcome:
        words.append(_("What came of it: %(outcome)s.") % {"outcome": case.outcome})
    return " ".join(words)
