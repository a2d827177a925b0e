"""Approved replies beside a box in which staff write to a customer: those on the topic of what was typed, one press takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from townhall.knowledge import similar
from townhall.knowledge.queries import Reply, replies_for
from townhall.knowledge.similar import Likeness

TAKE: Final = "take-reply"
# The box of a move on a case whose words go to the customer.
BOXES: Final[Mapping[str, str]] = {
    "tell": "words",
    "decline": "words",
    "ask": "question",
    "complete": "outcome_text",
    "update": "text",
}


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """like: on the topic of what was typed. others: the rest of the library for this service. field: the box they go into."""

    field: str
    like: list[Likeness]
    others: list[Reply]

    def __bool__(self) -> bool:
        return bool(self.like or self.others)

    @property
    def is_own_words(self) -> bool:
        """Whether an approved reply says what was typed in other words."""
        return bool(self.like) and not self.like[0].is_same


def of(text: str, *, service: str, field: str) -> Prompts:
    """No query."""
    like = similar.replies_like(text, service=service)
    shown = {one.reply.id for one in like}
    return Prompts(field=field, like=like, others=[one for one in replies_for(service=service) if one.id not in shown])


def taken(posted: Mapping[str, str], *, service: str) -> str | None:
    """The words of the reply that was pressed; None when none was, or it is not in use any more."""
    try:
        wanted = UUID(posted.get(TAKE, ""))
    except ValueError:
        return None
    return next((one.text for one in replies_for(service=service) if one.id == wanted), None)
