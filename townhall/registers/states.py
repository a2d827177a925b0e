"""What can become of a row of a register and of an action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class RowState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class ActionState(models.TextChoices):
    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("No longer needed")


ROW_NEXT: Final[Mapping[RowState, frozenset[RowState]]] = {
    RowState.OPEN: frozenset({RowState.CLOSED}),
    RowState.CLOSED: frozenset({RowState.OPEN}),
}
ACTION_NEXT: Final[Mapping[ActionState, frozenset[ActionState]]] = {
    ActionState.OPEN: frozenset({ActionState.DONE, ActionState.DROPPED}),
    ActionState.DONE: frozenset(),
    ActionState.DROPPED: frozenset(),
}


def check_row(now: str, then: RowState) -> None:
    if then not in ROW_NEXT[RowState(now)]:
        raise WrongState


def check_action(now: str, then: ActionState) -> None:
    if then not in ACTION_NEXT[ActionState(now)]:
        raise WrongState
