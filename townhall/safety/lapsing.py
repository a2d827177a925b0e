"""An appeal whose marker is over before it was decided."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from townhall.clocks import operations as clocks
from townhall.core.actors import SYSTEM
from townhall.safety import letters
from townhall.safety.models import Appeal, Marker
from townhall.safety.recording import record


def appeal_lapsed(appeal: Appeal, marker: Marker, *, at: datetime) -> None:
    """There is nothing left to decide, and they are told so. The marker is locked."""
    appeal.marker = marker
    appeal.outcome, appeal.decided_at, appeal.decided_by = Appeal.Outcome.REMOVED, at, appeal.taken_by
    appeal.reasons = _("The marker ended before this was decided.")
    if marker.told == Marker.Told.LETTER:
        appeal.letter_id = letters.of_appeal(appeal, by=SYSTEM, at=at)
    appeal.save()
    clocks.stop(letters.APPEAL, about=appeal.subject, at=at)
    record(
        "marker.appeal_lapsed",
        about=marker.subject,
        by=SYSTEM,
        at=at,
        customer_id=marker.customer_id,
        appeal=str(appeal.pk),
    )
