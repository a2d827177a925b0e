"""What can become of a task to put right what somebody was not content with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class RecoveryState(models.TextChoices):
    OPEN = "open", _("To be put right")
    DONE = "done", _("Put right")


RECOVERY_NEXT: Final[Mapping[RecoveryState, frozenset[RecoveryState]]] = {
    RecoveryState.OPEN: frozenset({RecoveryState.DONE}),
    RecoveryState.DONE: frozenset(),
}


def check_recovery(now: str, then: RecoveryState) -> None:
    """Raises WrongState."""
    if then not in RECOVERY_NEXT[RecoveryState(now)]:
        raise WrongState
