"""Lower apps announce, higher apps subscribe: the one list of links is `config/subscriptions.py`.

A handler runs inside the announcing operation's transaction and writes rows only (a message, a delivery, a job), so that it
happens exactly when the operation does. It never calls another system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")
_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(kind: type[Event], handler: Callable[[Event], None]) -> None:
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)


def publish(event: object) -> None:
    for handler in _handlers[type(event)]:
        handler(event)
