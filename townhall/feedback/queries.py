"""What other code may read of surveys."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from townhall.accounts.models import Role
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.feedback.models import Asked, Recovery, SurveyRule

MOST = 100
_EVERY = frozenset({Role.TEAM_MANAGER, Role.SENIOR_MANAGER, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR})


def asked(asked_id: UUID) -> Asked | None:
    """With its answer, if there is one. One query."""
    return Asked.objects.select_related("answer").filter(pk=asked_id).first()


def recoveries(by: Actor) -> QuerySet[Recovery]:
    """Those whose post is theirs; managers and whoever looks at all work: every one."""
    rows = Recovery.objects.select_related("answer__asked", "owner_post", "customer")
    return rows if by.roles & _EVERY else rows.filter(owner_post_id__in=by.posts)


def open_recoveries(by: Actor) -> list[Recovery]:
    """Soonest due first. One query."""
    return list(recoveries(by).filter(state="open").order_by("due_on", "id")[:MOST])


def recovery(recovery_id: UUID, *, by: Actor) -> Recovery:
    """Raises NotFound. One query."""
    found = recoveries(by).filter(pk=recovery_id).first()
    if found is None:
        raise NotFound
    return found


def of_posts(by: Actor, *, limit: int) -> list[Recovery]:
    """What is theirs to put right by their posts. One query."""
    rows = Recovery.objects.select_related("answer__asked").filter(state="open", owner_post_id__in=by.posts)
    return list(rows.order_by("due_on", "id")[:limit])


def rules() -> list[SurveyRule]:
    """One query."""
    return list(SurveyRule.objects.order_by("point", "service_code"))
