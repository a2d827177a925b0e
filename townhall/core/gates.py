"""Where a higher app may hold back what a lower one is about to do, with a reason: it keeps the gate, and the lower app asks there.

The links are made where the apps are wired together, as with events. A keeper raises a RuleBroken to refuse, and may write rows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, Protocol, TypeVar

from townhall.core.actors import Actor

Thing = TypeVar("Thing")
Kept_contra = TypeVar("Kept_contra", contravariant=True)


class Keeper(Protocol[Kept_contra]):
    """old: what it takes the place of, if anything. reason: why it has to be, in the words of whoever does it; may be empty."""

    def __call__(self, old: Kept_contra | None, new: Kept_contra, *, reason: str, by: Actor, at: datetime) -> None: ...


class Gate(Generic[Thing]):
    def __init__(self) -> None:
        self._keepers: list[Keeper[Thing]] = []

    def kept_by(self, keeper: Keeper[Thing]) -> None:
        if keeper not in self._keepers:
            self._keepers.append(keeper)

    def passes(self, old: Thing | None, new: Thing, *, reason: str, by: Actor, at: datetime) -> None:
        """Raises what a keeper raises."""
        for keeper in self._keepers:
            keeper(old, new, reason=reason, by=by, at=at)
