"""What can become of a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class State(models.TextChoices):
    PENDING = "pending", _("Waiting to be sent")
    SENT = "sent", _("Taken by the other system")
    ACKNOWLEDGED = "acknowledged", _("Confirmed by the other system")
    FAILED = "failed", _("Refused by the other system")
    DEAD = "dead", _("Given up after many tries")


# Refused and given up wait for a person, who can only send them again. Sending again what was taken is a replay: it goes out under
# the same key, so the other system does not do it twice.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.PENDING: frozenset({State.SENT, State.ACKNOWLEDGED, State.FAILED, State.DEAD}),
    State.SENT: frozenset({State.ACKNOWLEDGED, State.PENDING}),
    State.ACKNOWLEDGED: frozenset(),
    State.FAILED: frozenset({State.PENDING}),
    State.DEAD: frozenset({State.PENDING}),
}


def check_move(now: State, then: State) -> None:
    if then not in NEXT[now]:
        raise WrongState
