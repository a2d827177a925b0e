"""What a message may end with beyond its own words, such as a hint at a quicker way. A higher app says what, in `config`.

Asked while a message is made, also where a report is created: whoever answers reads its memory, and the database only for a customer
of whom it is not said whether they have an account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel


class Closing(Protocol):
    """The last line of a message, or nothing. `about`: the message's own id."""

    def __call__(
        self, template: str, channel: Channel, *, to: Recipient, context: Mapping[str, object], about: UUID
    ) -> str: ...


_closings: list[Closing] = []


def register(closing: Closing) -> None:
    if closing not in _closings:
        _closings.append(closing)


def of(template: str, channel: Channel, *, to: Recipient, context: Mapping[str, object], about: UUID) -> str:
    """The lines to end with, each a paragraph of its own; empty for none."""
    found = (closing(template, channel, to=to, context=context, about=about) for closing in _closings)
    return "".join(f"\n\n{line}" for line in found if line)
