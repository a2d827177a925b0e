"""What pages show of calls to the back office and of the path of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.cases.calling.models import BackOfficeCall, CallRule
from townhall.cases.states import CallState
from townhall.core.actors import Actor
from townhall.core.refreshing import Refreshing


def rule_of(service_code: str) -> CallRule:
    """The service's rule, or the one that holds where none was set: calls outside the agreed process need authority. One query."""
    return CallRule.objects.filter(pk=service_code).first() or CallRule(service_code=service_code)


def _load() -> list[tuple[UUID | None, UUID, datetime | None]]:
    rows = BackOfficeCall.objects.filter(state=CallState.ASKED).order_by("answer_by")
    return list(rows.values_list("team_id", "adviser_id", "answer_by")[:200])


_asked: Refreshing[list[tuple[UUID | None, UUID, datetime | None]]] = Refreshing(_load)


def forget() -> None:
    """Somebody asked or answered."""
    _asked.forget()
    transaction.on_commit(_asked.forget)


def number_waiting(by: Actor, *, at: datetime) -> int:
    """How many calls wait for this manager's answer, from the process's memory, at most three seconds old."""
    if not may(by, "calls.authorise").allowed:
        return 0
    return sum(
        _is_theirs(team_id, by) and str(adviser_id) != by.id and (answer_by is None or answer_by >= at)
        for team_id, adviser_id, answer_by in _asked.get()
    )


def _is_theirs(team_id: UUID | None, by: Actor) -> bool:
    """A team manager answers for their own team. A senior manager may answer any, and is not called for each."""
    return team_id in by.teams


def asked(by: Actor, *, at: datetime) -> list[BackOfficeCall]:
    """Calls that this manager may answer, the soonest first. One query."""
    rows = BackOfficeCall.objects.filter(state=CallState.ASKED, answer_by__gte=at).exclude(adviser_id=UUID(by.id))
    if Role.SENIOR_MANAGER.value not in by.roles:
        rows = rows.filter(team__in=by.teams)
    return list(rows.select_related("case", "adviser").order_by("answer_by", "pk")[:100])


def of_contact(contact_id: UUID) -> list[BackOfficeCall]:
    """The newest first. One query."""
    rows = BackOfficeCall.objects.filter(contact_id=contact_id).select_related("adviser", "answered_by")
    return list(rows.order_by("-asked_at", "-pk")[:50])


def of_case(case_id: UUID) -> list[BackOfficeCall]:
    """The newest first. One query."""
    rows = BackOfficeCall.objects.filter(case_id=case_id).select_related("adviser", "answered_by")
    return list(rows.order_by("-asked_at", "-pk")[:50])


@dataclass(frozen=True, kw_only=True)
class ServiceCalls:
    service_code: str
    calls: int
    outside: int
    refused: int
    timed_out: int


def by_service(*, since: datetime) -> list[ServiceCalls]:
    """Calls asked for since then, the most first. One query."""
    rows = BackOfficeCall.objects.filter(asked_at__gte=since).values("service_code")
    found = rows.annotate(
        calls=Count("pk"),
        outside=Count("pk", filter=Q(is_inside=False)),
        refused=Count("pk", filter=Q(state=CallState.REFUSED)),
        timed_out=Count("pk", filter=Q(state=CallState.TIMED_OUT)),
    )
    return [ServiceCalls(**row) for row in found.order_by("-calls", "service_code")]
