"""What can become of an application for school places, and of a file of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class State(models.TextChoices):
    RECEIVED = "received", _("Received")
    SENT = "sent", _("Sent to the admissions system")
    TAKEN = "taken", _("Taken by the admissions system")
    REFUSED = "refused", _("Not taken: with our staff")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Phase(StrEnum):
    """Of a round on a day."""

    COMING = "coming"
    OPEN = "open"
    LATE = "late"  # the closing date is over: what comes is taken, and marked
    OVER = "over"


class RunState(models.TextChoices):
    READY = "ready", _("To be sent")
    SENT = "sent", _("Sent, waiting for receipts")
    DONE = "done", _("Every receipt is here")


# A changed application is received again, and its new version goes out with the next file.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.SENT, State.WITHDRAWN}),
    State.SENT: frozenset({State.TAKEN, State.REFUSED, State.RECEIVED, State.WITHDRAWN}),
    State.TAKEN: frozenset({State.RECEIVED, State.WITHDRAWN}),
    State.REFUSED: frozenset({State.RECEIVED, State.TAKEN, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}
RUN_NEXT: Final[Mapping[RunState, frozenset[RunState]]] = {
    RunState.READY: frozenset({RunState.SENT}),
    RunState.SENT: frozenset({RunState.DONE}),
    RunState.DONE: frozenset(),
}


def check_move(now: State, then: State) -> None:
    if then not in NEXT[now]:
        raise WrongState


def check_run_move(now: RunState, then: RunState) -> None:
    if then not in RUN_NEXT[now]:
        raise WrongState
