"""What happens to residents' accounts that others hear: `customers` keeps whose record it opens, and writes the mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CodeMade:
    """A six-digit code to be mailed. `purpose` is a steps.Purpose. Held nowhere but in the mail."""

    step_id: UUID
    purpose: str
    email: str
    name: str
    code: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountNews:
    """Something the owner of an account is told by mail. `what` names the wording."""

    account_id: UUID
    email: str
    name: str
    what: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountOpened:
    """An account whose email address was proved. `customer_id`: the record it was opened for, None for somebody new."""

    account_id: UUID
    email: str
    name: str
    kind: str  # resident, business, leaseholder, employee or parish
    organisation: str
    uprn: str  # where they say they live; empty when they did not say
    customer_id: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountEmailChanged:
    account_id: UUID
    was: str
    email: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountClosed:
    account_id: UUID
    at: datetime
