"""Making API keys and taking them back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.accounts import keys, permissions
from townhall.accounts.models import ApiKey
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.ledger.operations import record

MAY = "keys.administer"
PREFIX_LENGTH = 8


@transaction.atomic
def create_key(
    *,
    name: str,
    scopes: Iterable[str],
    by: Actor,
    at: datetime,
    team_id: UUID | None = None,
    rate_per_minute: int = 600,
    key: str | None = None,
) -> tuple[ApiKey, str]:
    """A new key, and its text, which is kept nowhere. `key` gives the text, for the demo. Raises NotAllowed."""
    permissions.require(by, MAY)
    text = key or f"th_{secrets.token_urlsafe(32)}"
    made = ApiKey.objects.create(
        name=name.strip(),
        prefix=text[:PREFIX_LENGTH],
        hash=keys.hash_of(text),
        scopes=sorted(set(scopes)),
        team_id=team_id,
        rate_per_minute=rate_per_minute,
        created_by_id=UUID(by.id) if by.kind is ActorKind.STAFF else None,
        created_at=at,
    )
    data: dict[str, object] = {"scopes": made.scopes, "rate_per_minute": rate_per_minute}
    record("api_key.created", about=_this(made.pk), by=by, at=at, data=data)
    transaction.on_commit(keys.forget)
    return made, text


@transaction.atomic
def revoke_key(key_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take a key out of use: at once here, and within keys.CACHE_SECONDS in other processes. Raises NotFound, WrongState."""
    permissions.require(by, MAY)
    found = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if found is None:
        raise NotFound
    if not found.is_active:
        raise WrongState
    found.is_active = False
    found.save(update_fields=["is_active"])
    record("api_key.revoked", about=_this(key_id), by=by, at=at)
    transaction.on_commit(keys.forget)


def _this(key_id: UUID) -> Subject:
    return Subject(kind="api_key", id=key_id)
