"""How it stands between us and the other systems."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from townhall.connectors import registry, signing
from townhall.connectors.models import Connector, Delivery, WebhookSubscription
from townhall.connectors.protocol import CANCEL, UPDATES, Item
from townhall.connectors.states import State
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Health:
    """One target. `is_known` is False when things wait for a connector that nobody set up."""

    target: str
    name: str
    kind: str
    is_known: bool
    is_enabled: bool
    is_ok: bool
    failing_since: datetime | None
    last_ok_at: datetime | None
    last_error: str
    retry_at: datetime | None
    backlog: int
    oldest_pending: timedelta | None  # how long the oldest has waited
    failed: int  # refused
    dead: int  # given up


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A delivery as a list shows it."""

    id: UUID
    target: str
    kind: str
    subject_kind: str
    subject_id: UUID
    case_id: UUID | None
    state: str
    attempts: int
    external_id: str
    last_error: str
    owner_team_id: UUID | None
    created_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None


def health(*, at: datetime) -> list[Health]:
    """Every connector, and every target that has none, by code. Two queries; both read open deliveries only."""
    waiting = _open_counts()
    result = []
    for code, name, kind, is_enabled, failing_since, last_ok_at, last_error, retry_at in fetch_all(
        """SELECT code, name, kind, is_enabled, failing_since, last_ok_at, last_error, retry_at
           FROM connectors_connector ORDER BY code"""
    ):
        backlog, oldest, failed, dead = waiting.pop(code, (0, None, 0, 0))
        result.append(
            Health(
                target=code,
                name=name,
                kind=kind,
                is_known=True,
                is_enabled=is_enabled,
                is_ok=failing_since is None,
                failing_since=failing_since,
                last_ok_at=last_ok_at,
                last_error=last_error,
                retry_at=retry_at,
                backlog=backlog,
                oldest_pending=None if oldest is None else at - oldest,
                failed=failed,
                dead=dead,
            )
        )
    return sorted(
        result + [_unknown(code, counts, at=at) for code, counts in waiting.items()], key=lambda one: one.target
    )


@dataclass(frozen=True, kw_only=True)
class Down:
    """A system that takes nothing just now. `since` is None while somebody has paused it. `waiting`: what is kept for it."""

    code: str
    name: str
    since: datetime | None
    waiting: int


MOST_COUNTED = 1_000  # of what waits
_DOWN = """
    SELECT c.code, c.name, c.failing_since, (SELECT count(*) FROM (
        SELECT FROM connectors_delivery d WHERE d.target = c.code AND d.state = 'pending' LIMIT %s) w)
    FROM connectors_connector c
    WHERE (c.failing_since IS NOT NULL OR NOT c.is_enabled) AND c.kind <> 'webhook' ORDER BY c.name, c.code"""


def down() -> list[Down]:
    """The systems that staff are told of, since what they send waits there. One statement, over what waits."""
    rows = fetch_all(_DOWN, (MOST_COUNTED,))
    return [Down(code=code, name=name, since=since, waiting=waiting) for code, name, since, waiting in rows]


def _open_counts() -> dict[str, tuple[int, datetime | None, int, int]]:
    rows = fetch_all(
        """SELECT target, count(*) FILTER (WHERE state = 'pending'), min(created_at) FILTER (WHERE state = 'pending'),
             count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'dead')
           FROM connectors_delivery WHERE state IN ('pending', 'failed', 'dead') GROUP BY target"""
    )
    return {target: (backlog, oldest, failed, dead) for target, backlog, oldest, failed, dead in rows}


def _unknown(code: str, counts: tuple[int, datetime | None, int, int], *, at: datetime) -> Health:
    backlog, oldest, failed, dead = counts
    return Health(
        target=code,
        name=code,
        kind="",
        is_known=False,
        is_enabled=False,
        is_ok=False,
        failing_since=oldest,
        last_ok_at=None,
        last_error="",
        retry_at=None,
        backlog=backlog,
        oldest_pending=None if oldest is None else at - oldest,
        failed=failed,
        dead=dead,
    )


