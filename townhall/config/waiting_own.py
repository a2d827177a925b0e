"""What waits for one person by their post: markers to decide, incidents to look at, what to put in place, content, guidelines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.time import LONDON
from townhall.engagement.texting import campaigns
from townhall.engagement.texting import single as texting
from townhall.governance.retention import rules, sweeping
from townhall.governance.retention.records import BY_CODE
from townhall.knowledge import tasks as content
from townhall.safety import marking, nominating
from townhall.safety.models import Incident, Marker, Nominee, Recommendation
from townhall.safety.queries import incidents_visible_to
from townhall.safety.states import IncidentState, MarkerState, RecommendationState
from townhall.workforce import guidelines
from townhall.workspace import untold
from townhall.workspace.waiting import Source, Waiting, register

MARKERS, INCIDENTS, CHANGES, CONTENT, GUIDELINES = "markers", "incidents", "recommendations", "content", "guidelines"

TEXTS, ANSWERED_IN = "text-replies", timedelta(days=1)
TO_APPROVE = "texts-to-approve"

UNTOLD = "untold"
SET_ASIDE = "set-aside"


def connect() -> None:
    _register(MARKERS, gettext_lazy("Marker to approve"), _markers)
    _register(INCIDENTS, gettext_lazy("Incident to look at"), _incidents)
    _register(CHANGES, gettext_lazy("Change to put in place"), _changes)
    _register(CONTENT, gettext_lazy("Something we say that is to be put right"), _content)
    register(
        Source(
            code=TEXTS,
            title=gettext_lazy("Answer to a text of yours"),
            capability=texting.SEND,
            load=_texts_of_nobody,
            mine=_texts,
        )
    )
    _register(TO_APPROVE, gettext_lazy("Text to many to approve"), _to_approve)
    _register(SET_ASIDE, gettext_lazy("Record whose time is over that could not be removed"), _set_aside)
    _register(GUIDELINES, gettext_lazy("Guideline to read and accept"), _guidelines)
    _register(UNTOLD, gettext_lazy("Customer to be told another way"), _untold)


def _texts(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [_text_line(one) for one in texting.replies_of(UUID(by.id), limit=limit)]


def _texts_of_nobody(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Whoever was to answer has left."""
    return [_text_line(one) for one in texting.replies_of_nobody(limit=limit)]


def _text_line(one: texting.ToDo) -> Waiting:
    return Waiting(
        id=one.id,
        source=TEXTS,
        title=one.name or one.number,
        detail=one.body[:200],
        since=one.at,
        due=one.at + ANSWERED_IN,
        link=f"/work/engagement/replies/{one.id}",
    )


def _to_approve(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Texts to many that somebody else wrote, for everybody who may approve them."""
    return [
        Waiting(
            id=one.pk,
            source=TO_APPROVE,
            title=one.name,
            detail=one.to_words,
            since=one.written_at,
            urgent=one.purpose == "emergency",
            link=f"/work/engagement/texting/{one.pk}",
        )
        for one in campaigns.to_approve(by, limit=limit)
    ]


def _untold(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Of one's own posts: what reached somebody by no way that they allow."""
    return [
        Waiting(
            id=one.message_id,
            source=UNTOLD,
            title=", ".join(part for part in (one.subject_line, one.reference) if part),
            detail=one.name,
            since=one.since,
            due=one.due,
            link=f"/work/untold#task-{one.message_id}",
        )
        for one in untold.open_tasks(by, own=True, limit=limit)
    ]


def _register(code: str, title: StrOrPromise, mine: Callable[[Actor, datetime, int], Sequence[Waiting]]) -> None:
    register(Source(code=code, title=title, capability="tasks.own", load=lambda by, at, limit: [], mine=mine))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), LONDON)


def _markers(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Proposed by somebody else, for whoever was named to approve them and was not the victim."""
    if not may(by, marking.DECIDE).allowed or not nominating.rank_of(by, Nominee.Duty.APPROVE):
        return []
    rows = Marker.objects.filter(state=MarkerState.PROPOSED).exclude(proposed_by=by.id)
    rows = rows.filter(Q(incident=None) | ~Q(incident__victims__contains=[UUID(by.id)])).order_by("proposed_at", "id")
    return [
        Waiting(
            id=row.pk,
            source=MARKERS,
            title=f"{row.get_kind_display()}: {row.get_category_display()}",
            since=row.proposed_at,
            link=f"/work/safety/markers/{row.pk}",
        )
        for row in rows[:limit]
    ]


def _incidents(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Given to one's post to look into; reported in one's teams, for their managers."""
    if not may(by, "safety.manage").allowed:
        return []
    own = Q(state=IncidentState.INVESTIGATING, investigator_post_id__in=by.posts)
    if by.roles & {Role.TEAM_MANAGER, Role.SENIOR_MANAGER}:
        own |= Q(state=IncidentState.REPORTED, team_ids__overlap=list(by.teams))
    if Role.SENIOR_MANAGER in by.roles:
        own |= Q(state=IncidentState.REPORTED) & (Q(harm=Incident.Harm.SERIOUS) | Q(team_ids=[]))
    return [
        Waiting(
            id=row.pk,
            source=INCIDENTS,
            title=row.get_kind_display(),
            detail=row.get_harm_display(),
            since=row.reported_at,
            urgent=row.harm == Incident.Harm.SERIOUS,
            link=f"/work/safety/incidents/{row.pk}",
        )
        for row in incidents_visible_to(by).filter(own).order_by("reported_at", "id")[:limit]
    ]


def _changes(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    rows = Recommendation.objects.filter(state=RecommendationState.GIVEN, post_id__in=by.posts).order_by("due_on", "id")
    return [
        Waiting(
            id=row.pk,
            source=CHANGES,
            title=row.words,
            since=row.given_at,
            due=_end_of(row.due_on),
            link=f"/work/safety/recommendations/{row.pk}",
        )
        for row in rows[:limit]
    ]


def _content(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    if not by.posts:
        return []
    return [
        Waiting(
            id=row.pk,
            source=CONTENT,
            title=row.title,
            detail=", ".join(part for part in (str(row.get_why_display()), row.words) if part),
            since=row.opened_at,
            due=_end_of(row.due_on),
            link=f"/work/knowledge/tasks/{row.pk}",
        )
        for row in content.open_tasks(post_ids=by.posts)[:limit]
    ]


def _guidelines(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [
        Waiting(
            id=row.pk,
            source=GUIDELINES,
            title=row.guideline.title,
            since=row.published_at,
            due=_end_of(row.accept_by),
            link=f"/work/guidelines/{row.guideline_id}",
        )
        for row in guidelines.to_accept(by.id)[:limit]
    ]


def _set_aside(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """For whoever decides how long records are kept."""
    if not may(by, rules.MANAGE).allowed:
        return []
    return [
        Waiting(
            id=row.pk,
            source=SET_ASIDE,
            title=str(BY_CODE[row.record_type].title) if row.record_type in BY_CODE else row.record_type,
            detail=row.why,
            since=row.at,
            link="/work/retention",
        )
        for row in sweeping.set_aside(limit=limit)
    ]
