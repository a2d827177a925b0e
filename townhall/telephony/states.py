"""How a call stands, and what it may become. The phone platform moves it; we work out from its events where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


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
