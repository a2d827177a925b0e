"""The states of a clock, and every way it may move. Overdue is no state: a clock runs until the work is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockState(models.TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    MISSED = "missed", _("Missed")
    STOPPED = "stopped", _("No longer owed")


NEXT: Final[Mapping[ClockState, frozenset[ClockState]]] = {
    ClockState.RUNNING: frozenset({ClockState.PAUSED, ClockState.MET, ClockState.MISSED, ClockState.STOPPED}),
    ClockState.PAUSED: frozenset({ClockState.RUNNING, ClockState.MET, ClockState.MISSED, ClockState.STOPPED}),
    ClockState.MET: frozenset(),
    ClockState.MISSED: frozenset(),
    ClockState.STOPPED: frozenset(),
}

OPEN_STATES: Final = (ClockState.RUNNING, ClockState.PAUSED)
