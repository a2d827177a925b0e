"""What was to be put right and was not in time: the post that owns it is told again."""

from __future__ import annotations

from django.conf import settings

from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.core.time import council_date
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
    for email in mail_of(found.owner_post_id, on=council_date(event.at)):
        notifications.send(
            "staff/recovery",
            to=Recipient(name=found.owner_post.title, email=email),
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
