"""Asking another system about the accounts that it keeps, and having it do something at once while somebody waits.

What is asked and answered is in `contracts`. These calls are real HTTP with a limit in time, so never made inside a transaction. A
system that did not answer is left alone for some seconds by this process: pages say so at once instead of each waiting for it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

import msgspec

from townhall.connectors import registry
from townhall.connectors.protocol import LookUpFailed, Refused

Form = TypeVar("Form")
SECONDS = 3.0  # that somebody waits for a page
REST = 5.0  # seconds that a system is left alone after it did not answer


@dataclass(frozen=True)
class Answered:
    """What the other system sent. `status` is the HTTP one."""

    status: int
    body: bytes


@runtime_checkable
class Records(Protocol):
    """An adapter that can be asked. Both raise LookUpFailed when no answer came: what was asked for may have been done."""

    def read(self, path: str, *, at: datetime, seconds: float) -> Answered: ...

    def act(self, path: str, content: dict[str, object], *, key: str, at: datetime, seconds: float) -> Answered: ...


class DoesNotAnswer(LookUpFailed):
    """It is not there, too slow, or broken."""


_resting: dict[str, float] = {}
_lock = threading.Lock()


def read(target: str, path: str, form: type[Form], *, at: datetime, seconds: float = SECONDS) -> Form | None:
    """What `target` holds at `path`; None when it knows no such thing. Raises NotFound (no such connector), LookUpFailed."""
    answer = _asked(target, lambda records: records.read(path, at=at, seconds=seconds))
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise DoesNotAnswer(f"It answered {answer.status}.")
    return _decoded(answer.body, form)


def act(
    target: str,
    path: str,
    content: dict[str, object],
    form: type[Form],
    *,
    key: str,
    at: datetime,
    seconds: float = SECONDS,
) -> Form | Refused:
    """Have `target` do something. The same `key` again is done once. Raises NotFound, and LookUpFailed when it is not known whether
    it was done: ask again under the same key.
    """
    answer = _asked(target, lambda records: records.act(path, content, key=key, at=at, seconds=seconds))
    if 200 <= answer.status < 300:
        return _decoded(answer.body, form)
    if answer.status in (404, 409, 410, 422):
        return Refused(_words(answer.body))
    raise DoesNotAnswer(f"It answered {answer.status}.")


def forget() -> None:
    """Ask every system again at once."""
    with _lock:
        _resting.clear()


class _Ask(Protocol):
    def __call__(self, records: Records, /) -> Answered: ...


def _asked(target: str, ask: _Ask) -> Answered:
    adapter = registry.adapter(target)
    if not isinstance(adapter, Records):
        raise DoesNotAnswer("This system cannot be asked.")
    with _lock:
        if time.monotonic() < _resting.get(target, 0.0):
            raise DoesNotAnswer("It did not answer a moment ago.")
    try:
        answer = ask(adapter)
    except LookUpFailed:
        _rest(target)
        raise
    if answer.status >= 500 or answer.status == 429:
        _rest(target)
    return answer


def _rest(target: str) -> None:
    with _lock:
        _resting[target] = time.monotonic() + REST


def _decoded(body: bytes, form: type[Form]) -> Form:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.MsgspecError as error:
        raise DoesNotAnswer(f"Its answer makes no sense: {error}") from error


class _Said(msgspec.Struct):
    error: str = ""


def _words(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Said).error[:300]
    except msgspec.MsgspecError:
        return ""
