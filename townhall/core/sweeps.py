"""The work that happens without anybody asking: each app registers its sweeps in `AppConfig.ready`, and the worker runs them.

A sweep handles a bounded batch (rows locked with SKIP LOCKED, so several workers may run it at once) and returns how many it
handled; while that is not 0 it is run again at once. It never depends on having run on time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from townhall.core.time import LONDON, aware, council_date

Job = TypeVar("Job")


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """`run(at)` returns how many it handled. `every`: the longest wait between two looks. `daily_at`: London time, once a day."""

    name: str
    run: Callable[[datetime], int]
    every: timedelta = timedelta(seconds=1)
    daily_at: time | None = None

    def is_due_today(self, at: datetime, *, last_on: date | None) -> bool:
        """Whether today's run of a daily sweep is still to come: its time has passed and it has not run on this London date."""
        assert self.daily_at is not None
        local = aware(at).astimezone(LONDON)
        return local.time() >= self.daily_at and (last_on is None or last_on < council_date(at))


_sweeps: dict[str, Sweep] = {}


def register(
    name: str,
    run: Callable[[datetime], int],
    *,
    every: timedelta = timedelta(seconds=1),
    daily_at: time | None = None,
) -> None:
    """Have the worker run this. `name` is `<app>.<verb>`; a daily sweep looks whether it is time at least once a minute."""
    if name in _sweeps and _sweeps[name].run is not run:
        raise ValueError(f"Two sweeps are called {name}.")
    if daily_at is not None:
        every = min(every, timedelta(minutes=1))
    _sweeps[name] = Sweep(name=name, run=run, every=every, daily_at=daily_at)


def registered() -> list[Sweep]:
    """Every sweep, by name."""
    return [_sweeps[name] for name in sorted(_sweeps)]


def each_by_itself(waiting: Iterable[Job], act: Callable[[Job], int]) -> int:
    """Act on each, so that one that cannot be done holds up none behind it; how many were handled.

    Raises what the first raised that could not be done, after the others.
    """
    failed: Exception | None = None
    handled = 0
    for one in waiting:
        try:
            handled += act(one)
        except Exception as error:  # noqa: BLE001 - it is raised below
            failed = failed or error
    if failed is not None:
        raise failed
    return handled
