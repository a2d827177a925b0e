"""One record as a kind reads it: each value by what it is here, and every fault beside the column it is in."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.loading.faults import NOT_TEXT
from townhall.core.loading.records import Layout, Record, plain
from townhall.core.time import LONDON, start_of

_DATES = ("%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d")
_MOMENTS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
FURTHEST = date(2200, 1, 1)


class Given:
    """`columns`: what it is here, and the headings it goes by. What is wrong is gathered in `faults`, by what it is here."""

    __slots__ = ("_columns", "_found", "_layout", "_record", "faults")

    def __init__(
        self,
        record: Record,
        columns: Mapping[str, Sequence[str]],
        layout: Layout,
        *,
        found: dict[str, str] | None = None,
    ) -> None:
        """found: which heading is what, for records that all have the same; filled as they are asked for."""
        self._record, self._columns, self._layout, self._found = record, columns, layout, found
        self.faults: dict[str, str] = {}

    def raw(self, what: str) -> Any:
        """As it stands there; None when it does not."""
        found = self._record.values.get(self._heading(what))
        return None if found == "" else found

    def text(self, what: str, *, most: int = 10_000, required: bool = False) -> str:
        value = self.raw(what)
        text = "" if value is None else value.strip() if isinstance(value, str) else _as_text(value)
        if text is None or NOT_TEXT.search(text):
            return self.wrong(what, _("It holds characters that are not text.") if text else _("It is not text."))
        if len(text) > most:
            return self.wrong(what, _("It is longer than %(most)d characters.") % {"most": most})
        if required and not text:
            return self.wrong(what, _("It is empty."))
        return text

    def code(self, what: str, *, among: Collection[str] = (), required: bool = False) -> str:
        """One of our codes: as the map says that the word in the file means; else the word itself. `among`: those there are."""
        word = self.text(what)
        code = self._layout.means.get(what, {}).get(word, "")
        if not code:
            code = word if word and (not among or word in among) else self._layout.otherwise.get(what, word)
        if required and not code:
            return self.wrong(what, _("It is empty."))
        if code and among and code not in among:
            return self.wrong(
                what, _("“%(word)s” is not one that we know. Say in the map what it means.") % {"word": code}
            )
        return code

    def digits(self, what: str, *, most: int, required: bool = False) -> str:
        """A number that is a name, such as a UPRN: without leading zeros."""
        text = self.text(what, required=required)
        text = text.removesuffix(".0")  # a spreadsheet's doing
        if text and not (text.isdecimal() and text.isascii() and len(text.lstrip("0")) <= most and text.strip("0")):
            return self.wrong(what, _("It is not a number of up to %(most)d digits.") % {"most": most})
        return text.lstrip("0")

    def number(self, what: str) -> float | None:
        text = self.text(what)
        if not text:
            return None
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            self.wrong(what, _("It is not a number."))
            return None
        return found

    def whole(self, what: str, *, most: int = 1_000_000) -> int | None:
        found = self.number(what)
        if found is not None and not (found == int(found) and 0 <= found <= most):
            self.wrong(what, _("It is not a whole number up to %(most)d.") % {"most": most})
            return None
        return None if found is None else int(found)

    def on(self, what: str, *, required: bool = False) -> date | None:
        """A council date. A moment counts with its date in London."""
        text = self.text(what, required=required)
        if not text:
            return None
        found = self._moment(text)
        on = found.astimezone(LONDON).date() if isinstance(found, datetime) else found
        if on is None or not date(1900, 1, 1) <= on < FURTHEST:
            self.wrong(what, _("It is not a date. Write it like 2026-03-02."))
            return None
        return on

    def at(self, what: str, *, required: bool = False) -> datetime | None:
        """A moment in UTC. One without a time zone is London's; a date alone is its first moment."""
        text = self.text(what, required=required)
        if not text:
            return None
        found = self._moment(text)
        if isinstance(found, date) and not isinstance(found, datetime):
            found = start_of(found)
        if found is None or not date(1900, 1, 1) <= found.date() < FURTHEST:
            self.wrong(what, _("It is not a date and time. Write it like 2026-03-02T18:30."))
            return None
        return found

    def link(self, what: str) -> str:
        """A web address that may be shown as a link; empty when it is none."""
        text = self.text(what, most=2_000)
        if text and not text.lower().startswith(("https://", "http://")):
            return self.wrong(what, _("It is not a web address. It must begin with https://."))
        return text

    def wrong(self, what: str, reason: str) -> str:
        """Note what is wrong with a value; the first fault of a value is kept."""
        self.faults.setdefault(what, reason)
        return ""

    def column(self, what: str) -> str:
        """The heading under which a value stands in the file, or what it is here where there is none."""
        return self._record.names.get(self._heading(what), what)

    def _heading(self, what: str) -> str:
        if self._found is None:
            return self._look_for(what)
        found = self._found.get(what)
        if found is None:
            found = self._found[what] = self._look_for(what)
        return found

    def _look_for(self, what: str) -> str:
        mapped = self._layout.columns.get(what)
        if mapped is not None:
            return plain(str(mapped))
        values = self._record.values
        known = plains(tuple(self._columns.get(what, (what,))))
        return next((name for name in known if name in values), known[0])

    def _moment(self, text: str) -> date | datetime | None:
        """A moment in UTC, or a date where the text has no time, or None."""
        if self._layout.dates:
            return _parsed(text, self._layout.dates)
        try:
            if len(text) == 10:
                return date.fromisoformat(text)
            return _utc(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
        for form in (*_DATES, *_MOMENTS):
            if (found := _parsed(text, form)) is not None:
                return found
        return None


@lru_cache(maxsize=2_000)
def plains(headings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(plain(heading) for heading in headings)


def _parsed(text: str, form: str) -> date | datetime | None:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is given next
        return _utc(found) if "%H" in form or "%I" in form else found.date()
    except (ValueError, OverflowError):
        return None


def _utc(found: datetime) -> datetime:
    return (found if found.tzinfo else found.replace(tzinfo=LONDON)).astimezone(UTC)


def _as_text(value: object) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else None
