"""A hint at the quicker way, on pages that confirm something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.outreach import counting, nudging
from townhall.outreach.models import Nudge


@dataclass(frozen=True, kw_only=True)
class Hint:
    words: str
    link: str


def on_confirmation(
    about: UUID,
    *,
    at: datetime,
    service: str = "",
    customer_id: UUID | None = None,
    email: str = "",
    signed_in: bool = False,
) -> Hint | None:
    """The nudge for a page that confirms something, and that it was shown. One statement when there is one, else none."""
    if not any(Nudge.Place.CONFIRMATION in one.places for one in nudging.live()):
        return None
    has_account = signed_in or (customer_id is not None and nudging.has_account(customer_id))
    chosen = nudging.choose(
        Nudge.Place.CONFIRMATION, about=about, service=service, channel="web", has_account=has_account
    )
    if chosen is None:
        return None
    counting.shown(
        chosen.id,
        Nudge.Place.CONFIRMATION,
        about=about,
        at=at,
        service=service,
        customer_id=customer_id,
        email=email,
    )
    return Hint(words=chosen.words, link=nudging.link(chosen.code, about))
