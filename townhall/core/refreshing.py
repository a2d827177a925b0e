"""Reference data kept in the process: read again when it is a few seconds old, or at once when something is missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
_all: list[Refreshing[object]] = []
SECONDS = 3.0


class Refreshing(Generic[Value]):
    """`get()` is at most `seconds` old. Teams, posts, areas and the like: small, read everywhere, seldom changed."""

    def __init__(self, load: Callable[[], Value], *, seconds: float = SECONDS) -> None:
        self._load = load
        self._seconds = seconds
        self._lock = threading.Lock()
        self._value: Value | None = None
        self._until = 0.0
        _all.append(self)  # type: ignore[arg-type]

    def get(self) -> Value:
        if self._value is not None and time.monotonic() < self._until:
            return self._value
        return self.fresh()

    def fresh(self) -> Value:
        with self._lock:
            value = self._load()
            self._value, self._until = value, time.monotonic() + self._seconds
            return value

    def forget(self) -> None:
        self._value = None


def forget_all() -> None:
    """Drop everything kept, as tests do between one another."""
    for one in _all:
        one.forget()
