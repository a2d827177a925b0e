"""What can become of a nudge, a campaign, an activity to take part in, a session and a place booked on one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class NudgeState(models.TextChoices):
    DRAFT = "draft", _("Being written")
    LIVE = "live", _("In use")
    ENDED = "ended", _("Ended")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("Being planned")
    APPROVED = "approved", _("Approved")
    SENDING = "sending", _("Being queued")
    SENT = "sent", _("Sent")
    CALLED_OFF = "called_off", _("Called off")


class ActivityState(models.TextChoices):
    DRAFT = "draft", _("Being prepared")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed, findings to come")
    REPORTED = "reported", _("Findings published")


class SessionState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OVER = "over", _("Over")
    CANCELLED = "cancelled", _("Cancelled")


class BookingState(models.TextChoices):
    BOOKED = "booked", _("Booked")
    CANCELLED = "cancelled", _("Cancelled")
    ATTENDED = "attended", _("Came")
    MISSED = "missed", _("Did not come")


NUDGE_NEXT: Final[Mapping[NudgeState, frozenset[NudgeState]]] = {
    NudgeState.DRAFT: frozenset({NudgeState.LIVE}),
    NudgeState.LIVE: frozenset({NudgeState.ENDED}),
    NudgeState.ENDED: frozenset(),
}
CAMPAIGN_NEXT: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    CampaignState.DRAFT: frozenset({CampaignState.APPROVED, CampaignState.CALLED_OFF}),
    CampaignState.APPROVED: frozenset({CampaignState.DRAFT, CampaignState.SENDING, CampaignState.CALLED_OFF}),
    CampaignState.SENDING: frozenset({CampaignState.SENT}),
    CampaignState.SENT: frozenset(),
    CampaignState.CALLED_OFF: frozenset(),
}
ACTIVITY_NEXT: Final[Mapping[ActivityState, frozenset[ActivityState]]] = {
    ActivityState.DRAFT: frozenset({ActivityState.OPEN}),
    ActivityState.OPEN: frozenset({ActivityState.CLOSED}),
    ActivityState.CLOSED: frozenset({ActivityState.OPEN, ActivityState.REPORTED}),
    ActivityState.REPORTED: frozenset(),
}
SESSION_NEXT: Final[Mapping[SessionState, frozenset[SessionState]]] = {
    SessionState.PLANNED: frozenset({SessionState.OVER, SessionState.CANCELLED}),
    SessionState.OVER: frozenset(),
    SessionState.CANCELLED: frozenset(),
}
BOOKING_NEXT: Final[Mapping[BookingState, frozenset[BookingState]]] = {
    BookingState.BOOKED: frozenset({BookingState.CANCELLED, BookingState.ATTENDED, BookingState.MISSED}),
    BookingState.CANCELLED: frozenset({BookingState.BOOKED}),
    BookingState.ATTENDED: frozenset({BookingState.MISSED}),
    BookingState.MISSED: frozenset({BookingState.ATTENDED}),
}
State = TypeVar("State", NudgeState, CampaignState, ActivityState, SessionState, BookingState)


def check(table: Mapping[State, frozenset[State]], now: State, then: State) -> None:
    """Raises WrongState unless the table allows the move."""
    if then not in table[now]:
        raise WrongState
