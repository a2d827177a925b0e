"""The worker's round: claim what is due, commit, call, write down what came of it. No lock is held during a call.

A claim moves `next_attempt_at` past the longest that a round can take. A worker that dies in between therefore only delays; the
next attempt goes out under the same Idempotency-Key, so the other system does it once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection, transaction

from townhall.connectors.events import DeliveryFailed, DeliverySent
from townhall.connectors.protocol import Adapter, Outcome, Outgoing, Refused, Taken, Trouble, Unreachable
from townhall.connectors.registry import known
from townhall.connectors.states import State
from townhall.core.db import execute, fetch_all, fetch_one
from townhall.core.events import publish
from townhall.core.sealed_answers import open_all

log = structlog.get_logger()

BATCH = 100  # deliveries claimed for one target
ROUND = timedelta(seconds=60)  # after this a round gives back what it has not sent
CLAIM = timedelta(seconds=120)  # more than ROUND and one call's longest time
MOST_ATTEMPTS = 10
LONGEST_OUTAGE = timedelta(days=3)  # waiting for a system that is not there, before giving up
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)  # of a delivery
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)  # of a target
_TARGETS_AT_ONCE = 4


@dataclass(frozen=True)
class Claimed:
    outgoing: Outgoing
    subject_id: UUID
    attempts: int
    queued_at: datetime
    case_id: UUID | None
    owner_team_id: UUID | None


@dataclass
class Clock:
    """`at` when the round began, and now."""

    at: datetime
    _started: float = 0.0

    def __post_init__(self) -> None:
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._started)


def sweep(at: datetime) -> int:
    """One round for every target with something due, a few targets at a time; the number of attempts made."""
    targets = due_targets(at)
    if len(targets) < 2:
        return sum(deliver_to(target, at) for target in targets)
    with ThreadPoolExecutor(_TARGETS_AT_ONCE) as pool:
        return sum(pool.map(lambda target: _apart(deliver_to, target, at), targets))


def due_targets(at: datetime) -> list[str]:
    rows = fetch_all(
        """SELECT c.code FROM connectors_connector c
           WHERE c.is_enabled AND (c.retry_at IS NULL OR c.retry_at <= %s)
             AND EXISTS (SELECT FROM connectors_delivery d
                         WHERE d.target = c.code AND d.state = 'pending' AND d.next_attempt_at <= %s)
           ORDER BY c.code""",
        (at, at),
    )
    return [code for (code,) in rows]


def deliver_to(target: str, at: datetime) -> int:
    """Send what is due to one target, in order, until it is done, in trouble, or the round is over. The number of attempts."""
    clock = Clock(at)
    claimed = claim(target, at)
    if not claimed:
        return 0
    adapter = _adapter(target)
    names: dict[UUID, str] = {}  # what the other system called the subjects of this round
    unsent = list(claimed)
    while unsent:
        one = unsent.pop(0)
        outcome = _attempt(adapter, one, names, clock)
        record(target, one, outcome, at=clock.now())
        if isinstance(outcome, Taken) and outcome.external_id:
            names[one.subject_id] = outcome.external_id
        if isinstance(outcome, Unreachable | Trouble) or clock.now() - at > ROUND:
            break
    _give_back(unsent, at=at)
    return len(claimed) - len(unsent)


def claim(target: str, at: datetime) -> list[Claimed]:
    """Take what is due for this worker alone, in order. An earlier one about the same subject that still waits holds back the later."""
    with transaction.atomic():
        # One claim at a time for each target, or two workers could take two deliveries about one subject.
        if not fetch_all("SELECT 1 FROM connectors_connector WHERE code = %s FOR UPDATE SKIP LOCKED", (target,)):
            return []
        rows = fetch_all(
            """WITH due AS (
                 SELECT d.id FROM connectors_delivery d
                 WHERE d.target = %s AND d.state = 'pending' AND d.next_attempt_at <= %s
                   AND (SELECT true FROM connectors_delivery earlier  -- looked up for each; EXISTS would read all that wait
                        WHERE earlier.target = d.target AND earlier.subject_id = d.subject_id
                          AND earlier.state = 'pending' AND earlier.id < d.id AND earlier.next_attempt_at > %s LIMIT 1) IS NULL
                 ORDER BY d.id LIMIT %s FOR UPDATE SKIP LOCKED)
               UPDATE connectors_delivery d SET next_attempt_at = %s FROM due WHERE d.id = due.id
               RETURNING d.id, d.kind, d.payload, d.subject_id, d.attempts, d.queued_at, d.case_id, d.owner_team_id,
                 coalesce((SELECT o.external_id FROM connectors_delivery o
                           WHERE o.target = d.target AND o.subject_id = d.subject_id AND o.external_id <> ''
                             AND o.id < d.id ORDER BY o.id DESC LIMIT 1), '')""",
            (target, at, at, BATCH, at + CLAIM),
        )
    return sorted((_claimed(row) for row in rows), key=lambda one: one.outgoing.id)


def _claimed(row: tuple[Any, ...]) -> Claimed:
    delivery_id, kind, payload, subject_id, attempts, queued_at, case_id, owner_team_id, external_id = row
    outgoing = Outgoing(id=delivery_id, kind=kind, payload=msgspec.json.decode(payload), external_id=external_id)
    return Claimed(outgoing, subject_id, attempts, queued_at, case_id, owner_team_id)


def _adapter(target: str) -> Adapter | str:
    """How to speak with it, or why we cannot."""
    connector = known(target)
    if connector is None:
        return "There is no connector of this name."
    try:
        return connector.adapter()
    except KeyError as error:
        return f"Not configured: {error}"


def _attempt(adapter: Adapter | str, one: Claimed, names: dict[UUID, str], clock: Clock) -> Outcome:
    if isinstance(adapter, str):
        return Unreachable(adapter)
    outgoing = one.outgoing
    if newer := names.get(one.subject_id):  # the same subject may have had another job before
        outgoing = replace(outgoing, external_id=newer)
    try:
        return adapter.submit(replace(outgoing, payload=open_all(outgoing.payload)), at=clock.now())
    except Exception as error:
        log.exception("delivery.adapter_failed", delivery_id=str(outgoing.id))
        return Trouble(f"{type(error).__name__}: {error}")


def record(target: str, one: Claimed, outcome: Outcome, *, at: datetime) -> None:
    """Write down what came of an attempt, for the delivery and for the target's health."""
    with transaction.atomic():
        match outcome:
            case Taken(external_id):
                _taken(target, one, external_id, at)
                _is_well(target, at)
            case Refused(error):
                _failed(target, one, State.FAILED, error, at)
                _is_well(target, at)
            case Unreachable(error, retry_after):
                if at - one.queued_at > LONGEST_OUTAGE:
                    _failed(target, one, State.DEAD, error, at)
                else:
                    _wait(one, error, until=at, at=at)
                _is_ill(target, error, at, retry_after)
            case Trouble(error):
                if one.attempts + 1 >= MOST_ATTEMPTS:
                    _failed(target, one, State.DEAD, error, at)
                else:
                    _wait(one, error, until=at + _growing(FIRST_WAIT, LONGEST_WAIT, one.attempts), at=at)
                _is_ill(target, error, at, None)


