"""What the round of an address says about a bin that was not emptied, in words (REPT-07)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from townhall.catalogue.pack import ServicePack
from townhall.neighbourhood.queries import Kind, MissedBinAnswer
from townhall.ui.words import time_of_day, weekday_date

STREAM = "stream"  # the service's question that the round answers for


@dataclass(frozen=True, kw_only=True)
class Said:
    """A heading and what follows it. There is nothing to report when this is shown."""

    title: str
    lines: tuple[str, ...]


def stream_name(pack: ServicePack, stream: str) -> str:
    asked = pack.attribute(STREAM)
    names = {value.key: value.name for value in asked.values} if asked else {}
    return names.get(stream, stream.replace("_", " ").capitalize())


def said(answer: MissedBinAnswer, *, name: str) -> Said:
    """For every answer but a true miss."""
    lines = [line for line in (_return(answer), _next(answer), _why(answer), answer.detail, _advice(answer)) if line]
    return Said(title=_title(answer, name), lines=tuple(lines))


def _title(answer: MissedBinAnswer, name: str) -> str:
    titles = {
        Kind.NO_ROUND: _("%(name)s is not collected from this address"),
        Kind.NOT_YET_DUE: _("%(name)s: the collection is not due yet"),
        Kind.CREW_OUT: _("%(name)s: the crew is still on its round"),
        Kind.CREW_REASON: _("%(name)s: the crew could not empty your bin"),
        Kind.KNOWN: _("%(name)s: we know about this"),
        Kind.TOO_LATE: _("%(name)s: it is too late to send the crew back"),
    }
    return titles[answer.kind] % {"name": name}


def _why(answer: MissedBinAnswer) -> str:
    if answer.kind is Kind.CREW_REASON and answer.collected_on:
        return _("On %(date)s the crew told us: %(reason)s.") % {
            "date": weekday_date(answer.collected_on),
            "reason": answer.reason[:1].lower() + answer.reason[1:],
        }
    if answer.kind is Kind.KNOWN:
        return f"{answer.reason}."
    if answer.kind is Kind.CREW_OUT and answer.finishes_at:
        return _("Today is your collection day. The crew is usually done by %(time)s.") % {
            "time": time_of_day(answer.finishes_at)
        }
    if answer.kind is Kind.TOO_LATE and answer.collected_on:
        return _("Your last collection was on %(date)s, and we can send the crew back only in the days after it.") % {
            "date": weekday_date(answer.collected_on)
        }
    if answer.moved_from:
        words = _("Your collection of %(date)s was moved.") % {"date": weekday_date(answer.moved_from)}
        return f"{words} {answer.reason}" if answer.reason else words
    return ""


def _return(answer: MissedBinAnswer) -> str:
    return _("The crew comes back on %(date)s.") % {"date": weekday_date(answer.return_on)} if answer.return_on else ""


def _next(answer: MissedBinAnswer) -> str:
    return _("Your next collection is on %(date)s.") % {"date": weekday_date(answer.next_on)} if answer.next_on else ""


def _advice(answer: MissedBinAnswer) -> str:
    if answer.kind is Kind.CREW_OUT or answer.return_on:
        return _("Leave your bin out until then.")
    return ""
