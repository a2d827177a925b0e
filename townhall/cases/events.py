"""What happened to a case, for higher apps to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CaseOpened:
    """A case was opened and its customer told. `form_code` is empty for what is reported with a place."""

    case_id: UUID
    service_code: str
    form_code: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseAccepted:
    """Somebody, or the rules, said that the council will do it."""

    case_id: UUID
    service_code: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    case_id: UUID
    service_code: str
    at: datetime
