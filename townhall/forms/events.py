"""What happened to a form, for higher apps to hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor


@dataclass(frozen=True, kw_only=True)
class FormSent:
    """A form was sent in. Never announced of a test. `by` may be another than the customer it is for."""

    submission_id: UUID
    form_code: str
    form_version: int
    by: Actor
    customer_id: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FormPublished:
    code: str
    version: int
    at: datetime
