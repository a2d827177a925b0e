"""What can become of a time for a visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class VisitState(models.TextChoices):
    HOLDING = "holding", _("Being asked for")
    HELD = "held", _("Held for some minutes")
    CONFIRMING = "confirming", _("Waiting for the housing system")
    BOOKED = "booked", _("Booked")
    CANCELLING = "cancelling", _("Being cancelled")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Changed to another time")
    GONE = "gone", _("Not available after all")
    DONE = "done", _("Visited")
    MISSED = "missed", _("Nobody was in")


S = VisitState
NEXT: Final[Mapping[VisitState, frozenset[VisitState]]] = {
    S.HOLDING: frozenset({S.HELD, S.GONE}),
    S.HELD: frozenset({S.CONFIRMING, S.GONE}),
    S.CONFIRMING: frozenset({S.BOOKED, S.GONE}),
    S.BOOKED: frozenset({S.CANCELLING, S.CANCELLED, S.REPLACED, S.DONE, S.MISSED}),
    S.CANCELLING: frozenset({S.CANCELLED}),
    S.CANCELLED: frozenset(),
    S.REPLACED: frozenset(),
    S.GONE: frozenset(),
    S.DONE: frozenset(),
    S.MISSED: frozenset(),
}
UNSETTLED: Final = (S.CONFIRMING, S.CANCELLING)  # the housing system has to answer


def check_move(now: VisitState, then: VisitState) -> None:
    if then not in NEXT[now]:
        raise WrongState
