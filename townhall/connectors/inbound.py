"""What other systems tell us: checked, kept, and only then acted on."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from townhall.connectors import registry, signing
from townhall.connectors.events import AnnouncementReceived, StatusEventReceived
from townhall.connectors.models import Delivery, InboundEvent
from townhall.connectors.protocol import Announcement, StatusEvent, UnreadableEvent
from townhall.connectors.registry import Known
from townhall.connectors.states import State
from townhall.core.db import fetch_all, insert_unless_there
from townhall.core.errors import BadInput, KeyReused, NotAllowed
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.sealed_answers import drop_all

log = structlog.get_logger()

MOST_TRIES = 8
LONGEST_ID = 200  # characters of a sender's event id
_FIRST_WAIT = timedelta(seconds=10)
_BATCH = 50


def receive_event(source: str, event_id: str, signature: str, timestamp: str, body: bytes, *, at: datetime) -> UUID:
    """Keep a signed message from `source` and act on it; our id of it, the same when it comes again.

    It is acted on once, and again later when a handler failed; the sender need not know. Raises NotAllowed when the signature is
    wrong, the message is not of the last five minutes, or there is no such source; BadInput when it makes no sense; KeyReused when the id
    came before with something else.
    """
    connector = _genuine(source, event_id, signature, timestamp, body, at=at)
    content = _parsed(body)
    try:
        connector.adapter().read_event(content)
    except UnreadableEvent as error:
        raise BadInput({"body": str(error)}) from error
    row = {
        "id": uuid7(),
        "source": source,
        "event_id": event_id,
        "received_at": at,
        "body": content,
        "body_hash": hashlib.sha256(body).hexdigest(),
        "state": "received",
        "problem": "",
        "tries": 0,
        "next_try_at": at,
    }
    if insert_unless_there("connectors_inboundevent", row):
        assert isinstance(row["id"], UUID)
        handle(row["id"], at=at)
        return row["id"]
    earlier = InboundEvent.objects.get(source=source, event_id=event_id)
    if earlier.body_hash != row["body_hash"]:
        raise KeyReused
    return earlier.pk


def _genuine(source: str, event_id: str, signature: str, timestamp: str, body: bytes, *, at: datetime) -> Known:
    """The connector that signed this. One answer to every fault, so that nobody learns which of our connectors exist."""
    connector = registry.known(source)
    if connector is None or not connector.is_enabled or not 0 < len(event_id) <= LONGEST_ID or "\x00" in event_id:
        raise NotAllowed
    if not signing.is_right(
        connector.secret(), message_id=event_id, timestamp=timestamp, given=signature, body=body
    ) or not signing.is_fresh(timestamp, at=at):
        raise NotAllowed
    return connector


def _parsed(body: bytes) -> object:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise BadInput({"body": _("This is not JSON.")}) from None
    if not isinstance(content, dict) or rb"\u0000" in body:
        raise BadInput({"body": _("This is not a JSON object that can be kept.")})
    return content


def handle(event_id: UUID, *, at: datetime) -> bool:
    """Act on a kept message. False when that failed, and the sweep will try again; the reason is with the message."""
    try:
        with transaction.atomic():
            event = InboundEvent.objects.select_for_update(skip_locked=True).filter(pk=event_id).first()
            if event is None or event.state == InboundEvent.State.HANDLED:
                return True
            _announce(event, at=at)
            event.state, event.problem, event.tries = InboundEvent.State.HANDLED, "", event.tries + 1
            event.save(update_fields=["state", "problem", "tries"])
    except Exception as error:
        log.exception("inbound_event.failed", inbound_id=str(event_id))
        _postpone(event_id, f"{type(error).__name__}: {error}", at=at)
        return False
    return True


def sweep(at: datetime) -> int:
    """Try again what could not be acted on. How many were tried."""
    rows = fetch_all(
        """SELECT id FROM connectors_inboundevent
           WHERE state <> 'handled' AND tries < %s AND next_try_at <= %s ORDER BY next_try_at LIMIT %s""",
        (MOST_TRIES, at, _BATCH),
    )
    for (event_id,) in rows:
        handle(event_id, at=at)
    return len(rows)


def keep_part(event: AnnouncementReceived, name: str, body: dict[str, object], error: Exception) -> None:
    """Keep what of a message could not be acted on as one of its own, to be tried again, so that the rest of it stands.

    Inside the handler's transaction, and outside that of what failed.
    """
    row = {
        "id": uuid7(),
        "source": event.source,
        "event_id": f"{event.event_id[: LONGEST_ID - 80]}:{hashlib.sha256(name.encode()).hexdigest()}",
        "received_at": event.at,
        "body": body,
        "body_hash": hashlib.sha256(msgspec.json.encode(body)).hexdigest(),
        "state": "problem",
        "problem": f"{type(error).__name__}: {error}"[:1_000],
        "tries": 1,
        "next_try_at": event.at + _FIRST_WAIT,
    }
    insert_unless_there("connectors_inboundevent", row)


class NoSuchDelivery(Exception):
    """The message is about something that we did not send, or whose number we have not heard yet."""


def _announce(event: InboundEvent, *, at: datetime) -> None:
    connector = registry.known(event.source)
    assert connector is not None  # it signed this
    says = connector.adapter().read_event(event.body)
    if isinstance(says, Announcement):
        publish(
            AnnouncementReceived(
                event=event.pk,
                source=event.source,
                event_id=event.event_id,
                kind=says.kind,
                data=event.body,
                at=at,
            )
        )
        return
    delivery = _delivery(event.source, says)
    if delivery.state != State.ACKNOWLEDGED:
        delivery.state = State.ACKNOWLEDGED
        delivery.external_id = delivery.external_id or says.external_id
        delivery.sent_at = delivery.sent_at or at
        delivery.payload = drop_all(delivery.payload)  # it has it for good: nothing sends it again
        delivery.save(update_fields=["state", "external_id", "sent_at", "payload"])
    publish(
        StatusEventReceived(
            event=event.pk,
            source=event.source,
            external_id=says.external_id,
            status=says.status,
            happened_at=says.happened_at,
            reason=says.reason,
            note=says.note,
            delivery_id=delivery.pk,
            subject_kind=delivery.subject_kind,
            subject_id=delivery.subject_id,
            case_id=delivery.case_id,
            data=event.body,
            at=at,
        )
    )


def _delivery(source: str, says: StatusEvent) -> Delivery:
    """What the message is about: by our key when it repeats it, else by the other system's number. Locked."""
    mine = Delivery.objects.select_for_update().filter(target=source)
    found = mine.filter(pk=says.delivery_id).first() if says.delivery_id else None
    if found is None and says.external_id:
        found = mine.filter(external_id=says.external_id).order_by("pk").first()
    if found is None:
        raise NoSuchDelivery(says.external_id)
    return found


def _postpone(event_id: UUID, problem: str, *, at: datetime) -> None:
    with transaction.atomic():
        event = InboundEvent.objects.select_for_update().get(pk=event_id)
        event.state, event.problem, event.tries = InboundEvent.State.PROBLEM, problem[:1_000], event.tries + 1
        event.next_try_at = at + _FIRST_WAIT * 2**event.tries
        event.save(update_fields=["state", "problem", "tries", "next_try_at"])
