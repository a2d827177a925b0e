"""What happened to a case, for higher apps to hear."""

from __future__ import annotations

from collections.abc import Mapping
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
class FollowersTold:
    """Followers of a case were told how it goes. `messages`: for each customer among them, the key of their message.

    `from_at`: while a change can be undone its messages wait until then.
    """

    case_id: UUID
    reference: str
    service: str  # its name
    update: str
    messages: Mapping[UUID, str]
    from_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    case_id: UUID
    service_code: str
    at: datetime
