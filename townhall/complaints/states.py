"""What can become of a comment, a compliment, a complaint and a Member's enquiry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class State(models.TextChoices):
    RECEIVED = "received", _("Received")
    STAGE_1 = "stage_1", _("Being looked into, stage 1")
    ANSWERED_1 = "answered_1", _("Answered at stage 1")
    ASKED_2 = "asked_2", _("Stage 2 asked for")
    STAGE_2 = "stage_2", _("Being looked into, stage 2")
    ANSWERED_2 = "answered_2", _("Answered at stage 2, our final answer")
    SETTLED = "settled", _("Put right on the spot")
    NOTED = "noted", _("Answered and passed on")
    REDIRECTED = "redirected", _("Another way to appeal covers it")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Finding(models.TextChoices):
    """As in the complaint handling code of the Local Government and Social Care Ombudsman."""

    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly_upheld", _("Partly upheld")
    NOT_UPHELD = "not_upheld", _("Not upheld")


# No way goes round stage 1, so that nobody is sent to the ombudsman early. Whoever is not content with what was settled on the
# spot has it looked into: it is received again.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.STAGE_1, State.SETTLED, State.NOTED, State.REDIRECTED, State.WITHDRAWN}),
    State.STAGE_1: frozenset({State.ANSWERED_1, State.REDIRECTED, State.WITHDRAWN}),
    State.ANSWERED_1: frozenset({State.ASKED_2}),
    State.ASKED_2: frozenset({State.STAGE_2, State.WITHDRAWN}),
    State.STAGE_2: frozenset({State.ANSWERED_2, State.REDIRECTED, State.WITHDRAWN}),
    State.SETTLED: frozenset({State.RECEIVED}),
    State.ANSWERED_2: frozenset(),
    State.NOTED: frozenset(),
    State.REDIRECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
OPEN: Final = (State.RECEIVED, State.STAGE_1, State.ASKED_2, State.STAGE_2)


def check_move(now: str, then: State) -> None:
    """Raises WrongState."""
    if then not in NEXT[State(now)]:
        raise WrongState
