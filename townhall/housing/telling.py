"""What whoever asked for a repair is told of its visit, and the reminder on the day before."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from townhall.core.actors import SYSTEM
from townhall.housing.models import Repair, Visit
from townhall.housing.queries import link_for
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def booked(repair: Repair, visit: Visit, *, was: Visit | None, at: datetime) -> None:
    _tell("repair/changed" if was else "repair/booked", repair, visit, at=at, was=was)
    remind(repair, visit, at=at)


def moved(repair: Repair, visit: Visit, *, was: Visit, at: datetime) -> None:
    """The council's planners moved it: that is said with an apology."""
    forget_reminder(visit, at=at)
    _tell("repair/moved", repair, visit, at=at, was=was, key=visit.slot)
    remind(repair, visit, at=at)


def cancelled(repair: Repair, visit: Visit, *, is_needed: bool, at: datetime) -> None:
    forget_reminder(visit, at=at)
    _tell("repair/cancelled", repair, visit, at=at, is_needed=is_needed)


def gone(repair: Repair, visit: Visit, *, at: datetime) -> None:
    _tell("repair/gone", repair, visit, at=at)


def missed(repair: Repair, visit: Visit, *, at: datetime) -> None:
    forget_reminder(visit, at=at)
    _tell("repair/missed", repair, visit, at=at)


def on_way(repair: Repair, visit: Visit, *, at: datetime) -> None:
    _tell("repair/on_way", repair, visit, at=at, channel="text" if repair.phone else None)


def remind(repair: Repair, visit: Visit, *, at: datetime) -> None:
    """On the day before at ten; a visit that is sooner needs none."""
    when = visit.reminder_at
    if when > at:
        channel = "text" if visit.by_text else None
        _tell("repair/reminder", repair, visit, at=at, key=visit.slot, channel=channel, not_before=when)


def forget_reminder(visit: Visit, *, at: datetime) -> None:
    notifications.withdraw_about(visit.subject, by=SYSTEM, at=at)


def _tell(
    template: str,
    repair: Repair,
    visit: Visit,
    *,
    at: datetime,
    was: Visit | None = None,
    key: str = "",
    channel: str | None = None,
    not_before: datetime | None = None,
    is_needed: bool = True,
) -> None:
    notifications.send(
        template,
        to=Recipient(name=repair.name, email=repair.email, phone=repair.phone, customer_id=repair.customer_id),
        about=visit.subject if template == "repair/reminder" else repair.subject,
        key=f"{template}-{visit.pk}-{key}",
        context={
            "reference": repair.reference,
            "on": visit.on,
            "begins": visit.begins,
            "ends": visit.ends,
            "was": was,
            "address": repair.address,
            "is_needed": is_needed,
            "link": link_for(repair.pk),
            "phone": settings.COUNCIL_PHONE,
        },
        at=at,
        case_id=repair.case_id,
        channel=channel,
        not_before=not_before,
    )
