"""A case as a line of a customer's page."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from townhall.cases.models import OPEN_STATES
from townhall.cases.states import State


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: what the contact was to it (origin, chaser, more), or own. Without a reference it is held elsewhere, by `service`."""

    id: UUID
    kind: str
    reference: str
    service: str
    state: str
    place: str
    due_on: date | None
    may_open: bool = True

    @property
    def state_words(self) -> str:
        return str(State(self.state).label)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES
