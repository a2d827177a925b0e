"""How far a deal is, and every way it may move. Kept apart from the models, so that drawing needs no tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class Deal(TextChoices):
    OFFERED = "offered", _("Waiting for an answer")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CLOSED = "closed", _("Over")


# Nothing comes back from its end: what a trader offers again is another deal, and read again.
DEAL_NEXT: Final[Mapping[Deal, frozenset[Deal]]] = {
    Deal.OFFERED: frozenset({Deal.APPROVED, Deal.DECLINED, Deal.WITHDRAWN, Deal.CLOSED}),
    Deal.APPROVED: frozenset({Deal.WITHDRAWN, Deal.CLOSED}),
    Deal.DECLINED: frozenset(),
    Deal.WITHDRAWN: frozenset(),
    Deal.CLOSED: frozenset(),
}


def check_deal(now: str, then: Deal) -> None:
    """Raises WrongState for a move that is not in the table."""
    if then not in DEAL_NEXT[Deal(now)]:
        raise WrongState


class Texting(TextChoices):
    """How far a text to many people is."""

    DRAFT = "draft", _("Being written")
    APPROVED = "approved", _("Approved")
    SENDING = "sending", _("Going out")
    SENT = "sent", _("Gone out")
    STOPPED = "stopped", _("Stopped")
    DROPPED = "dropped", _("Not sent")


# What somebody else approved goes as it was approved: other words or people make it a draft again.
TEXTING_NEXT: Final[Mapping[Texting, frozenset[Texting]]] = {
    Texting.DRAFT: frozenset({Texting.APPROVED, Texting.SENDING, Texting.DROPPED}),
    Texting.APPROVED: frozenset({Texting.DRAFT, Texting.SENDING, Texting.DROPPED}),
    Texting.SENDING: frozenset({Texting.SENT, Texting.STOPPED}),
    Texting.SENT: frozenset({Texting.STOPPED}),
    Texting.STOPPED: frozenset(),
    Texting.DROPPED: frozenset(),
}


def check_texting(now: str, then: Texting) -> None:
    """Raises WrongState for a move that is not in the table."""
    if then not in TEXTING_NEXT[Texting(now)]:
        raise WrongState