def _taken(target: str, one: Claimed, external_id: str, at: datetime) -> None:
    # A status event may have come before this answer did: then it stays acknowledged.
    execute(
        """UPDATE connectors_delivery SET state = 'sent', sent_at = %s, attempts = attempts + 1, external_id = %s, last_error = ''
           WHERE id = %s AND state || '' = 'pending'""",
        (at, external_id, one.outgoing.id),
    )
    publish(
        DeliverySent(delivery_id=one.outgoing.id, target=target, case_id=one.case_id, external_id=external_id, at=at)
    )


def _failed(target: str, one: Claimed, state: State, error: str, at: datetime) -> None:
    row = fetch_one(
        """UPDATE connectors_delivery d SET state = %s, attempts = attempts + 1, last_error = %s,
             owner_team_id = coalesce(d.owner_team_id, (SELECT c.owner_team_id FROM connectors_connector c WHERE c.code = d.target))
           WHERE id = %s AND state || '' = 'pending' RETURNING owner_team_id""",
        (state.value, error, one.outgoing.id),
    )
    if row is None:
        return
    log.warning("delivery.failed", delivery_id=str(one.outgoing.id), target=target, state=state.value)
    publish(
        DeliveryFailed(
            delivery_id=one.outgoing.id,
            target=target,
            case_id=one.case_id,
            owner_team_id=row[0],
            state=state.value,
            error=error,
            at=at,
        )
    )


def _wait(one: Claimed, error: str, *, until: datetime, at: datetime) -> None:
    execute(
        """UPDATE connectors_delivery SET attempts = attempts + 1, last_error = %s, next_attempt_at = %s
           WHERE id = %s AND state || '' = 'pending'""",
        (error, until, one.outgoing.id),
    )


def _give_back(unsent: list[Claimed], *, at: datetime) -> None:
    ids = [one.outgoing.id for one in unsent]
    execute(
        "UPDATE connectors_delivery SET next_attempt_at = %s WHERE id = ANY(%s) AND state || '' = 'pending'", (at, ids)
    )


def _is_well(target: str, at: datetime) -> None:
    """Written when it was ill, and otherwise every few seconds only."""
    execute(
        """UPDATE connectors_connector SET last_ok_at = %s, failing_since = NULL, failures = 0, retry_at = NULL, last_error = ''
           WHERE code = %s AND (failures > 0 OR last_ok_at IS NULL OR last_ok_at < %s)""",
        (at, target, at - timedelta(seconds=10)),
    )


def _is_ill(target: str, error: str, at: datetime, retry_after: float | None) -> None:
    row = fetch_one("SELECT failures FROM connectors_connector WHERE code = %s FOR UPDATE", (target,))
    failures = row[0] if row else 0
    pause = _growing(FIRST_PAUSE, LONGEST_PAUSE, failures) if retry_after is None else timedelta(seconds=retry_after)
    execute(
        """UPDATE connectors_connector SET failures = failures + 1, failing_since = coalesce(failing_since, %s),
             last_error = %s, retry_at = %s WHERE code = %s""",
        (at, error, at + pause, target),
    )


def _growing(first: timedelta, longest: timedelta, before: int) -> timedelta:
    """Twice as long each time, and never the same for everybody."""
    wait: timedelta = min(first * 2 ** min(before, 20), longest)
    return wait * random.uniform(0.8, 1.2)


def _apart(run: Callable[[str, datetime], int], target: str, at: datetime) -> int:
    """In a thread of the pool, with a database connection of its own."""
    try:
        return run(target, at)
    finally:
        connection.close()
