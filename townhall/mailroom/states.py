"""How a mailbox is closed, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class BoxState(TextChoices):
    OPEN = "open", _("Open")
    CLOSING = "closing", _("Closing")
    CLOSED = "closed", _("Closed")


# A box closes only by way of a period in which every answer names the form that does instead.
NEXT: Final[Mapping[BoxState, frozenset[BoxState]]] = {
    BoxState.OPEN: frozenset({BoxState.CLOSING}),
    BoxState.CLOSING: frozenset({BoxState.OPEN, BoxState.CLOSED}),
    BoxState.CLOSED: frozenset({BoxState.OPEN}),
}


def check_move(was: BoxState, to: BoxState) -> None:
    """Raises WrongState."""
    if to not in NEXT[was]:
        raise WrongState(_("First choose the form that does instead, and begin to close the mailbox."))
