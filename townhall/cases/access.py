"""Which cases an actor may see. Every page, door and operation starts from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.cases.models import OPEN_JOBS, Case, ContractorJob, Handoff, Task
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor, ActorKind
from townhall.core.time import now
from townhall.customers import sharing
from townhall.customers.accounts.models import Consent
from townhall.files.models import StoredFile

# Who sees every case: people who answer for the whole council, or to whom anyone may turn.
SEE_ALL = frozenset(
    {
        Role.ADVISER.value,
        Role.RECEPTIONIST.value,
        Role.TEAM_MANAGER.value,
        Role.SENIOR_MANAGER.value,
        Role.PORTFOLIO_HOLDER.value,
        Role.DATA_PROTECTION_OFFICER.value,
        Role.AUDITOR.value,
        Role.ADMINISTRATOR.value,
    }
)
MOST_CASES = 2_000  # of one customer
KEPT = timedelta(days=30)  # how long a contractor sees a case after its job is done


def cases_visible_to(by: Actor) -> QuerySet[Case]:
    """The cases `by` may see. Officers: those their teams do, tell, were offered, sent out or have a task in. Contractors: their jobs.

    A key of a team sees what that team does or was offered; any other key, every case: its scopes say what it may do.
    """
    cases = Case.objects.all()
    match by.kind:
        case ActorKind.CONNECTOR if by.teams:  # a key of one team, for example a contractor's
            jobs = jobs_seen_by(by)
            offered = Q(handoffs__to_team__in=by.teams, handoffs__state="offered")
            return cases.filter(Q(doer_team__in=by.teams) | offered | Q(pk__in=jobs.values("case_id"))).distinct()
        case ActorKind.SYSTEM | ActorKind.CONNECTOR:
            return cases
        case ActorKind.STAFF if by.roles & SEE_ALL:
            return _shared_with(by, cases)
        case ActorKind.STAFF if Role.OFFICER.value in by.roles:
            return cases.filter(
                Q(doer_team__in=by.teams)
                | Q(teller_post__in=by.posts)
                | Q(handoffs__to_team__in=by.teams, handoffs__state="offered")
                | Q(tasks__team__in=by.teams)
                | Q(contractor_jobs__from_team__in=by.teams)
            ).distinct()
        case ActorKind.STAFF if Role.CONTRACTOR.value in by.roles:
            jobs = jobs_seen_by(by)
            return cases.filter(pk__in=jobs.values("case_id"))
        case ActorKind.CUSTOMER:
            return cases.filter(Q(customer_id=by.id) | Q(follower_rows__customer_id=by.id)).distinct()
        case _:
            return cases.none()


def _shared_with(by: Actor, cases: QuerySet[Case]) -> QuerySet[Case]:
    """Of every case, without those of services that share with `by` on no lawful basis, where the customer has not agreed."""
    usual = sharing.reach(by)
    if usual.is_whole:
        return cases
    named = Q(service_code__in=usual.named)
    may_see: Any = (
        (~named if usual.by_default else named) | Q(doer_team__in=by.teams) | Exists(_agreed(sharing.EVERYTHING))
    )
    for purpose in sharing.GROUPS:
        of_group = sharing.reach(by, agreed=(purpose,))
        more = of_group.named ^ usual.named
        if more:
            may_see |= Q(Exists(_agreed(purpose)), service_code__in=more)
    return cases.filter(may_see)


def _agreed(purpose: str) -> QuerySet[Consent]:
    return Consent.objects.filter(customer_id=OuterRef("customer_id"), purpose=purpose, withdrawn_at=None)


def sees_at_once(by: Actor, case: Case) -> bool:
    """Whether it is plain without a query that `by` sees this case: staff who see all that is shared, and an officer's own team."""
    if not by.is_staff:
        return False
    if by.roles & SEE_ALL and sharing.reach(by).opens(case.service_code):
        return True
    return Role.OFFICER in by.roles and case.doer_team_id in by.teams


def closed_cases(by: Actor, customer_id: UUID) -> list[UUID]:
    """A customer's cases that are held elsewhere for `by`: no document about them is shown. Nothing is asked where everything is shared."""
    if sharing.reach(by).is_whole:
        return []
    reach = sharing.reach_of(by, customer_id)
    theirs = Case.objects.filter(customer_id=customer_id).values_list("pk", "service_code")[:MOST_CASES]
    closed = [key for key, service in theirs if not reach.opens(service)]
    own = set(cases_visible_to(by).filter(pk__in=closed).values_list("pk", flat=True)) if closed else set()
    return [key for key in closed if key not in own]


def jobs_seen_by(by: Actor) -> QuerySet[ContractorJob]:
    """A contractor's jobs: those to do, and for KEPT those they did. What they refused, or was taken back, is not theirs any more."""
    done = Q(state=ContractorJob.State.DONE, updated_at__gte=now() - KEPT)
    return ContractorJob.objects.filter(Q(state__in=OPEN_JOBS) | done, team__in=by.teams)


def is_only_offered(case: Case, by: Actor) -> bool:
    """Whether `by` has to do with the case by an unanswered offer to their team alone: they may answer it, and add a note.

    Two queries, and none for the team that does the work.
    """
    if by.kind not in (ActorKind.STAFF, ActorKind.CONNECTOR) or not by.teams or case.doer_team_id in by.teams:
        return False
    if not case.handoffs.filter(state=Handoff.State.OFFERED, to_team__in=by.teams).exists():
        return False
    is_theirs = Q(teller_post__in=by.posts) | Q(contractor_jobs__from_team__in=by.teams)
    has_a_part = Q(tasks__team__in=by.teams, tasks__state=Task.State.OPEN)
    return not Case.objects.filter(is_theirs | has_a_part, pk=case.pk).exists()


def has_only_a_part(case: Case, by: Actor) -> bool:
    """Whether `by` has to do with the case by their team's part of it alone: they may end that part, and add a note.

    One query, and none for the team that does the work.
    """
    if not by.is_staff or not by.teams or case.doer_team_id in by.teams:
        return False
    leads = Q(teller_post__in=by.posts) | Q(contractor_jobs__from_team__in=by.teams)
    with_a_part = Case.objects.filter(pk=case.pk, tasks__team__in=by.teams)
    return with_a_part.exclude(pk__in=Case.objects.filter(leads, pk=case.pk).values("pk")).exists()


def sees_files_of_case(by: Actor, file: StoredFile) -> bool:
    """Staff see the private photos of the cases that they may see."""
    if file.case_id is None or not by.is_staff or not may(by, "cases.see").allowed:
        return False
    return cases_visible_to(by).filter(pk=file.case_id).exists()


def is_withheld(file: StoredFile) -> bool:
    """Photos of a service that publishes none stay from the public, approved or not."""
    code = Case.objects.filter(pk=file.case_id).values_list("service_code", flat=True).first() if file.case_id else None
    return code is not None and not catalogue.service(code).public.photos
