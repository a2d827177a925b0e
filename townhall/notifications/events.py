from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class MessageFailed:
    """A message could not be delivered. `fallback_id` is the message made on the next allowed channel, if there was one."""

    message_id: UUID
    case_id: UUID | None
    customer_id: UUID | None
    fallback_id: UUID | None
    at: datetime
