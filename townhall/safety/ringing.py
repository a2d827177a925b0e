"""What happens when something here falls due: those who answer for it are told, markers lapse, recommendations rise."""

from __future__ import annotations

from datetime import date

from townhall.accounts.queries import actor_for
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date
from townhall.safety import learning, letters, marking, telling
from townhall.safety.models import Appeal, Marker, Nominee, Recommendation
from townhall.safety.recording import record
from townhall.safety.states import IN_FORCE, MarkerState, RecommendationState

RISES = "overdue_5"


def clock_rang(event: ClockRang) -> None:
    if event.kind == marking.EXPIRY:
        _marker_ends(event)
    elif event.kind == marking.NOT_TOLD:
        _tell_about(event, Marker.objects.filter(pk=event.subject.id, state__in=IN_FORCE).first(), "not_told")
    elif event.kind == letters.APPEAL:
        _appeal(event)
    elif event.kind == learning.CLOCK:
        _recommendation(event)


def _marker_ends(event: ClockRang) -> None:
    """A month before: a reminder. On the day: it lapses, and drops from view."""
    marker = Marker.objects.select_for_update().filter(pk=event.subject.id, state__in=IN_FORCE).first()
    if marker is None:
        return
    if event.rung != "due":
        _tell_about(event, marker, "lapses")
        return
    if (marker.expires_on or date.max) >= council_date(event.at):
        return  # renewed since
    marking.end(marker, MarkerState.EXPIRED, reason="", by=SYSTEM, at=event.at)


def _tell_about(event: ClockRang, marker: Marker | None, why: str) -> None:
    """Whoever proposed it, while they hold a post, and the posts that may renew it."""
    if marker is None:
        return
    posts = telling.named_for(Nominee.Duty.APPROVE)
    path, key = f"/work/safety/markers/{marker.pk}", f"marker-{why}-{event.clock_id}-{event.rung}"
    context: dict[str, object] = {"why": why, "due_on": event.due_on}
    telling.tell_posts(
        "staff/marker_due", posts, about=marker.subject, key=key, context=context, path=path, at=event.at
    )
    if actor_for(marker.proposed_by, event.at).posts:
        telling.tell_person(
            "staff/marker_due",
            marker.proposed_by,
            about=marker.subject,
            key=key,
            context=context,
            path=path,
            at=event.at,
        )


def _appeal(event: ClockRang) -> None:
    appeal = Appeal.objects.filter(pk=event.subject.id, decided_at=None).first()
    if appeal is None:
        return
    posts = telling.named_for(Nominee.Duty.APPEAL)
    context: dict[str, object] = {"why": "appeal", "due_on": event.due_on}
    key, path = f"marker-appeal-{event.clock_id}-{event.rung}", f"/work/safety/markers/{appeal.marker_id}"
    telling.tell_posts(
        "staff/marker_due", posts, about=appeal.subject, key=key, context=context, path=path, at=event.at
    )


def _recommendation(event: ClockRang) -> None:
    """Its manager hears of it; when it stays undone, whoever stands above them."""
    found = (
        Recommendation.objects.select_for_update().filter(pk=event.subject.id, state=RecommendationState.GIVEN).first()
    )
    post = telling.post_of(found.post_id) if found else None
    if found is None or post is None:
        return
    rises = event.rung == RISES
    posts = [post, *(telling.above(post) if rises else [])]
    context: dict[str, object] = {"why": event.rung, "due_on": event.due_on, "post": post.title}
    key, path = f"recommendation-{event.clock_id}-{event.rung}", f"/work/safety/recommendations/{found.pk}"
    telling.tell_posts(
        "staff/recommendation_due", posts, about=found.subject, key=key, context=context, path=path, at=event.at
    )
    if rises:
        found.risen_at = event.at
        found.save(update_fields=["risen_at"])
        record("recommendation.risen", about=found.subject, by=SYSTEM, at=event.at, to=[one.code for one in posts[1:]])
