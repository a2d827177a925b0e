"""What can become of a referral to a partner, and of what somebody left for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class PassedState(models.TextChoices):
    SENT = "sent", _("Sent, and not yet received")
    RECEIVED = "received", _("Received by the partner")
    DONE = "done", _("Ended with an outcome")
    RETURNED = "returned", _("Sent back: not theirs")
    STOPPED = "stopped", _("Stopped: the customer took their consent back")


PASSED_NEXT: Final[Mapping[PassedState, frozenset[PassedState]]] = {
    PassedState.SENT: frozenset({PassedState.RECEIVED, PassedState.RETURNED, PassedState.STOPPED}),
    PassedState.RECEIVED: frozenset({PassedState.DONE, PassedState.RETURNED, PassedState.STOPPED}),
    PassedState.DONE: frozenset(),
    PassedState.RETURNED: frozenset(),
    PassedState.STOPPED: frozenset(),
}
OPEN_PASSED: Final = (PassedState.SENT, PassedState.RECEIVED)


def check_passed(now: str, to: PassedState) -> None:
    """Raise WrongState unless a referral may move from `now` to `to`."""
    if to not in PASSED_NEXT[PassedState(now)]:
        raise WrongState
