"""A small council with its nominated posts, somebody who came to the counter, and an incident there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from townhall.accounts.models import Post, PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_post, make_team, make_user
from townhall.clocks.tests.makers import make_calendars
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.places.models import Site
from townhall.safety import marking, nominating, reporting
from townhall.safety.marking import Proposal
from townhall.safety.models import Incident, Marker, Nominee
from townhall.safety.reporting import Report

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FACTS = "On 2 March he raised a chair over his head and said “I will break your arm”."
EVIDENCE = "Seen by two officers; camera of the front hall, 10:04."


@dataclass(frozen=True, kw_only=True)
class Council:
    adviser: Actor
    colleague: Actor  # of the same team
    manager: Actor
    senior: Actor  # approves
    second: Actor  # hears appeals
    security: Actor
    site: str


def make_council(at: datetime = MONDAY) -> Council:
    make_calendars(at)
    team, corporate = make_team(code="customer-services", phone="01632 960100"), make_team(code="corporate")
    adviser, manager = make_post(team=team, role=Role.ADVISER), make_post(team=team, role=Role.TEAM_MANAGER)
    senior = make_post(team=corporate, role=Role.SENIOR_MANAGER, code="head-of-safety")
    second = make_post(team=corporate, role=Role.SENIOR_MANAGER, code="director")
    security = make_post(team=make_team(code="facilities"), role=Role.OFFICER, code="security")
    site = Site.objects.create(code="town-hall", name="Town Hall")
    Nominee.objects.create(duty=Nominee.Duty.APPROVE, post=senior, rank=1)
    Nominee.objects.create(duty=Nominee.Duty.APPEAL, post=second, rank=2)
    Nominee.objects.create(duty=Nominee.Duty.SECURITY, post=security, site=site)
    forget_all()
    return Council(
        adviser=holder(adviser, at),
        colleague=holder(adviser, at),
        manager=holder(manager, at),
        senior=holder(senior, at),
        second=holder(second, at),
        security=holder(security, at),
        site=site.pk,
    )


def holder(post: Post, at: datetime = MONDAY) -> Actor:
    user: User = make_user()
    PostHolder.objects.create(post=post, user=user, from_on=at.date())
    return actor_for(user, at=at)


def in_team(code: str, role: Role, at: datetime = MONDAY) -> Actor:
    return holder(make_post(team=Team.objects.get(code=code), role=role), at)


def make_sam(at: datetime = MONDAY, **fields: Any) -> Customer:
    new = NewCustomer(name="Sam Resident", address="1 Mill Lane, Aldermere, ZZ1 1AA", **fields)
    return customers.create(new, by=SYSTEM, at=at, key=str(uuid4()))


def make_incident(council: Council, customer: Customer | None = None, at: datetime = MONDAY, **fields: Any) -> Incident:
    given: dict[str, Any] = {
        "key": str(uuid4()),
        "kind": Incident.Kind.THREAT,
        "harm": Incident.Harm.SHAKEN,
        "what": FACTS,
        "happened_at": at,
        "site_code": council.site,
        "victims": [UUID(council.adviser.id)],
        "customer_id": customer.pk if customer else None,
    }
    return reporting.report(Report(**{**given, **fields}), by=council.adviser, at=at)


def make_marker(
    council: Council, customer: Customer, *, live: bool = True, at: datetime = MONDAY, **fields: Any
) -> Marker:
    """Proposed by the manager; approved by the senior officer when `live`."""
    given: dict[str, Any] = {
        "customer_id": customer.pk,
        "category": Marker.Category.THREAT,
        "severity": 2,
        "precautions": [Marker.Precaution.TWO_OFFICERS, Marker.Precaution.SECURE_ROOM],
        "facts": FACTS,
        "evidence": EVIDENCE,
        "incident_id": make_incident(council, customer, at).pk,
    }
    marker = marking.propose(Proposal(**{**given, **fields}), by=council.manager, at=at)
    if live:
        marker = marking.approve(
            marker.pk, marking.Approval(decision="A threat of harm, seen by two"), by=council.senior, at=at
        )
    return marker


def nominate_at_once(post: Post, duty: Nominee.Duty, rank: int = 1) -> None:
    nominating.nominate(duty=duty, post_code=post.code, rank=rank, by=SYSTEM, at=MONDAY)
