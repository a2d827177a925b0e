"""What does not go by itself is told to the team that owns school admissions."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from townhall.accounts import directory
from townhall.admissions.applying import SERVICE
from townhall.admissions.models import ExportItem, ExportRun
from townhall.catalogue import queries as catalogue
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def tell(run: ExportRun, *, at: datetime) -> None:
    """One mail for a file that cannot be sent, or whose children were refused or never answered for."""
    team = directory.team(catalogue.service(SERVICE).owner_team)
    stuck = run.items.filter(state__in=[ExportItem.State.REFUSED, ExportItem.State.MISSING])
    rows = stuck.select_related("application").order_by("id")[:100]
    notifications.send(
        "admissions/attention",
        to=Recipient(name=team.name, email=team.email),
        about=run.subject,
        key=f"admission-attention-{run.pk}-{run.state}-{run.attempts if run.state == 'ready' else 0}",
        context={
            "file": run.file_name,
            "error": run.last_error,
            "stuck": [
                {"reference": one.application.reference, "why": one.reason or str(ExportItem.State(one.state).label)}
                for one in rows
            ],
            "link": f"{settings.PUBLIC_URL}/work/admissions/runs/{run.pk}",
            "council": settings.COUNCIL_NAME,
        },
        at=at,
    )
