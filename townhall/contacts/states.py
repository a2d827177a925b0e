"""The states of a call-back, and every way it may move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class CallBackState(models.TextChoices):
    DUE = "due", _("To be called back")
    TRIED = "tried", _("Tried, not reached yet")
    DONE = "done", _("Called back")
    FAILED = "failed", _("Could not be reached")
    WITHDRAWN = "withdrawn", _("No longer wanted")


# Nobody is given up without a try: only what was tried may fail.
CALL_BACK_NEXT: Final[Mapping[CallBackState, frozenset[CallBackState]]] = {
    CallBackState.DUE: frozenset({CallBackState.TRIED, CallBackState.DONE, CallBackState.WITHDRAWN}),
    CallBackState.TRIED: frozenset({CallBackState.DONE, CallBackState.FAILED, CallBackState.WITHDRAWN}),
    CallBackState.DONE: frozenset(),
    CallBackState.FAILED: frozenset(),
    CallBackState.WITHDRAWN: frozenset(),
}

OPEN_CALL_BACKS: Final = (CallBackState.DUE, CallBackState.TRIED)


def check_call_back(now: str, to: CallBackState) -> None:
    """Raise WrongState unless a call-back may move from `now` to `to`."""
    if to not in CALL_BACK_NEXT[CallBackState(now)]:
        raise WrongState
