"""What became known of a neighbourhood, for higher apps to hear, inside the transaction that wrote it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class NewProposal:
    id: UUID
    reference: str
    description: str
    location: str
    is_open: bool
    received_on: date | None
    easting: int | None
    northing: int | None


@dataclass(frozen=True, kw_only=True)
class IncidentPosted:
    """The council announced what it knows of a place. `scope`: an Incident.Scope. `round_code`: of one round's bins alone."""

    incident_id: UUID
    service_code: str
    scope: str
    scope_code: str
    round_code: str
    title: str
    message: str
    reason: str
    starts_at: datetime
    source: str  # who announced it: a kind of actor
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    id: UUID
    title: str
    description: str
    location: str
    starts_at: datetime
    easting: int | None
    northing: int | None


@dataclass(frozen=True, kw_only=True)
class EventsAppeared:
    """Events that this source had not told us of before."""

    events: Sequence[NewEvent]
    source: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ProposalsAppeared:
    """Applications that nobody had told us of before. `kind`: a Proposal.Kind."""

    kind: str
    proposals: Sequence[NewProposal]
    source: str
    at: datetime
