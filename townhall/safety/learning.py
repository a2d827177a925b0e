"""From an incident to what changes: an investigation, recommendations to a line manager, evidence, and sharing with other teams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory, permissions
from townhall.accounts.models import Post, Role
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.time import council_date
from townhall.safety import states, telling
from townhall.safety.models import Incident, Recommendation
from townhall.safety.queries import incidents_visible_to
from townhall.safety.recording import record, user_of, words
from townhall.safety.states import IncidentState, RecommendationState

MANAGE = "safety.manage"
CLOCK = "safety.recommendation"
_LINE_MANAGERS = (Role.TEAM_MANAGER, Role.SENIOR_MANAGER)


@transaction.atomic
def investigate(incident_id: UUID, *, post_code: str, by: Actor, at: datetime) -> Incident:
    """Give it to a post to look into. Raises NotAllowed, NotFound, BadInput, WrongState."""
    incident = _locked(incident_id, by)
    states.check_incident(incident.state, IncidentState.INVESTIGATING)
    incident.state, incident.investigator_post = IncidentState.INVESTIGATING, _post(post_code)
    incident.save(update_fields=["state", "investigator_post"])
    post = directory.post(post_code)
    context: dict[str, object] = {"kind": Incident.Kind(incident.kind).label, "when": incident.happened_at}
    telling.tell_posts(
        "staff/incident_to_investigate",
        [post],
        about=incident.subject,
        key=f"investigate-{incident.pk}",
        context=context,
        path=f"/work/safety/incidents/{incident.pk}",
        at=at,
    )
    _record("safety_incident.investigated", incident, by=by, at=at, post=post_code)
    return incident


@transaction.atomic
def close(incident_id: UUID, *, findings: str, by: Actor, at: datetime) -> Incident:
    """What was found. Its recommendations go on by themselves. Raises NotAllowed, NotFound, BadInput, WrongState."""
    incident = _locked(incident_id, by)
    states.check_incident(incident.state, IncidentState.CLOSED)
    incident.findings = words(findings, "findings", _("Write what was found"))
    incident.state, incident.closed_at = IncidentState.CLOSED, at
    incident.save(update_fields=["findings", "state", "closed_at"])
    _record("safety_incident.closed", incident, by=by, at=at, recommendations=incident.recommendations.count())
    return incident


@transaction.atomic
def recommend(
    incident_id: UUID,
    *,
    text: str,
    post_code: str,
    due_on: date,
    share_with: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Recommendation:
    """A change for a line manager to put in place by a day; other teams, by code, are told of it as well.

    Raises NotAllowed, NotFound, BadInput.
    """
    incident = _locked(incident_id, by)
    post = _post(post_code)
    if due_on <= council_date(at):
        raise BadInput({"due_on": _("Enter a date in the future")})
    teams = [team for team in directory.all_teams() if team.code in share_with]
    made = Recommendation.objects.create(
        incident=incident,
        words=words(text, "text", _("Write what is to change")),
        post=post,
        shared_team_ids=[team.id for team in teams],
        due_on=due_on,
        given_at=at,
        given_by=user_of(by),
    )
    clocks.start(CLOCK, about=made.subject, at=at, due_on=due_on)
    _tell(made, "staff/recommendation_given", [directory.post(post_code)], "given", at=at)
    _tell(made, "staff/lesson_shared", telling.managers_of(team.id for team in teams), "shared", at=at)
    record("recommendation.given", about=made.subject, by=by, at=at, incident=str(incident.pk), post=post_code)
    return made


@transaction.atomic
def put_in_place(recommendation_id: UUID, *, evidence: str, by: Actor, at: datetime) -> Recommendation:
    """By whoever holds the post it was given to, or a senior manager, with the evidence.

    Raises NotAllowed, NotFound, BadInput, WrongState.
    """
    found = _open(recommendation_id, by, RecommendationState.DONE)
    found.evidence = words(evidence, "evidence", _("Write what shows that it is in place"))
    return _ended(found, RecommendationState.DONE, by=by, at=at)


@transaction.atomic
def drop(recommendation_id: UUID, *, reason: str, by: Actor, at: datetime) -> Recommendation:
    """No longer needed, and why: by somebody other than whoever it was given to. Raises as `put_in_place`."""
    found = _open(recommendation_id, by, RecommendationState.DROPPED, own=False)
    found.evidence = words(reason, "evidence", _("Write why it is no longer needed"))
    return _ended(found, RecommendationState.DROPPED, by=by, at=at)


def _open(recommendation_id: UUID, by: Actor, then: RecommendationState, *, own: bool = True) -> Recommendation:
    permissions.require(by, "safety.manage")
    found = Recommendation.objects.select_for_update().filter(pk=recommendation_id).first()
    if found is None:
        raise NotFound
    holds_it = found.post_id in by.posts
    if not (holds_it if own else not holds_it) and Role.SENIOR_MANAGER not in by.roles:
        raise NotAllowed(_("Only whoever it was given to, or a senior manager, may do that."))
    states.check_recommendation(found.state, then)
    return found


def _ended(found: Recommendation, state: RecommendationState, *, by: Actor, at: datetime) -> Recommendation:
    found.state, found.ended_at = state, at
    found.save(update_fields=["state", "ended_at", "evidence"])
    (clocks.finish if state is RecommendationState.DONE else clocks.stop)(CLOCK, about=found.subject, at=at)
    record(f"recommendation.{state.value}", about=found.subject, by=by, at=at)
    return found


def _tell(
    made: Recommendation, template: str, posts: Sequence[directory.PostEntry], what: str, *, at: datetime
) -> None:
    context: dict[str, object] = {"due_on": made.due_on, "words": made.words}
    path = f"/work/safety/recommendations/{made.pk}" if what == "given" else "/work/safety/lessons"
    telling.tell_posts(template, posts, about=made.subject, key=f"{what}-{made.pk}", context=context, path=path, at=at)


def _post(code: str) -> Post:
    found = Post.objects.filter(code=code, is_active=True, role__in=_LINE_MANAGERS).first()
    if found is None:
        raise BadInput({"post": _("Select a line manager")})
    return found


def _locked(incident_id: UUID, by: Actor) -> Incident:
    permissions.require(by, MANAGE)
    found = incidents_visible_to(by).select_for_update(of=("self",)).filter(pk=incident_id).first()
    if found is None:
        raise NotFound
    return found


def _record(verb: str, incident: Incident, *, by: Actor, at: datetime, **data: object) -> None:
    record(verb, about=incident.subject, by=by, at=at, customer_id=incident.customer_id, **data)
