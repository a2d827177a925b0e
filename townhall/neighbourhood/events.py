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
class ProposalsAppeared:
    """Applications that nobody had told us of before. `kind`: a Proposal.Kind."""

    kind: str
    proposals: Sequence[NewProposal]
    source: str
    at: datetime
