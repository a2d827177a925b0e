"""What came in the night, as it is handed over in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from townhall.cases.access import cases_visible_to
from townhall.core.actors import Actor
from townhall.core.time import LONDON, council_date
from townhall.telephony.models import NightCall
from townhall.telephony.night.report import council_days


def since_last_evening(at: datetime) -> datetime:
    """From when the morning's list begins: noon of the last day before this one on which the council was open."""
    return datetime.combine(council_days().add_working_days(council_date(at), -1), time(12), LONDON)


def night_list(*, by: Actor, since: datetime, teams: Sequence[UUID] | None = None) -> list[NightCall]:
    """Calls since then of which `by` sees the case, with their cases and pages, the urgent first. Two statements.

    teams: only cases that these do.
    """
    calls = NightCall.objects.filter(started_at__gte=since, case__in=cases_visible_to(by).values("pk"))
    if teams is not None:
        calls = calls.filter(case__doer_team_id__in=teams)
    wanted = calls.select_related("case__doer_team", "taken_by").prefetch_related("pages")
    return list(wanted.order_by("-is_urgent", "started_at", "id")[:300])
