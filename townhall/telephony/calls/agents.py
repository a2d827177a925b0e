"""Who is signed in to the phone system, as the platform tells it: kept as told, so that the order in which it came does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from townhall.core.ids import uuid7
from townhall.telephony.calls import lines
from townhall.telephony.messages import AgentIn
from townhall.telephony.models import AgentEvent


def take_in(states: Sequence[AgentIn], *, platform: str, at: datetime) -> int:
    """Keep what is new; how many there were."""
    rows = [
        AgentEvent(
            id=uuid7(),
            platform=platform,
            agent=one.agent,
            user_id=lines.user_of(platform, one.agent),
            at=one.at.astimezone(UTC),
            state=one.state,
        )
        for one in states
    ]
    AgentEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
