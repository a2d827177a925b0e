"""One at a time: whoever takes a turn waits until nobody else has it, and keeps it until their transaction ends."""

from __future__ import annotations

from townhall.core.db import execute


def take_turn(name: str | int) -> None:
    """The turn called `name`, by itself or with the id of what it is about. An advisory lock of PostgreSQL, so nothing is written.

    A number is the lock's own, kept where programs of an earlier release know it by that.
    """
    if isinstance(name, int):
        execute("SELECT pg_advisory_xact_lock(%s)", (name,))
    else:
        execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
