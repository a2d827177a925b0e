"""How well mail is routed: how often what was proposed was right, and how long until the right team had it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.mailroom.queries import SEE_BOXES

_ROUTES = """
    SELECT count(*), count(*) FILTER (WHERE r.is_sure), count(*) FILTER (WHERE r.is_sure AND r.service_code = r.right_service),
        count(*) FILTER (WHERE r.service_code = r.right_service),
        count(*) FILTER (WHERE r.decided_by IS NOT NULL AND r.service_code <> r.right_service),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.there_at - m.received_at) / 60),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM r.there_at - m.received_at) / 60)
    FROM mailroom_route r JOIN mailroom_mail m ON m.id = r.mail_id
    WHERE m.received_at >= %s AND m.received_at < %s AND r.decided_at IS NOT NULL AND r.right_service <> ''"""


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Of mails that came in a period and whose right team is known. Minutes: the middle one, and that of nine in ten."""

    decided: int
    sent_by_itself: int
    right_by_itself: int
    proposed_right: int
    corrected: int
    minutes_to_right_team: int | None
    minutes_nine_in_ten: int | None

    @property
    def correct_rate(self) -> float | None:
        return self.proposed_right / self.decided if self.decided else None

    @property
    def sure_rate(self) -> float | None:
        return self.right_by_itself / self.sent_by_itself if self.sent_by_itself else None


def routing(*, since: datetime, until: datetime, by: Actor) -> Routing:
    """One query. Raises NotAllowed."""
    permissions.require(by, SEE_BOXES)
    [(decided, sure, right_sure, right, corrected, middle, most)] = fetch_all(_ROUTES, (since, until))
    return Routing(
        decided=decided,
        sent_by_itself=sure,
        right_by_itself=right_sure,
        proposed_right=right,
        corrected=corrected,
        minutes_to_right_team=round(middle) if middle is not None else None,
        minutes_nine_in_ten=round(most) if most is not None else None,
    )
