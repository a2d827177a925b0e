"""Handing things to other systems, and setting up with whom we speak. Nothing here calls anybody: the worker does (delivering.py)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from townhall.connectors import registry
from townhall.connectors.addresses import check_url
from townhall.connectors.events import DeliveriesResent
from townhall.connectors.models import Connector, Delivery, WebhookSubscription
from townhall.connectors.protocol import kinds
from townhall.connectors.states import NEXT, State
from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_all, fetch_one, json
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.sealed_answers import HELD, drop_all
from townhall.core.subjects import Subject
from townhall.core.time import aware

MOST_AT_ONCE = 1_000  # deliveries sent again in one operation
WEBHOOK = "webhook"

_INSERT = """INSERT INTO connectors_delivery
    (id, target, kind, payload, subject_kind, subject_id, case_id, key, state, attempts, next_attempt_at, external_id, last_error,
     created_at, queued_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'pending', 0, %s, '', '', %s, %s)"""
_INSERT_ONCE = f"{_INSERT} ON CONFLICT (key) DO NOTHING"


def deliver(
    target: str,
    *,
    kind: str,
    payload: dict[str, object],
    about: Subject,
    key: str,
    at: datetime,
    case_id: UUID | None = None,
    is_new: bool = False,
) -> UUID:
    """Have the worker send `payload` to the connector `target`, once this transaction commits. The delivery's id.

    One key is one delivery: under a key used before nothing is made, and the earlier id comes back (inside `pipelined()`, where
    answers are not waited for, the id is right for new keys only). Deliveries about the same subject arrive in order.
    is_new: the key is of something made in this very transaction, so nobody can have used it, and it costs less to write.
    """
    made, moment = uuid7(), aware(at)
    row = (made, target, kind, json(payload), about.kind, about.id, case_id, key, moment, moment, moment)
    if execute(_INSERT if is_new else _INSERT_ONCE, row) != 0:
        return made
    earlier = fetch_one("SELECT id FROM connectors_delivery WHERE key = %s", (key,))
    assert earlier is not None
    assert isinstance(earlier[0], UUID)
    return earlier[0]


@transaction.atomic
def resend(delivery_ids: Collection[UUID], *, by: Actor, at: datetime) -> list[UUID]:
    """Send these again: refused, given up, or (a replay) taken already. Others are left as they are. The ids that will go out.

    They go under the same Idempotency-Key. Whether `by` may is the caller's door's to decide. Raises BadInput over MOST_AT_ONCE.
    """
    if len(delivery_ids) > MOST_AT_ONCE:
        raise BadInput({"deliveries": _("Choose at most {most} at a time.").format(most=MOST_AT_ONCE)})
    again = [state for state, moves in NEXT.items() if State.PENDING in moves]
    found = Delivery.objects.select_for_update().filter(pk__in=delivery_ids, state__in=again).order_by("pk")
    ids = list(found.values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=ids).update(
        state=State.PENDING, attempts=0, next_attempt_at=at, queued_at=at, last_error=""
    )
    if ids:
        publish(DeliveriesResent(delivery_ids=ids, by=by, at=at))
    return ids


@transaction.atomic
def set_connector(
    code: str,
    *,
    name: str,
    kind: str,
    base_url: str,
    at: datetime,
    secret_name: str = "",
    owner_team_id: UUID | None = None,
    is_enabled: bool = True,
) -> Connector:
    """Make or change a connector. Raises BadInput when no adapter is registered for its kind."""
    if kind not in kinds():
        raise BadInput({"kind": _("There is no adapter for {kind}.").format(kind=kind)})
    connector, _made = Connector.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "kind": kind,
            "base_url": base_url,
            "secret_name": secret_name,
            "owner_team_id": owner_team_id,
            "is_enabled": is_enabled,
        },
        create_defaults={
            "code": code,
            "name": name,
            "kind": kind,
            "base_url": base_url,
            "secret_name": secret_name,
            "owner_team_id": owner_team_id,
            "is_enabled": is_enabled,
            "created_at": aware(at),
        },
    )
    registry.forget()
    return connector


@transaction.atomic
def switch_connector(code: str, *, is_enabled: bool, at: datetime) -> None:
    """Stop sending to it, or go on. What waits stays; health begins anew."""
    Connector.objects.filter(code=code).update(
        is_enabled=is_enabled, failures=0, failing_since=None, retry_at=None, last_error=""
    )
    registry.forget()


@transaction.atomic
def renew_secret(code: str) -> None:
    """Make a new secret for a connector whose own is derived; the other system's messages are refused until it has the new one.

    Raises NotFound, WrongState for one whose secret is in the environment.
    """
    connector = Connector.objects.select_for_update().filter(code=code).first()
    if connector is None:
        raise NotFound
    if connector.secret_name:
        raise WrongState(_("Its secret is kept in the environment. Change it there."))
    connector.secret_version += 1
    connector.save(update_fields=["secret_version"])
    registry.forget()


@transaction.atomic
def add_webhook(
    name: str,
    *,
    url: str,
    verbs: Sequence[str],
    position: int,
    at: datetime,
    owner_team_id: UUID | None = None,
    subscription_id: UUID | None = None,
) -> WebhookSubscription:
    """Tell `url` of every ledger entry after `position` whose verb is among `verbs` ("case.*" is all of them; none given: everything).

    Its secret, to be typed into the other system, is `queries.webhook_secret`. Raises BadInput when it may not be called.
    """
    check_url(url)
    connector = Connector.objects.create(
        code=f"{WEBHOOK}-{secrets.token_hex(4)}",
        name=name,
        kind=WEBHOOK,
        base_url=url,
        owner_team_id=owner_team_id,
        created_at=aware(at),
    )
    registry.forget()
    return WebhookSubscription.objects.create(
        id=subscription_id or uuid7(),
        connector=connector,
        verbs=list(verbs),
        position=position,
        entry_id=UUID(int=(1 << 128) - 1),
        created_at=aware(at),
    )


@transaction.atomic
def replay_webhook(subscription_id: UUID, *, position: int) -> None:
    """Go through the ledger again from after `position`. Entries already sent keep their delivery and are sent again under the same id."""
    subscription = WebhookSubscription.objects.select_for_update().get(pk=subscription_id)
    subscription.position, subscription.entry_id = position, UUID(int=(1 << 128) - 1)
    subscription.save(update_fields=["position", "entry_id"])


@transaction.atomic
def drop_sealed(case_id: UUID) -> bool:
    """Of what was delivered for a case, take away the sealed answers that nothing is still to send. Whether none are left."""
    held = fetch_all("SELECT id FROM connectors_delivery WHERE case_id = %s AND payload::text ~ %s", (case_id, HELD))
    waits = False
    for one in Delivery.objects.select_for_update().filter(pk__in=[pk for (pk,) in held]).order_by("pk"):
        if one.state == State.PENDING:
            waits = True
            continue
        one.payload = drop_all(one.payload)
        one.save(update_fields=["payload"])
    return not waits


def holds_sealed(case_id: UUID) -> bool:
    """Whether a delivery for this case still holds a sealed answer. One query."""
    rows = fetch_one(
        "SELECT 1 FROM connectors_delivery WHERE case_id = %s AND payload::text ~ %s LIMIT 1", (case_id, HELD)
    )
    return rows is not None
