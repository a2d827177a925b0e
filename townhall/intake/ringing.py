"""What happens when a piece of post was not indexed in time: whoever answers for the post is told."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.core.time import council_date
from townhall.intake.arriving import CLOCK
from townhall.intake.models import Piece
from townhall.intake.queries import OWNER
from townhall.intake.states import PieceState
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def clock_rang(event: ClockRang) -> None:
    """One mail a day for everything that is due, however much it is."""
    if event.kind != CLOCK:
        return
    waits = Piece.objects.filter(pk=event.subject.id, state=PieceState.WAITING).exists()
    try:
        owner = directory.post(OWNER)
    except directory.UnknownCode:
        return
    if not waits:
        return
    today = council_date(event.at)
    for email in mail_of(owner.id, on=today):
        notifications.send(
            "staff/knowledge_due",
            to=Recipient(name=owner.title, email=email),
            about=event.subject,
            key=f"post-waits-{today.isoformat()}-{email}",
            context={
                "what": _("Letters, faxes and posts that nobody has indexed"),
                "to_do": _("Say whose they are, and which case they belong to"),
                "why": _("is due") if event.rung == "due" else _("is overdue"),
                "due_on": event.due_on,
                "link": f"{settings.PUBLIC_URL}/work/post",
            },
            at=event.at,
        )
