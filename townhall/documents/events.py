from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class DocumentKept:
    """The council gave a customer something on paper. Announced in the transaction that keeps it, once."""

    document_id: UUID
    customer_id: UUID
    kind: str  # documents.models.Kind
    at: datetime
