"""What a clock of a complaint does when it rings: its owner is told before the day, and on it the manager of its team as well."""

from __future__ import annotations

from django.conf import settings

from townhall.accounts import directory
from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.complaints.models import Complaint
from townhall.complaints.owning import tell_owner
from townhall.complaints.seeds import ACKNOWLEDGE, ENQUIRY, REPLY
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def clock_rang(event: ClockRang) -> None:
    if event.kind not in (ACKNOWLEDGE, REPLY, ENQUIRY):
        return
    complaint = Complaint.objects.filter(pk=event.subject.id).first()
    if complaint is None or not complaint.is_open:
        return
    tell_owner(complaint, at=event.at, why=event.rung)
    manager = directory.manager_of(complaint.team_id)
    if event.rung != "due" or manager is None or manager.id == complaint.keeper_post_id:
        return
    for email in mail_of(manager.id, on=council_date(event.at)):
        notifications.send(
            "staff/complaint",
            to=Recipient(name=manager.title, email=email),
            about=complaint.subject,
            key=f"complaint-late-{complaint.pk}-{event.due_on}-{email}",
            context={
                "why": "due",
                "reference": complaint.reference,
                "kind": complaint.get_kind_display(),
                "due_on": event.due_on,
                "link": f"{settings.PUBLIC_URL}/work/complaints/{complaint.pk}",
            },
            at=event.at,
        )
