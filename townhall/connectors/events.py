"""What happened at the border, for higher apps to hear. Each is published inside the transaction that wrote it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.core.actors import Actor


@dataclass(frozen=True, kw_only=True)
class DeliverySent:
    """Another system took it, and calls it `external_id` (empty when it has no name for it)."""

    delivery_id: UUID
    target: str
    case_id: UUID | None
    external_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed:
    """It was refused, or given up after many tries. Somebody has to look; `owner_team_id` says who, when known."""

    delivery_id: UUID
    target: str
    case_id: UUID | None
    owner_team_id: UUID | None
    state: str  # failed or dead
    error: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DeliveriesResent:
    """A person had these sent again. For the ledger, which is this app's sibling."""

    delivery_ids: Sequence[UUID]
    by: Actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StatusEventReceived:
    """Another system says how far something is. Published once for each event, or again after a handler failed."""

    event: UUID  # InboundEvent.id
    source: str  # connector code
    external_id: str
    status: str  # accepted, scheduled, completed or refused; others are the other system's own
    happened_at: datetime  # as the other system says
    reason: str  # a code, or empty
    note: str  # somebody's words, for the case; never for the ledger
    delivery_id: UUID
    subject_kind: str
    subject_id: UUID
    case_id: UUID | None
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AnnouncementReceived:
    """Another system tells of something that we did not send: a crew on its round, for example."""

    event: UUID  # InboundEvent.id
    source: str  # connector code
    event_id: str  # the other system's own
    kind: str
    data: dict[str, Any]
    at: datetime
