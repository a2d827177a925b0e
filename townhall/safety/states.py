"""What can become of a marker, of an incident, of a recommendation and of a call for help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class MarkerState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    LIVE = "live", _("In force")
    UNDER_APPEAL = "under_appeal", _("In force, under appeal")
    EXPIRED = "expired", _("Lapsed")
    REMOVED = "removed", _("Removed")
    REJECTED = "rejected", _("Not approved")


class IncidentState(models.TextChoices):
    REPORTED = "reported", _("Reported")
    INVESTIGATING = "investigating", _("Being investigated")
    CLOSED = "closed", _("Closed")


class RecommendationState(models.TextChoices):
    GIVEN = "given", _("To put in place")
    DONE = "done", _("In place")
    DROPPED = "dropped", _("No longer needed")


class AlarmState(models.TextChoices):
    RAISED = "raised", _("Help is wanted")
    ACKNOWLEDGED = "acknowledged", _("Somebody is coming")
    OVER = "over", _("Over")


# No marker is in force without a second person, and none ends but by lapsing or being removed.
M = MarkerState
MARKER_NEXT: Final[Mapping[MarkerState, frozenset[MarkerState]]] = {
    M.PROPOSED: frozenset({M.LIVE, M.REJECTED}),
    M.LIVE: frozenset({M.UNDER_APPEAL, M.EXPIRED, M.REMOVED}),
    M.UNDER_APPEAL: frozenset({M.LIVE, M.EXPIRED, M.REMOVED}),
    M.EXPIRED: frozenset(),
    M.REMOVED: frozenset(),
    M.REJECTED: frozenset(),
}
IN_FORCE: Final = (M.LIVE, M.UNDER_APPEAL)

INCIDENT_NEXT: Final[Mapping[IncidentState, frozenset[IncidentState]]] = {
    IncidentState.REPORTED: frozenset({IncidentState.INVESTIGATING, IncidentState.CLOSED}),
    IncidentState.INVESTIGATING: frozenset({IncidentState.CLOSED}),
    IncidentState.CLOSED: frozenset(),
}
RECOMMENDATION_NEXT: Final[Mapping[RecommendationState, frozenset[RecommendationState]]] = {
    RecommendationState.GIVEN: frozenset({RecommendationState.DONE, RecommendationState.DROPPED}),
    RecommendationState.DONE: frozenset(),
    RecommendationState.DROPPED: frozenset(),
}
ALARM_NEXT: Final[Mapping[AlarmState, frozenset[AlarmState]]] = {
    AlarmState.RAISED: frozenset({AlarmState.ACKNOWLEDGED, AlarmState.OVER}),
    AlarmState.ACKNOWLEDGED: frozenset({AlarmState.OVER}),
    AlarmState.OVER: frozenset(),
}


def check_marker(now: str, then: MarkerState) -> None:
    if then not in MARKER_NEXT[MarkerState(now)]:
        raise WrongState


def check_incident(now: str, then: IncidentState) -> None:
    if then not in INCIDENT_NEXT[IncidentState(now)]:
        raise WrongState


def check_recommendation(now: str, then: RecommendationState) -> None:
    if then not in RECOMMENDATION_NEXT[RecommendationState(now)]:
        raise WrongState


def check_alarm(now: str, then: AlarmState) -> None:
    if then not in ALARM_NEXT[AlarmState(now)]:
        raise WrongState
