"""Somebody who writes, somebody who approves, and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from townhall.accounts.models import Post, PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_post, make_team, make_user
from townhall.catalogue import operations as catalogue
from townhall.catalogue.tests.makers import make_pack
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.knowledge import entries
from townhall.knowledge.entries import About, Written
from townhall.knowledge.models import Entry, Kind

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
OWNER = "knowledge-owner"
SCRIPT = """
service: lost-swan
steps:
  - code: which
    ask: Which colour is it?
    choices:
      - {code: white, label: White, then: when}
      - {code: black, label: Black, then: rare}
    writes: colour
  - {code: rare, tell: "Black swans are rare: thank them.", tone: help}
  - {code: when, ask: "When was it seen?", kind: words}
  - {code: hurt, ask: "Is it hurt?", kind: yes_no, choices: [{code: "yes", label: "Yes", then: vet}]}
  - {code: form, tell: Take the report., end: form}
  - {code: vet, tell: "Put them through to the vet first.", tone: warning, end: refer}
"""


@dataclass(frozen=True, kw_only=True)
class People:
    """An officer who writes, their manager, and an officer of another team."""

    writer: Actor
    manager: Actor
    other: Actor
    team: Team
    other_team: Team


def make_people(*, at: datetime = MONDAY, services: tuple[str, ...] = ("lost-swan",)) -> People:
    seed_clocks(at=at)
    for code in services:
        catalogue.keep_packs([make_pack(code, attributes=_ASKS)], by=SYSTEM, at=at)
    team, other = make_team(code="words-team"), make_team(code="swans-team")
    owner = make_post(code=OWNER, team=team, role=Role.OFFICER)
    manager = make_post(code="words-manager", team=team, role=Role.TEAM_MANAGER)
    officer = make_post(code="swans-officer", team=other, role=Role.OFFICER)
    forget_all()
    return People(
        writer=holder(owner, at=at),
        manager=holder(manager, at=at),
        other=holder(officer, at=at),
        team=team,
        other_team=other,
    )


_ASKS = [
    {
        "code": "colour",
        "label": "Colour",
        "datatype": "singlevaluelist",
        "values": [{"key": "white", "name": "White"}, {"key": "black", "name": "Black"}],
    }
]


def holder(post: Post, *, at: datetime = MONDAY) -> Actor:
    user = make_user()
    PostHolder.objects.create(post=post, user=user, from_on=at.date())
    return actor_for(user, at=at)


def user_of(by: Actor) -> User:
    return User.objects.get(pk=UUID(by.id))


def about(**fields: Any) -> About:
    return About(**{"owner_post": OWNER, **fields})


def make_entry(
    people: People, kind: str = Kind.ARTICLE, *, title: str = "Swans", body: str = "About swans.", **fields: Any
) -> Entry:
    """In use: written by one, approved by the other."""
    at = fields.pop("at", MONDAY)
    made = entries.write(kind, Written(title=title, body=body, about=about(**fields)), by=people.writer, at=at)
    entries.offer(made.pk, by=people.writer, at=at)
    second = people.other if made.client_team_id == people.other_team.pk else people.manager
    return entries.approve(made.pk, number=1, by=second, at=at)
