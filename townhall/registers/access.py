"""Whose registers are whose: by team, on top of what a role may do."""

from __future__ import annotations

from townhall.accounts import directory, permissions
from townhall.accounts.models import Role
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotFound
from townhall.registers.definition import Definition
from townhall.registers.errors import NotKept

SEE, KEEP = "registers.see", "registers.keep"
_EVERYWHERE = frozenset({Role.SENIOR_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER})


def may_see(definition: Definition, by: Actor) -> bool:
    """Whoever keeps a register sees it. No teams named: whoever may see registers."""
    if not permissions.may(by, SEE).allowed:
        return False
    if by.kind is not ActorKind.STAFF or by.roles & _EVERYWHERE or not definition.seen_by:
        return True
    return _is_in(by, (*definition.seen_by, *definition.kept_by))


def may_keep(definition: Definition, by: Actor) -> bool:
    if not permissions.may(by, KEEP).allowed or not may_see(definition, by):
        return False
    if by.kind is not ActorKind.STAFF or not definition.kept_by or Role.ADMINISTRATOR in by.roles:
        return True
    return _is_in(by, definition.kept_by)


def require_keep(definition: Definition, by: Actor) -> None:
    """Raises NotFound for a register they may not see, NotAllowed for one that others keep."""
    permissions.require(by, KEEP)
    if not may_see(definition, by):
        raise NotFound
    if not may_keep(definition, by):
        raise NotKept


def _is_in(by: Actor, codes: tuple[str, ...]) -> bool:
    return any(team.id in by.teams for team in directory.all_teams() if team.code in codes)
