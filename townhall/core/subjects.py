"""What something is about: a kind and an id, so that history outlives the row and floors need no foreign keys upwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

_CODED = UUID("7f0f4dd1-9a1c-5b7e-8f2e-3c1d5a60b9e4")  # drawn once: what the ids of codes are made from


@dataclass(frozen=True, kw_only=True)
class Subject:
    kind: str  # the model's word, for example "case" or "message"
    id: UUID


def coded(kind: str, code: str) -> Subject:
    """What has a code and no id of its own, such as a setting of one phone queue: the same id for the same code, always."""
    return Subject(kind=kind, id=uuid5(_CODED, f"{kind} {code}"))
