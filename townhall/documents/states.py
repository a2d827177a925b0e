"""What can become of a letter or email that an officer writes with a layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class WrittenState(models.TextChoices):
    DRAFT = "draft", _("Being written")
    SENT = "sent", _("Sent")
    DISCARDED = "discarded", _("Thrown away")


NEXT: Final[Mapping[WrittenState, frozenset[WrittenState]]] = {
    WrittenState.DRAFT: frozenset({WrittenState.SENT, WrittenState.DISCARDED}),
    WrittenState.SENT: frozenset(),
    WrittenState.DISCARDED: frozenset(),
}


def check_move(now: str, to: WrittenState) -> None:
    if to not in NEXT[WrittenState(now)]:
        raise WrongState(_("This was sent or thrown away already."))
