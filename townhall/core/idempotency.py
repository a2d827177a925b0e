"""The same request twice does the work once."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec
import psycopg

from townhall.core.actors import Actor
from townhall.core.db import fetch_one, insert, insert_unless_there
from townhall.core.errors import KeyReused


def request_hash(request: object) -> str:
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()


def claim(operation: str, *, key: str, by: Actor, request: object, result: UUID) -> None:
    """Claim `key` among the other writes of `at_once()`: when it was claimed before, all of them fail (`was_claimed`)."""
    insert("core_idempotency", _row(operation, key=key, by=by, request=request, result=result))


def was_claimed(error: psycopg.Error) -> bool:
    """Whether the writes failed because the key had been claimed."""
    return error.diag.constraint_name == "idempotency_once"


def first_time(operation: str, *, key: str, by: Actor, request: object, result: UUID) -> UUID | None:
    """Claim `key` for this operation, in the operation's own transaction.

    None: go on, and make what `result` names. An id: this was done before, under the same key and request; that is what it made.
    Two at once: the second waits for the first to commit. Raises KeyReused when the request differs.
    """
    if insert_unless_there("core_idempotency", _row(operation, key=key, by=by, request=request, result=result)):
        return None
    return earlier_result(operation, key=key, by=by, request=request)


def earlier_result(operation: str, *, key: str, by: Actor, request: object) -> UUID:
    """What the first request under a claimed key made. Raises KeyReused when this request differs from it."""
    found = fetch_one(
        "SELECT request_hash, result FROM core_idempotency WHERE actor = %s AND operation = %s AND key = %s",
        (f"{by.kind}:{by.id}", operation, key),
    )
    assert found is not None  # the claim met it, and nothing deletes these while they matter
    earlier_hash, earlier = found
    if earlier_hash != request_hash(request):
        raise KeyReused
    assert isinstance(earlier, UUID)
    return earlier


def _row(operation: str, *, key: str, by: Actor, request: object, result: UUID) -> dict[str, object]:
    return {
        "actor": f"{by.kind}:{by.id}",
        "operation": operation,
        "key": key,
        "request_hash": request_hash(request),
        "result": result,
    }
