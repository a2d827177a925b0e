"""What was to be put right and was not in time: the post that owns it is told again, or who would own it now if that is off."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from django.conf import settings

from townhall.accounts import directory
from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.core.time import council_date
from townhall.feedback.answering import owner_of
from townhall.feedback.models import Recovery
from townhall.feedback.seeds import RECOVERY
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def clock_rang(event: ClockRang) -> None:
    if event.kind != RECOVERY or event.rung != "due":
        return
    found = (
        Recovery.objects.select_related("answer__asked", "owner_post").filter(pk=event.subject.id, state="open").first()
    )
    if found is None:
        return
    title, emails = _told(found, on=council_date(event.at))
    for email in emails:
        notifications.send(
            "staff/recovery",
            to=Recipient(name=title, email=email),
            about=found.subject,
            key=f"recovery-late-{found.pk}-{email}",
            context={
                "reason": found.answer.get_reason_display(),
                "reference": found.answer.asked.reference,
                "due_on": found.due_on,
                "link": f"{settings.PUBLIC_URL}/work/surveys/recoveries/{found.pk}",
            },
            at=event.at,
        )


def _told(found: Recovery, *, on: date) -> tuple[str, Sequence[str]]:
    """Whose post, and the addresses of it: its owner's; once that is not in use, of the post that would own it today."""
    with suppress(directory.UnknownCode):
        return found.owner_post.title, mail_of(directory.post_by_id(found.owner_post_id).id, on=on)
    post = owner_of(found.service_code)
    return post.title, mail_of(post.id, on=on)
