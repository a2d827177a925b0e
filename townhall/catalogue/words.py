"""The public words about a service, made from its entry each time, so that an edit shows at once (KNOW-02)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.catalogue.pack import Published, Refusal, ServicePack
from townhall.core.money import Pence, pounds


@dataclass(frozen=True, kw_only=True)
class PublicWords:
    """What a customer reads before sending. `done` is Markdown of our own making; the page renders it."""

    name: str
    summary: str
    done: str
    refused: tuple[Refusal, ...]
    promise: str
    promise_note: str
    who_may: str
    fees: tuple[str, ...]
    next_step: str
    emergency: str


def public_words(pack: ServicePack) -> PublicWords:
    return PublicWords(
        name=pack.name,
        summary=pack.summary,
        done=pack.done,
        refused=pack.refused,
        promise=promise_words(pack.published),
        promise_note=pack.published.note,
        who_may=pack.who_may,
        fees=tuple(f"{fee.name}: {pounds(Pence(fee.pence)) if fee.pence else _('free')}" for fee in pack.fees),
        next_step=pack.next_step,
        emergency=pack.contact.emergency,
    )


def promise_words(published: Published) -> str:
    """`We aim to do this within 5 working days.`"""
    if published.days == 0:
        return _("We aim to do this the same day.")
    if published.calendar == "CALENDAR":
        return ngettext(
            "We aim to do this within %(days)d day.", "We aim to do this within %(days)d days.", published.days
        ) % {"days": published.days}
    return ngettext(
        "We aim to do this within %(days)d working day.",
        "We aim to do this within %(days)d working days.",
        published.days,
    ) % {"days": published.days}
