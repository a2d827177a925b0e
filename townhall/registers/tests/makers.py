"""A small register of our own, and who keeps it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from townhall.accounts.models import PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_post, make_team, make_user
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.core.actors import Actor
from townhall.core.refreshing import forget_all
from townhall.registers import operations
from townhall.registers.definition import read
from townhall.registers.models import Row

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LEAFLETS = """
code: leaflets
title: Leaflets
about: Every leaflet, and when it is read again.
row: a leaflet
row_title: Leaflet
owner_post: leaflet-owner
kept_by: [leaflet-team]
seen_by: [leaflet-team, reading-team]
fields:
  - {code: topic, label: Topic, kind: choice, required: true, listed: true, choices: [{code: bins, label: Bins}, {code: tax, label: Tax}]}
  - {code: printed, label: Printed, kind: number}
  - {code: cost, label: Cost, kind: money}
  - {code: out_on, label: Comes out on, kind: yearly}
dues:
  - {code: read, title: Read it again, after_days: 30, again_days: 180, asks: "What changed?"}
  - {code: order, title: Order it, on_field: out_on, before_days: 14}
outcomes: [{code: withdrawn, label: Withdrawn}]
group_by: topic
"""


def make_leaflets(*, at: datetime = MONDAY) -> Actor:
    """The register; whoever keeps it, who holds the owner's post."""
    seed_clocks(at=at)
    team = make_team(code="leaflet-team")
    make_team(code="reading-team")
    post = make_post(code="leaflet-owner", team=team, role=Role.OFFICER)
    make_post(code="leaflet-manager", team=team, role=Role.TEAM_MANAGER)
    forget_all()
    operations.load([read(LEAFLETS)], at=at)
    return staff_in(post.pk, at=at)


def staff_in(post_id: Any, *, at: datetime = MONDAY) -> Actor:
    user: User = make_user()
    PostHolder.objects.create(post_id=post_id, user=user, from_on=at.date())
    return actor_for(user, at=at)


def somebody_in(code: str, *, role: Role = Role.OFFICER, at: datetime = MONDAY) -> Actor:
    post = make_post(team=Team.objects.get(code=code), role=role)
    forget_all()
    return staff_in(post.pk, at=at)


def make_leaflet(by: Actor, *, title: str = "Your bins", at: datetime = MONDAY, **given: str) -> Row:
    return operations.open_row("leaflets", title=title, given={"topic": "bins"} | given, by=by, at=at)
