"""API keys at the door: checked without a query, limited, and their use written down a few times an hour.

All active keys are kept in each web process for CACHE_SECONDS, so a revoked key works no longer than that elsewhere. A key's
rate is a bucket in each web process: with N processes the whole house gives up to N times `rate_per_minute`.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from townhall.core.actors import Actor, ActorKind
from townhall.core.db import execute, fetch_all
from townhall.core.errors import RuleBroken
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.ledger.operations import record

CACHE_SECONDS = 3.0
USE_NOTED_EVERY = timedelta(minutes=15)


class KeyRefused(RuleBroken):
    """No key, an unknown one, one without the scope, or one used too often. `code` tells which; `status` is HTTP's."""

    user_message = _("This needs an API key.")
    code = "key_missing"
    status = 401
    retry_after = 0  # seconds


class KeyUnknown(KeyRefused):
    user_message = _("This API key is not known, or no longer in use.")
    code = "key_unknown"


class ScopeMissing(KeyRefused):
    user_message = _("This API key may not be used for that.")
    code = "scope_missing"
    status = 403


class TooFast(KeyRefused):
    user_message = _("This API key has been used too often in the last minute. Try again shortly.")
    code = "too_many_requests"
    status = 429
    retry_after = 1


@dataclass
class _Bucket:
    """Up to a minute's requests of one key, refilled all the time. It outlasts each reading of the keys."""

    tokens: float
    filled_at: float  # monotonic seconds

    def take(self, moment: float, *, rate_per_minute: int) -> bool:
        refill = (moment - self.filled_at) * rate_per_minute / 60
        self.tokens = min(float(rate_per_minute), self.tokens + refill)
        self.filled_at = moment
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class _Key:
    """A key as this process knows it."""

    id: UUID
    hash: str
    rate_per_minute: int
    actor: Actor
    used_at: datetime | None
    bucket: _Bucket


_lock = Lock()
_buckets: dict[UUID, _Bucket] = {}


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def shown(headers: Mapping[str, str], *parameters: Mapping[str, Any]) -> str:
    """The key a caller shows: `Authorization: Bearer …`, `X-Api-Key: …`, or a parameter `api_key`. Empty when there is none."""
    scheme, _space, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if key := headers.get("X-Api-Key", "").strip():
        return key
    return next((key for given in parameters if (key := str(given.get("api_key") or "").strip())), "")


def check(key: str, *, scope: str, at: datetime) -> Actor:
    """The actor behind a key that has this scope, within its rate. Raises KeyRefused. No query, but a read every few seconds."""
    if not key:
        raise KeyRefused
    found = _find(key)
    if found is None:
        raise KeyUnknown
    if scope and scope not in found.actor.scopes:
        raise ScopeMissing
    with _lock:
        in_time = found.bucket.take(time.monotonic(), rate_per_minute=found.rate_per_minute)
    if not in_time:
        raise TooFast
    if found.used_at is None or at - found.used_at > USE_NOTED_EVERY:
        _note_use(found, at)
    return found.actor


def forget() -> None:
    """Read the keys again at the next check (after a key was made or revoked here)."""
    _known.forget()


def _find(key: str) -> _Key | None:
    wanted = hash_of(key)
    found = _known.get().get(wanted)
    return found if found is not None and hmac.compare_digest(found.hash, wanted) else None


def _read() -> dict[str, _Key]:
    rows = fetch_all(
        "SELECT id, hash, rate_per_minute, scopes, team_id, last_used_at FROM accounts_apikey WHERE is_active"
    )
    with _lock:
        for gone in _buckets.keys() - {row[0] for row in rows}:
            del _buckets[gone]
        return {row[1]: _from_row(row) for row in rows}


def _from_row(row: tuple[Any, ...]) -> _Key:
    key_id, hashed, rate, scopes, team_id, used_at = row
    actor = Actor(
        kind=ActorKind.CONNECTOR,
        id=str(key_id),
        scopes=frozenset(scopes),
        teams=frozenset({team_id} if team_id else ()),
    )
    bucket = _buckets.setdefault(key_id, _Bucket(tokens=float(rate), filled_at=time.monotonic()))
    return _Key(id=key_id, hash=hashed, rate_per_minute=rate, actor=actor, used_at=used_at, bucket=bucket)


_known = Refreshing(_read, seconds=CACHE_SECONDS)


@transaction.atomic
def _note_use(key: _Key, at: datetime) -> None:
    """One process of several writes it down; every change made with a key is in the ledger anyway."""
    key.used_at = at
    won = execute(
        "UPDATE accounts_apikey SET last_used_at = %s WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s)",
        (at, key.id, at - USE_NOTED_EVERY),
    )
    if won:
        record("api_key.used", about=Subject(kind="api_key", id=key.id), by=key.actor, at=at)
