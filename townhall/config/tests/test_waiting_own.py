"""What waits for one person by their post is among their tasks, and a proposed marker is told to whoever may approve it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from townhall.accounts.models import Post, Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.engagement.states import Texting
from townhall.engagement.texting import campaigns
from townhall.engagement.texting.models import TextCampaign
from townhall.knowledge.models import Task
from townhall.notifications.models import Message
from townhall.safety import learning, marking
from townhall.safety.marking import Approval
from townhall.safety.tests.makers import make_council, make_incident, make_marker, make_sam
from townhall.workforce import guidelines
from townhall.workforce.models import Guideline, GuidelineVersion
from townhall.workspace import waiting

pytestmark = pytest.mark.django_db


def tasks_of(by: Actor) -> dict[str, int]:
    found = [one.item.source for one in waiting.tasks_of(by, at=now())]
    return {source: found.count(source) for source in found}


def test_a_proposed_marker_is_a_task_and_a_mail_of_whoever_may_approve_it_until_it_is_decided() -> None:
    council = make_council(now())
    marker = make_marker(council, make_sam(now()), live=False, at=now())

    assert tasks_of(council.senior)["markers"] == 1
    assert "markers" not in tasks_of(council.manager)
    assert (
        Message.objects.filter(template="staff/marker_due", subject_line__contains="waits to be decided").count() == 1
    )

    marking.approve(marker.pk, Approval(decision="Seen by two"), by=council.senior, at=now())
    assert "markers" not in tasks_of(council.senior)


def test_incidents_changes_content_and_guidelines_wait_for_whoever_is_to_see_to_them() -> None:
    council = make_council(now())
    incident = make_incident(council, at=now())
    (manager_post,) = Post.objects.filter(pk__in=council.manager.posts)
    assert tasks_of(council.manager) == {"incidents": 1}
    assert tasks_of(council.colleague) == {}

    learning.investigate(incident.pk, post_code="director", by=council.senior, at=now())
    due = council_date(now()) + timedelta(days=9)
    learning.recommend(
        incident.pk, text="A second door", post_code=manager_post.code, due_on=due, by=council.senior, at=now()
    )
    Task.objects.create(
        about_kind="page",
        title="Bins",
        why="wrong",
        owner_post_id=manager_post.pk,
        due_on=due,
        opened_at=now(),
        opened_by_kind="staff",
    )
    guideline = Guideline.objects.create(code="email", title="Email guidelines")
    version = GuidelineVersion.objects.create(
        guideline=guideline, number=1, body="Answer", published_at=now(), published_by=SYSTEM.id, accept_by=due
    )
    forget_all()
    assert tasks_of(council.manager) == {"recommendations": 1, "content": 1, "guidelines": 1}
    assert tasks_of(council.second) == {"incidents": 1, "guidelines": 1}

    guidelines.accept(version.pk, by=council.second, at=now())
    assert tasks_of(council.second) == {"incidents": 1}


def test_a_text_to_many_waits_for_every_other_manager_until_it_is_approved(settings: Any) -> None:
    settings.TEXT_APPROVAL_ABOVE = 2
    writer, other, officer = (
        actor_for(make_user(roles=(role,)), at=now()) for role in (Role.TEAM_MANAGER, Role.TEAM_MANAGER, Role.OFFICER)
    )
    to_many, to_few = (
        TextCampaign.objects.create(
            name=name,
            purpose="collection",
            words="Late today.",
            to="ward",
            to_code="E05",
            to_words="Harbour",
            owner_id=writer.id,
            people=people,
            written_by=writer.id,
            written_at=now(),
        )
        for name, people in (("Bins", 3), ("Two homes", 2))
    )

    (task,) = waiting.tasks_of(other, at=now())
    assert (task.item.title, task.item.link) == ("Bins", f"/work/engagement/texting/{to_many.pk}")
    assert tasks_of(writer) == {} == tasks_of(officer)

    campaigns.approve(to_many.pk, by=other, at=now())
    assert tasks_of(other) == {}
    to_few.refresh_from_db()
    assert to_few.state == Texting.DRAFT
