"""Who may write down what the council knows, and who says that it may be used."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from townhall.accounts.models import Role
from townhall.accounts.permissions import may, require
from townhall.core.actors import Actor
from townhall.knowledge.errors import NotTheService, SecondPerson
from townhall.knowledge.models import Entry, Kind, Version

SEE: Final = "knowledge.see"
WRITE: Final = "knowledge.write"
APPROVE: Final = "knowledge.approve"
FLAG: Final = "knowledge.flag"

SIGNED_OFF: Final = frozenset({Kind.PROCEDURE, Kind.TRAINING})  # by the service that they describe


def require_approve(entry: Entry, version: Version, by: Actor) -> None:
    """Never who wrote it; a procedure or training note only by the service that it describes.

    Raises NotAllowed, SecondPerson, NotTheService.
    """
    if entry.kind in SIGNED_OFF and entry.client_team_id is not None:
        require(by, WRITE)
        require_own_service(entry, entry.client_team_id, by)
    else:
        require(by, APPROVE)
    if version.written_by == by.id:
        raise SecondPerson


def require_own_service(entry: Entry, team_id: UUID | None, by: Actor) -> None:
    """Whom it is signed off by is for that service to give away. Raises NotTheService."""
    if entry.kind not in SIGNED_OFF or team_id is None:
        return
    if team_id not in by.teams and Role.ADMINISTRATOR not in by.roles:
        raise NotTheService


def may_approve(entry: Entry, version: Version, by: Actor) -> bool:
    """As `require_approve`, for a page that offers it."""
    if version.written_by == by.id:
        return False
    if entry.kind in SIGNED_OFF and entry.client_team_id is not None:
        in_team = entry.client_team_id in by.teams or Role.ADMINISTRATOR in by.roles
        return in_team and may(by, WRITE).allowed
    return may(by, APPROVE).allowed
