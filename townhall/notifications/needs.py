"""How a message reaches somebody: what they need, what they said they like, what they refused.

Who knows it is above this app: it says so when the apps are wired together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from townhall.notifications.models import Message
from townhall.notifications.states import Channel


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How to write to somebody about one service.

    first: what they need before any other way; never: what they cannot use, so only where there is no other.
    own: what they said of this service, best first; general: of all services. refused: never, not even where there is no other.
    email, phone, postal: where a way that they chose leads to, when the message itself was given no such address.
    """

    first: Channel | None = None
    never: frozenset[Channel] = frozenset()
    own: tuple[Channel, ...] = ()
    general: tuple[Channel, ...] = ()
    refused: frozenset[Channel] = frozenset()
    email: str = ""
    phone: str = ""
    postal: str = ""
    large_print: bool = False


ANY = Reach()


class Knows(Protocol):
    """Asks the database at most once, and nothing for whoever has no record. `service`: "" for none in particular."""

    def __call__(self, customer_id: UUID, service: str = "") -> Reach: ...


class KnowsRefused(Protocol):
    """Of pairs of a customer and a service, what they refused; only those who refused anything. One query."""

    def __call__(self, asked: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], frozenset[Channel]]: ...


_known: list[Knows] = []
_refused: list[KnowsRefused] = []


def known_by(knows: Knows, refused: KnowsRefused) -> None:
    _known[:], _refused[:] = [knows], [refused]


_whose: dict[str, Callable[[UUID], UUID | None]] = {}  # kind of a subject → whose one is, in one query


def belongs(kind: str, finds: Callable[[UUID], UUID | None]) -> None:
    """Messages about this kind of subject are in nobody's inbox; their letters are printed as whoever they are for needs them."""
    _whose[kind] = finds


def of_letter(message: Message) -> Reach:
    """What the recipient of a message needs of its letter."""
    finds = _whose.get(message.subject_kind)
    return of(message.customer_id or (finds(message.subject_id) if finds else None))


def of(customer_id: UUID | None, service: str = "") -> Reach:
    return _known[0](customer_id, service) if _known and customer_id is not None else ANY


def refused_by(asked: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], frozenset[Channel]]:
    return _refused[0](asked) if _refused and asked else {}
