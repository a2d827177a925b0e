"""What other code may read about staff: who they are and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.accounts.models import User
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.time import council_date

# The posts somebody holds on a date; a post or team that was closed gives nothing.
POSTS_HELD = """
    SELECT post.role, post.team_id, post.id
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
    """A staff actor from rows of (role, team id, post id)."""
    return Actor(
        kind=ActorKind.STAFF,
        id=str(user_id),
        roles=frozenset(role for role, _team, _post in posts),
        teams=frozenset(team for _role, team, _post in posts),
        posts=frozenset(post for _role, _team, post in posts),
    )
