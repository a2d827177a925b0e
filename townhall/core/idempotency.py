"""The same request twice does the work once."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec

from townhall.core.actors import Actor
from townhall.core.db import fetch_one, insert_unless_there
from townhall.core.errors import KeyReused


def request_hash(request: object) -> str:
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()


def first_time(operation: str, *, key: str, by: Actor, request: object, result: UUID) -> UUID | None:
    """Claim `key` for this operation, in the operation's own transaction.

    None: go on, and make what `result` names. An id: this was done before, under the same key and request; that is what it made.
    Two at once: the second waits for the first to commit. Raises KeyReused when the request differs.
    """
    actor = f"{by.kind}:{by.id}"
    wanted = request_hash(request)
    row = {"actor": actor, "operation": operation, "key": key, "request_hash": wanted, "result": result}
    if insert_unless_there("core_idempotency", row):
        return None
    found = fetch_one(
        "SELECT request_hash, result FROM core_idempotency WHERE actor = %s AND operation = %s AND key = %s",
        (actor, operation, key),
    )
    assert found is not None  # the insert above met it, and nothing deletes these while they matter
    earlier_hash, earlier_result = found
    if earlier_hash != wanted:
        raise KeyReused
    assert isinstance(earlier_result, UUID)
    return earlier_result
