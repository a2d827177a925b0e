"""What can become of a pass, a training session, an induction, something left for a person and an item of a lent backlog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class PassState(models.TextChoices):
    HELD = "held", _("Held")
    LAPSED = "lapsed", _("Lapsed")
    RENEWED = "renewed", _("Renewed by a later pass")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SessionState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


class InductionState(models.TextChoices):
    OPEN = "open", _("Going on")
    COMPLETE = "complete", _("Complete")
    ENDED = "ended", _("Ended before it was complete")


class LeftState(models.TextChoices):
    OPEN = "open", _("To do")
    DONE = "done", _("Done")


class ItemState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Taken")
    DONE = "done", _("Done")
    RETURNED = "returned", _("Given back to its own service")


class LoanState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


PASS_NEXT: Final[Mapping[PassState, frozenset[PassState]]] = {
    PassState.HELD: frozenset({PassState.LAPSED, PassState.RENEWED, PassState.WITHDRAWN}),
    PassState.LAPSED: frozenset({PassState.RENEWED}),
    PassState.RENEWED: frozenset(),
    PassState.WITHDRAWN: frozenset(),
}
SESSION_NEXT: Final[Mapping[SessionState, frozenset[SessionState]]] = {
    SessionState.PLANNED: frozenset({SessionState.HELD, SessionState.CANCELLED}),
    SessionState.HELD: frozenset(),
    SessionState.CANCELLED: frozenset(),
}
INDUCTION_NEXT: Final[Mapping[InductionState, frozenset[InductionState]]] = {
    InductionState.OPEN: frozenset({InductionState.COMPLETE, InductionState.ENDED}),
    InductionState.COMPLETE: frozenset(),
    InductionState.ENDED: frozenset(),
}
LEFT_NEXT: Final[Mapping[LeftState, frozenset[LeftState]]] = {
    LeftState.OPEN: frozenset({LeftState.DONE}),
    LeftState.DONE: frozenset(),
}
ITEM_NEXT: Final[Mapping[ItemState, frozenset[ItemState]]] = {
    ItemState.WAITING: frozenset({ItemState.TAKEN}),
    ItemState.TAKEN: frozenset({ItemState.WAITING, ItemState.DONE, ItemState.RETURNED}),
    ItemState.DONE: frozenset(),
    ItemState.RETURNED: frozenset(),
}
LOAN_NEXT: Final[Mapping[LoanState, frozenset[LoanState]]] = {
    LoanState.OPEN: frozenset({LoanState.CLOSED}),
    LoanState.CLOSED: frozenset(),
}
State = TypeVar("State", PassState, SessionState, InductionState, LeftState, ItemState, LoanState)


def check(table: Mapping[State, frozenset[State]], now: State, then: State) -> None:
    """Raises WrongState unless the table allows the move."""
    if then not in table[now]:
        raise WrongState
