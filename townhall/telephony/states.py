"""How a call stands, and what it may become. The phone platform moves it; we work out from its events where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class CallState(models.TextChoices):
    WAITING = "waiting", _("Waiting in a queue")
    RINGING = "ringing", _("Ringing at somebody")
    ANSWERED = "answered", _("Being answered")
    TRANSFERRED = "transferred", _("On its way to somebody else")
    RETURNED = "returned", _("Back at the operator")
    ENDED = "ended", _("Over")
    ABANDONED = "abandoned", _("Given up")


_GOES_ON = {CallState.RINGING, CallState.ANSWERED, CallState.ABANDONED, CallState.ENDED}
# A transferred call never just ends: nobody picking it up brings it back, or makes it a message with an owner.
CALL_NEXT: Final[Mapping[CallState, frozenset[CallState]]] = {
    CallState.WAITING: frozenset(_GOES_ON),
    CallState.RINGING: frozenset(_GOES_ON | {CallState.WAITING}),
    CallState.ANSWERED: frozenset({CallState.TRANSFERRED, CallState.ENDED}),
    CallState.TRANSFERRED: frozenset({CallState.ANSWERED, CallState.RETURNED, CallState.ENDED}),
    CallState.RETURNED: frozenset({CallState.ANSWERED, CallState.TRANSFERRED, CallState.ENDED}),
    CallState.ENDED: frozenset(),
    CallState.ABANDONED: frozenset(),
}
OVER: Final = frozenset({CallState.ENDED, CallState.ABANDONED})


class NightState(models.TextChoices):
    WAITING = "waiting", _("Waits for the morning")
    PAGING = "paging", _("Being paged")
    TAKEN = "taken", _("Taken by the officer on call")
    SETTLED = "settled", _("Settled in the night")


# What was paged is somebody's before it is anything else: it never falls back to wait for the morning.
NIGHT_NEXT: Final[Mapping[NightState, frozenset[NightState]]] = {
    NightState.WAITING: frozenset({NightState.PAGING}),
    NightState.PAGING: frozenset({NightState.TAKEN}),
    NightState.TAKEN: frozenset({NightState.SETTLED}),
    NightState.SETTLED: frozenset(),
}


def check_night(now: str, to: NightState) -> None:
    """Raise WrongState unless a night call may move from `now` to `to`."""
    if to not in NIGHT_NEXT[NightState(now)]:
        raise WrongState
