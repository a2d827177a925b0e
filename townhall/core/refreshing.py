"""Reference data kept in the process: read again when it is a few seconds old, or at once when something is missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")
_all: list[Refreshing[object]] = []
SECONDS = 3.0


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    """A value with when its reading began and until when it is fresh, in monotonic seconds."""

    value: Value
    began: float
    until: float


class Refreshing(Generic[Value]):
    """`get()` is at most `seconds` old. Teams, posts, areas and the like: small, read everywhere, seldom changed.

    However many threads want it at once, one reads it and the others wait for that. unchanged: whether a value that has grown old is
    still what would be read, where that is cheaper than reading it.
    """

    def __init__(
        self,
        load: Callable[[], Value],
        *,
        seconds: float = SECONDS,
        unchanged: Callable[[Value], bool] = lambda _value: False,
    ) -> None:
        self.seconds = seconds
        self._load = load
        self._unchanged = unchanged
        self._reading = threading.Lock()
        self._keeping = threading.Lock()
        self._kept: _Kept[Value] | None = None
        self._forgotten = 0  # how often: what was being read meanwhile is not kept
        _all.append(self)  # type: ignore[arg-type]

    def get(self) -> Value:
        kept = self._kept
        if kept is not None and time.monotonic() < kept.until:
            return kept.value
        with self._reading:
            kept = self._kept
            if kept is not None and time.monotonic() < kept.until:
                return kept.value  # somebody else read it while we waited
            return self._read(self._unchanged)

    def fresh(self) -> Value:
        """As it is now: read after this was called."""
        asked = time.monotonic()
        with self._reading:
            kept = self._kept
            return kept.value if kept is not None and kept.began > asked else self._read()

    def forget(self) -> None:
        with self._keeping:
            self._forgotten += 1
            self._kept = None

    def _read(self, unchanged: Callable[[Value], bool] = lambda _value: False) -> Value:
        old, forgotten, began = self._kept, self._forgotten, time.monotonic()
        value = old.value if old is not None and unchanged(old.value) else self._load()
        with self._keeping:
            if forgotten == self._forgotten:
                self._kept = _Kept(value, began, time.monotonic() + self.seconds)
        return value


def forget_all() -> None:
    """Drop everything kept, as tests do between one another."""
    for one in _all:
        one.forget()
