"""Complaints in "My tasks": those that somebody owns or has to find an owner for, and what is to be put right after a survey."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.complaints import queries as complaints
from townhall.core.actors import Actor
from townhall.core.time import LONDON, council_date
from townhall.feedback import queries as surveys
from townhall.workspace.waiting import Source, Waiting, register

COMPLAINTS, RECOVERIES = "complaints", "recoveries"


def connect() -> None:
    for code, title, mine in (
        (COMPLAINTS, gettext_lazy("Complaint"), _complaints),
        (RECOVERIES, gettext_lazy("A customer is not content"), _recoveries),
    ):
        register(Source(code=code, title=title, capability="tasks.own", load=lambda by, at, limit: [], mine=mine))


def _complaints(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [
        Waiting(
            id=row.pk,
            source=COMPLAINTS,
            title=f"{row.get_kind_display()} {row.reference}",
            detail=_("Name an owner who is trained in complaints")
            if str(row.owner_id) != by.id
            else str(row.get_state_display()),
            since=row.received_at,
            due=_end_of(row.due_on),
            urgent=str(row.owner_id) != by.id,
            link=f"/work/complaints/{row.pk}",
        )
        for row in complaints.of_owner(by, on=council_date(at), limit=limit)
    ]


def _recoveries(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [
        Waiting(
            id=row.pk,
            source=RECOVERIES,
            title=str(row.answer.get_reason_display()),
            detail=row.answer.asked.reference,
            since=row.opened_at,
            due=_end_of(row.due_on),
            link=f"/work/surveys/recoveries/{row.pk}",
        )
        for row in surveys.of_posts(by, limit=limit)
    ]


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(23, 59), LONDON) if day else None
