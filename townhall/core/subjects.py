"""What something is about: a kind and an id, so that history outlives the row and floors need no foreign keys upwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Subject:
    kind: str  # the model's word, for example "case" or "message"
    id: UUID
