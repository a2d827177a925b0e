"""Who is on the staff, in which team and under whom, as training and guidelines need it. Members hold posts like everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.models import Role, Team
from townhall.accounts.queries import mail_of
from townhall.core.db import fetch_all
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

# Everybody who holds a post of the council on a date. A contractor's people are trained by the contractor.
_STAFF = """
    SELECT u.id, u.name, u.email, p.role, p.id, t.id, t.name
    FROM accounts_user u
    JOIN accounts_postholder h ON h.user_id = u.id AND h.from_on <= %s AND (h.until_on IS NULL OR h.until_on >= %s)
    JOIN accounts_post p ON p.id = h.post_id AND p.is_active
    JOIN accounts_team t ON t.id = p.team_id AND t.is_active AND t.kind = 'council'
    WHERE u.is_active AND (%s::uuid IS NULL OR u.id = %s) ORDER BY t.name, u.name, u.id, p.code"""
MEMBER = Role.PORTFOLIO_HOLDER


@dataclass(frozen=True, kw_only=True)
class Person:
    id: UUID
    name: str
    email: str
    roles: frozenset[str]
    posts: tuple[UUID, ...]
    teams: tuple[tuple[UUID, str], ...]  # id and name, by name

    @property
    def is_member(self) -> bool:
        return MEMBER.value in self.roles


def everybody(*, on: date) -> list[Person]:
    """Officers and Members who hold a post that day, by team and name. One query."""
    return _people(on, None)


def person(user_id: UUID | str, *, on: date) -> Person | None:
    """None for somebody who holds no post of the council that day. One query."""
    return next(iter(_people(on, UUID(str(user_id)))), None)


def _people(on: date, user_id: UUID | None) -> list[Person]:
    found: dict[UUID, list[tuple[object, ...]]] = {}
    for row in fetch_all(_STAFF, (on, on, user_id, user_id)):
        found.setdefault(row[0], []).append(row)
    return [_person(rows) for rows in found.values()]


def _person(rows: list[tuple[object, ...]]) -> Person:
    user_id, name, email = rows[0][:3]
    assert isinstance(user_id, UUID)
    teams = {row[5]: str(row[6]) for row in rows}
    return Person(
        id=user_id,
        name=str(name),
        email=str(email),
        roles=frozenset(str(row[3]) for row in rows),
        posts=tuple(dict.fromkeys(UUID(str(row[4])) for row in rows)),
        teams=tuple((UUID(str(key)), text) for key, text in teams.items()),
    )


def of_teams(people: Iterable[Person], teams: frozenset[UUID]) -> list[Person]:
    return [one for one in people if teams & {team for team, _name in one.teams}]


def managers_of(one: Person) -> list[PostEntry]:
    """Who leads the teams somebody works in; for a manager, and where a team has none, its senior managers."""
    found: dict[UUID, PostEntry] = {}
    for team_id, _name in one.teams:
        own = directory.manager_of(team_id)
        if own is not None and own.id not in one.posts:
            found[own.id] = own
    return list(found.values()) or seniors(one)


def seniors(one: Person) -> list[PostEntry]:
    """The senior managers of somebody's teams, or else of the council, without themselves."""
    every = [post for post in directory.all_posts() if post.role == Role.SENIOR_MANAGER and post.id not in one.posts]
    teams = {team for team, _name in one.teams}
    return [post for post in every if post.team_id in teams] or every[:1]


def may_lead(leader_teams: frozenset[UUID], one: Person) -> bool:
    return bool(leader_teams & {team for team, _name in one.teams})


def write_to_person(
    template: str, one: Person, *, about: Subject, key: str, context: Mapping[str, object], at: datetime
) -> None:
    notifications.send(
        template,
        to=Recipient(name=one.name, email=one.email),
        about=about,
        key=f"{key}-{one.id}",
        context=context,
        at=at,
    )


def write_to_posts(
    template: str, posts: Iterable[PostEntry], *, about: Subject, key: str, context: Mapping[str, object], at: datetime
) -> None:
    """To whoever holds each post, or its team when nobody does; each mail once."""
    for post in posts:
        for email in mail_of(post.id, on=council_date(at)):
            if email:
                notifications.send(
                    template,
                    to=Recipient(name=post.title, email=email),
                    about=about,
                    key=f"{key}-{post.id}-{email}",
                    context=context,
                    at=at,
                )


def all_council_teams() -> list[directory.TeamEntry]:
    return [one for one in directory.all_teams() if one.kind == Team.Kind.COUNCIL]
