"""Who is told of what happens: signed calls to another system, from the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from msgspec import Meta, Struct

from townhall.connectors import operations as connectors
from townhall.connectors import queries
from townhall.connectors.models import Connector, WebhookSubscription
from townhall.core.api.endpoints import Call, Group
from townhall.core.db import fetch_one
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.ledger.operations import record

group = Group("Webhooks")
MANAGE = "deliveries.manage"


class WebhookIn(Struct, frozen=True, kw_only=True):
    """`verbs`: for example `case.closed`, or `case.*` for every one that starts so; none means everything."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    verbs: Annotated[
        list[Annotated[str, Meta(max_length=100, pattern=r"^[a-z_.]+(\.\*)?$")]], Meta(max_length=100)
    ] = []


class WebhookOut(Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    url: str
    verbs: list[str]
    is_enabled: bool
    last_ok_at: datetime | None
    last_error: str


class WebhookMade(WebhookOut, frozen=True, kw_only=True):
    secret: str  # signs every call; kept nowhere that can be read later


class LetterOut(Struct, frozen=True, kw_only=True):
    """A call that was refused or given up."""

    id: UUID
    kind: str
    state: str
    attempts: int
    last_error: str
    created_at: datetime


def webhook_again(_call: Call, earlier: UUID) -> WebhookMade:
    return _made(_find(earlier))


@group.endpoint("GET", "/webhooks", summary="Every webhook", gives=list[WebhookOut], scope=MANAGE)
def list_webhooks(_call: Call) -> list[WebhookOut]:
    rows = WebhookSubscription.objects.select_related("connector").order_by("created_at")
    return [WebhookOut(**_fields(one)) for one in rows]


@group.endpoint(
    "POST",
    "/webhooks",
    summary="Be told of what happens from now on",
    gives=WebhookMade,
    takes=WebhookIn,
    status=201,
    scope=MANAGE,
    again=webhook_again,
)
def add_webhook(call: Call) -> WebhookMade:
    """The answer holds the secret that signs every call (Standard Webhooks). Calls that fail are tried again for days."""
    body: WebhookIn = call.body
    horizon = fetch_one("SELECT ledger_horizon()")
    assert horizon is not None
    with transaction.atomic():
        made = connectors.add_webhook(
            body.name,
            url=body.url,
            verbs=body.verbs,
            position=horizon[0] - 1,
            at=call.at,
            subscription_id=call.new_id,
        )
        record("webhook.added", about=_this(made.pk), by=call.by, at=call.at)
    return _made(made)


@group.endpoint("DELETE", "/webhooks/{webhook_id}", summary="Stop it", gives=None, scope=MANAGE)
def stop_webhook(call: Call) -> None:
    """Nothing more is sent; what was sent stays on record. Stopping twice is once."""
    found = _find(call.path["webhook_id"])
    with transaction.atomic():
        connectors.switch_connector(found.connector.code, is_enabled=False, at=call.at)
        record("webhook.stopped", about=_this(found.pk), by=call.by, at=call.at)


@group.endpoint(
    "GET",
    "/webhooks/{webhook_id}/dead-letters",
    summary="Calls that were refused or given up",
    gives=list[LetterOut],
    scope=MANAGE,
)
def dead_letters(call: Call) -> list[LetterOut]:
    """The newest fifty."""
    page = queries.dead_letters(target=_find(call.path["webhook_id"]).connector.code)
    return [
        LetterOut(
            id=one.id,
            kind=one.kind,
            state=one.state,
            attempts=one.attempts,
            last_error=one.last_error,
            created_at=one.created_at,
        )
        for one in page.rows
    ]


def _find(webhook_id: UUID) -> WebhookSubscription:
    found = WebhookSubscription.objects.select_related("connector").filter(pk=webhook_id).first()
    if found is None:
        raise NotFound
    return found


def _made(subscription: WebhookSubscription) -> WebhookMade:
    return WebhookMade(**_fields(subscription), secret=queries.webhook_secret(subscription.pk))


def _fields(subscription: WebhookSubscription) -> dict[str, Any]:
    connector: Connector = subscription.connector
    return {
        "id": subscription.pk,
        "name": connector.name,
        "url": connector.base_url,
        "verbs": list(subscription.verbs),
        "is_enabled": connector.is_enabled,
        "last_ok_at": connector.last_ok_at,
        "last_error": connector.last_error,
    }


def _this(webhook_id: UUID) -> Subject:
    return Subject(kind="webhook", id=webhook_id)
