"""What can become of a parking permit. Running out is a date, not a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class State(models.TextChoices):
    ASKED = "asked", _("Asked for")
    ISSUED = "issued", _("Issued")
    REFUSED = "refused", _("Refused")
    LAPSED = "lapsed", _("Never paid")
    GIVEN_UP = "given_up", _("Given up")


# It is issued once it is paid and its evidence is checked, in either order.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.ASKED: frozenset({State.ISSUED, State.REFUSED, State.LAPSED}),
    State.ISSUED: frozenset({State.GIVEN_UP}),
    State.REFUSED: frozenset(),
    State.LAPSED: frozenset(),
    State.GIVEN_UP: frozenset(),
}


def check_move(now: State, then: State) -> None:
    if then not in NEXT[now]:
        raise WrongState
