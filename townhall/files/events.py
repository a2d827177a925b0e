"""What the virus scanner found, for higher apps to hear, inside the transaction that wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.subjects import Subject


@dataclass(frozen=True, kw_only=True)
class FileInfected:
    """A file holds a virus and was put into quarantine. `name`: as its sender called it."""

    file_id: UUID
    about: Subject
    case_id: UUID | None
    name: str
    threat: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FileHeld:
    """A file has waited long for the scanner, which does not answer. Announced once for each file."""

    file_id: UUID
    about: Subject
    case_id: UUID | None
    name: str
    at: datetime
