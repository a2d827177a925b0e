"""Each morning every team hears what did not reach another system: refused, given up, or waiting for more than a day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from townhall.accounts import directory
from townhall.core.db import fetch_all
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

WAITS = timedelta(days=1)
MOST = 1000
# What belongs to no case, such as a payment told to the rent system, is its connector's owner's.
_STUCK = """SELECT * FROM (
      SELECT coalesce(b.team_id, c.doer_team_id, d.owner_team_id, k.owner_team_id) AS team, coalesce(c.reference, d.kind),
        d.target, d.state, d.last_error, d.created_at
      FROM connectors_delivery d LEFT JOIN cases_case c ON c.id = d.case_id LEFT JOIN cases_branch b ON b.delivery_id = d.id
      LEFT JOIN connectors_connector k ON k.code = d.target
      WHERE (d.state IN ('failed', 'dead') OR (d.state = 'pending' AND d.created_at <= %s)) AND d.kind <> 'ledger'
      ORDER BY d.created_at, d.id LIMIT %s) stuck
    WHERE team IS NOT NULL"""
WORDS = {"failed": "refused", "dead": "given up", "pending": "still waiting"}


def sweep(at: datetime) -> int:
    """One mail for each team and day, with everything of theirs that is stuck. How many teams were told."""
    rows: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    for team_id, reference, target, state, error, created_at in fetch_all(_STUCK, (aware(at) - WAITS, MOST)):
        day = council_date(created_at)
        since = f"{day.day} {day:%B %Y}"
        rows[team_id].append(
            {"reference": reference, "target": target, "state": WORDS[state], "error": error, "since": since}
        )
    on = council_date(at)
    for team_id, stuck in sorted(rows.items()):
        team = directory.team_by_id(team_id)
        notifications.send(
            "staff/not_delivered",
            to=Recipient(name=team.name, email=team.email),
            about=Subject(kind="team", id=team_id),
            key=f"not-delivered-{team_id}-{on.isoformat()}",
            context={"stuck": stuck, "on": on, "council": settings.COUNCIL_NAME, "link": f"{settings.PUBLIC_URL}/work"},
            at=at,
        )
    return 0  # all of them at once: nothing is left for another round
