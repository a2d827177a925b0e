"""People and training for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from townhall.accounts.models import Post, PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.clocks.tests.makers import make_calendars
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date
from townhall.workforce import training
from townhall.workforce.models import Module, Pass

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_person(name: str, *, team: str = "desk", role: Role = Role.ADVISER, from_on: date = date(2020, 1, 1)) -> Actor:
    """Somebody with a post in a team, as they act."""
    named = {"name": team.replace("-", " ").title()}
    group, _made = Team.objects.get_or_create(code=team, defaults=named)
    post, _made = Post.objects.get_or_create(
        code=f"{team}-{role}", defaults={"title": f"{team} {role.label}".capitalize(), "team": group, "role": role}
    )
    user, _made = User.objects.get_or_create(email=f"{name}@example.org", defaults={"name": name.title()})
    PostHolder.objects.get_or_create(post=post, user=user, until_on=None, defaults={"from_on": from_on})
    forget_all()
    return actor_for(user, at=MONDAY)


def make_module(code: str, *, months: int = 12, for_complaints: bool = False, roles: tuple[str, ...] = ()) -> Module:
    fields = {"name": code.replace("-", " ").title(), "months": months, "for_complaints": for_complaints}
    return Module.objects.get_or_create(code=code, defaults={**fields, "roles": list(roles)})[0]


def make_pass(by: Actor, module: str, *, on: date | None = None, at: datetime = MONDAY) -> Pass:
    make_module(module)
    make_calendars(MONDAY)
    return training.record_passes(module, [UUID(by.id)], passed_on=on or council_date(at), by=SYSTEM, at=at)[0]
