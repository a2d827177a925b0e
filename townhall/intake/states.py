"""What can become of a piece of post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class PieceState(models.TextChoices):
    WAITING = "waiting", _("Not yet indexed")
    INDEXED = "indexed", _("Indexed")
    SET_ASIDE = "set_aside", _("Needs no indexing")


# What was misfiled, or set aside by mistake, waits again: nothing that came in is ever lost.
PIECE_NEXT: Final[Mapping[PieceState, frozenset[PieceState]]] = {
    PieceState.WAITING: frozenset({PieceState.INDEXED, PieceState.SET_ASIDE}),
    PieceState.INDEXED: frozenset({PieceState.WAITING}),
    PieceState.SET_ASIDE: frozenset({PieceState.WAITING}),
}


def check_piece(now: str, to: PieceState) -> None:
    """Raise WrongState unless a piece may move from `now` to `to`."""
    if to not in PIECE_NEXT[PieceState(now)]:
        raise WrongState
