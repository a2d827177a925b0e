"""Teams and posts by code, kept in the process, so that routing a case asks the database nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from townhall.accounts.models import Post, Role, Team
from townhall.core.refreshing import Refreshing


@dataclass(frozen=True, kw_only=True)
class TeamEntry:
    id: UUID
    code: str
    name: str
    kind: str
    phone: str
    email: str


@dataclass(frozen=True, kw_only=True)
class PostEntry:
    id: UUID
    code: str
    title: str
    role: str
    team_id: UUID


class UnknownCode(LookupError):
    """A service pack names a team or post that does not exist: a mistake in the data, not a rule."""


@dataclass(frozen=True)
class _Directory:
    teams: Mapping[str, TeamEntry]
    teams_by_id: Mapping[UUID, TeamEntry]
    posts: Mapping[str, PostEntry]
    posts_by_id: Mapping[UUID, PostEntry]


def _load() -> _Directory:
    teams = [
        TeamEntry(id=row.id, code=row.code, name=row.name, kind=row.kind, phone=row.phone, email=row.email)
        for row in Team.objects.all()
    ]
    posts = [
        PostEntry(id=row.id, code=row.code, title=row.title, role=row.role, team_id=row.team_id)
        for row in Post.objects.filter(is_active=True).order_by("code")
    ]
    return _Directory(
        {team.code: team for team in teams},
        {team.id: team for team in teams},
        {post.code: post for post in posts},
        {post.id: post for post in posts},
    )


_directory = Refreshing(_load)


def team(code: str) -> TeamEntry:
    found = _directory.get().teams.get(code) or _directory.fresh().teams.get(code)
    if found is None:
        raise UnknownCode(f"There is no team {code!r}.")
    return found


def team_by_id(team_id: UUID) -> TeamEntry:
    found = _directory.get().teams_by_id.get(team_id) or _directory.fresh().teams_by_id.get(team_id)
    if found is None:
        raise UnknownCode(f"There is no team {team_id}.")
    return found


def all_teams() -> list[TeamEntry]:
    """Every team, by name."""
    return sorted(_directory.get().teams.values(), key=lambda entry: entry.name)


def post(code: str) -> PostEntry:
    found = _directory.get().posts.get(code) or _directory.fresh().posts.get(code)
    if found is None:
        raise UnknownCode(f"There is no post {code!r}.")
    return found


def post_by_id(post_id: UUID) -> PostEntry:
    found = _directory.get().posts_by_id.get(post_id) or _directory.fresh().posts_by_id.get(post_id)
    if found is None:
        raise UnknownCode(f"There is no post {post_id}.")
    return found


def all_posts() -> list[PostEntry]:
    """Every post in use, by title."""
    return sorted(_directory.get().posts.values(), key=lambda entry: (entry.title, entry.code))


def manager_of(team_id: UUID) -> PostEntry | None:
    """The team's manager post, or None for a team without one."""
    posts = _directory.get().posts.values()
    return next((entry for entry in posts if entry.team_id == team_id and entry.role == Role.TEAM_MANAGER), None)
