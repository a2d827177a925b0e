"""What happened to a case, for higher apps to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    case_id: UUID
    service_code: str
    at: datetime