def dead_letters(
    *, target: str = "", team_ids: Collection[UUID] | None = None, after: str = "", size: int = PAGE
) -> Page[Letter]:
    """What was refused or given up and waits for a person, newest first; `team_ids` narrows it to what those teams own."""
    rows = Delivery.objects.filter(state__in=[State.FAILED, State.DEAD])
    if target:
        rows = rows.filter(target=target)
    if team_ids is not None:
        rows = rows.filter(owner_team_id__in=team_ids)
    return _page(rows, after=after, size=size)


def deliveries(*, target: str, state: State | None = None, after: str = "", size: int = PAGE) -> Page[Letter]:
    """One target's deliveries, newest first."""
    rows = Delivery.objects.filter(target=target)
    return _page(rows if state is None else rows.filter(state=state), after=after, size=size)


_LETTER = tuple(Letter.__dataclass_fields__)


def _page(rows: Any, *, after: str, size: int) -> Page[Letter]:
    before = _id_in(after)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    letters = [Letter(**row) for row in rows.order_by("-pk").values(*_LETTER)[: size + 1]]
    return page_of(letters, size=size, key=lambda letter: (letter.id,))


def _id_in(after: str) -> UUID | None:
    values = read_cursor(after, length=1) if after else None
    try:
        return UUID(values[0]) if values else None
    except ValueError:
        return None


# Asking the other system. Real HTTP calls: never inside a transaction.


def open_items(target: str, *, at: datetime) -> list[Item]:
    """Everything open in another system. Raises NotFound (no such connector) or protocol.LookUpFailed."""
    return registry.adapter(target).open_items(at=at)


def states_of(target: str, external_ids: Iterable[str], *, at: datetime) -> dict[str, Item | None]:
    """How these stand in another system, one call each; None for what it does not know. Raises as `open_items`."""
    adapter = registry.adapter(target)
    return {external_id: adapter.look_up(external_id, at=at) for external_id in external_ids}


def external_ids(target: str, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """What another system calls the work it has for these cases; cases it has nothing for are left out."""
    rows = Delivery.objects.filter(target=target, case_id__in=case_ids).exclude(external_id="").order_by("-pk")
    return {case_id: external_id for case_id, external_id in rows.values_list("case_id", "external_id") if case_id}


def targets_at_work(case_id: UUID) -> list[str]:
    """The systems that have, or will have, a job for a case: asked for it and not told since that it is called off. One query."""
    rows = fetch_all(
        """SELECT target FROM (
             SELECT DISTINCT ON (target) target, kind FROM connectors_delivery
             WHERE case_id = %s AND kind <> 'ledger' AND NOT kind = ANY(%s) AND state IN ('pending', 'sent', 'acknowledged')
             ORDER BY target, id DESC) newest
           WHERE kind <> %s ORDER BY target""",
        (case_id, sorted(UPDATES - {CANCEL}), CANCEL),
    )
    return [target for (target,) in rows]


def connector(code: str) -> Connector:
    """As it is set up. Raises NotFound."""
    found = Connector.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def subscription_of(code: str) -> WebhookSubscription | None:
    """What a connector subscribes to, when it is a webhook."""
    return WebhookSubscription.objects.filter(connector__code=code).first()


def secret_of(code: str) -> str:
    """As to be typed into the other system. Raises NotFound, KeyError when its environment variable is not set."""
    found = connector(code)
    return signing.secret_as_text(
        signing.secret_of(found.code, secret_name=found.secret_name, version=found.secret_version)
    )


def is_well(code: str, *, at: datetime) -> bool:
    """Ask the other system, now. A real HTTP call: never inside a transaction. Raises NotFound, KeyError as `secret_of`."""
    return registry.adapter(code).is_well(at=at)


def webhook_secret(subscription_id: UUID) -> str:
    """As to be typed into the subscriber's system. Raises NotFound."""
    subscription = WebhookSubscription.objects.select_related("connector").filter(pk=subscription_id).first()
    if subscription is None:
        raise NotFound
    connector = subscription.connector
    secret = signing.secret_of(connector.code, secret_name=connector.secret_name, version=connector.secret_version)
    return signing.secret_as_text(secret)
