"""What other code may read about staff: who they are and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from townhall.accounts import directory, sites
from townhall.accounts.models import Post, PostHolder, Role, User
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.time import council_date

# The posts somebody holds on a date; a post or team that was closed gives nothing.
POSTS_HELD = """
    SELECT post.role, post.team_id, post.id, post.site_code
    FROM accounts_postholder AS holder
    JOIN accounts_post AS post ON post.id = holder.post_id AND post.is_active
    JOIN accounts_team AS team ON team.id = post.team_id AND team.is_active
    WHERE holder.user_id = %s AND holder.from_on <= %s AND (holder.until_on IS NULL OR holder.until_on >= %s)
"""


def actor_for(user: User | UUID, at: datetime) -> Actor:
    """The staff actor with the roles, teams and posts held on the council date of `at`. One query."""
    user_id = user.pk if isinstance(user, User) else user
    on = council_date(at)
    return staff_actor(user_id, fetch_all(POSTS_HELD, (user_id, on, on)))


def staff_actor(user_id: UUID, posts: Sequence[tuple[Any, ...]]) -> Actor:
    """A staff actor from rows of (role, team id, post id, site code)."""
    everywhere = {role for role, _team, _post, site in posts if not site}
    return Actor(
        kind=ActorKind.STAFF,
        id=str(user_id),
        roles=frozenset(role for role, _team, _post, _site in posts),
        teams=frozenset(team for _role, team, _post, _site in posts),
        posts=frozenset(post for _role, _team, post, _site in posts),
        at_sites=frozenset((role, site) for role, _team, _post, site in posts if role not in everywhere),
    )


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """Somebody on the list of staff."""

    id: UUID
    name: str
    email: str
    is_active: bool
    has_second_factor: bool
    posts: tuple[str, ...]  # titles with their teams, held now


@dataclass(frozen=True, kw_only=True)
class HeldPost:
    post_id: UUID
    title: str
    team: str
    role: str
    from_on: date
    until_on: date | None
    site: str  # its name; empty for every site


def people(*, on: date, words: str = "", after: str = "", size: int = 50) -> list[PersonRow]:
    """Staff by email address, from the one after `after`; `words` is a part of a name or email. Two queries."""
    rows = User.objects.filter(email__gt=after).order_by("email")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    users = list(rows.select_related("authenticator")[: size + 1])
    held = _held_by([user.pk for user in users], on=on)
    return [
        PersonRow(
            id=user.pk,
            name=user.name,
            email=user.email,
            is_active=user.is_active,
            has_second_factor=_has_second_factor(user),
            posts=tuple(f"{row.title}, {row.team}" for row in held.get(user.pk, [])),
        )
        for user in users
    ]


def open_posts() -> list[tuple[UUID, str]]:
    """Posts that can be given, as "Team: title (role, site)", by team and title. One query."""
    rows = Post.objects.filter(is_active=True, team__is_active=True).select_related("team")
    known = sites.names()
    return [
        (row.pk, f"{row.team.name}: {row.title} ({_role_words(row, known)})")
        for row in rows.order_by("team__name", "title")
    ]


def _role_words(post: Post, names: Mapping[str, str]) -> str:
    role = str(Role(post.role).label)
    return f"{role}, {names.get(post.site_code, post.site_code)}" if post.site_code else role


def with_email(email: str) -> User | None:
    """Whoever on the staff has this email address, however it was typed; None for somebody who left. One query."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()


def holders_of(post_id: UUID, *, on: date) -> list[tuple[str, str]]:
    """Name and email address of everybody who holds a post on a date. One query."""
    held = PostHolder.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=on), post_id=post_id, from_on__lte=on, user__is_active=True
    )
    return list(held.order_by("user__name", "user_id").values_list("user__name", "user__email"))


def mail_of(post_id: UUID, *, on: date) -> list[str]:
    """Email addresses of everybody who holds a post on a date; its team's when nobody does. Raises directory.UnknownCode."""
    people = [email for _name, email in holders_of(post_id, on=on) if email]
    return people or [directory.team_by_id(directory.post_by_id(post_id).team_id).email]


def posts_held(user_id: UUID, *, on: date) -> list[HeldPost]:
    """The posts somebody holds on a date or will hold after it, by title."""
    return _held_by([user_id], on=on, also_later=True).get(user_id, [])


def posts_of(user_ids: Sequence[UUID], *, on: date) -> dict[UUID, str]:
    """In what post each of these works on a date, as "Adviser, Customer services". One query."""
    held = _held_by(list(set(user_ids)), on=on) if user_ids else {}
    return {user_id: f"{rows[0].title}, {rows[0].team}" for user_id, rows in held.items() if rows}


def _held_by(user_ids: list[UUID], *, on: date, also_later: bool = False) -> dict[UUID, list[HeldPost]]:
    rows = PostHolder.objects.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), user_id__in=user_ids)
    if not also_later:
        rows = rows.filter(from_on__lte=on)
    known = sites.names()
    found: dict[UUID, list[HeldPost]] = {}
    for row in rows.select_related("post__team").order_by("post__title"):
        held = HeldPost(
            post_id=row.post_id,
            title=row.post.title,
            team=row.post.team.name,
            role=row.post.role,
            from_on=row.from_on,
            until_on=row.until_on,
            site=known.get(row.post.site_code, row.post.site_code),
        )
        found.setdefault(row.user_id, []).append(held)
    return found


def _has_second_factor(user: User) -> bool:
    authenticator = getattr(user, "authenticator", None)
    return authenticator is not None and authenticator.confirmed_at is not None
