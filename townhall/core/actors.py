"""Who is acting. Every operation takes `by`, an Actor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    CONNECTOR = "connector"  # another system, by its API key or connector code
    PUBLIC = "public"  # somebody we have not identified
    SYSTEM = "system"  # a clock or a sweep


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One who acts. `id` is a user, customer or key id as text, never a name or an address."""

    kind: ActorKind
    id: str = ""
    roles: frozenset[str] = field(default=frozenset(), compare=False)  # role codes, staff only
    teams: frozenset[UUID] = field(default=frozenset(), compare=False)  # teams in which a post is held
    posts: frozenset[UUID] = field(default=frozenset(), compare=False)
    # (role, site code) of a role that is held at these sites only; one that is not here is held at every site
    at_sites: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)
    scopes: frozenset[str] = field(default=frozenset(), compare=False)  # of an API key

    @property
    def is_staff(self) -> bool:
        return self.kind is ActorKind.STAFF


SYSTEM = Actor(kind=ActorKind.SYSTEM, id="system")
PUBLIC = Actor(kind=ActorKind.PUBLIC)
