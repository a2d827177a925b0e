"""Primary keys, made in one place."""

from __future__ import annotations

import os
import time
from uuid import UUID, SafeUUID

_RANDOM = (1 << 62) - 1
_new, _set = UUID.__new__, object.__setattr__


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): Unix milliseconds, 12 bits of their fraction, then 62 random bits.

    New rows sort last, and what one process makes one after the other sorts in that order.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | nanoseconds * 4_096 // 1_000_000 << 64
    value |= 0b10 << 62 | (int.from_bytes(os.urandom(8), "big") & _RANDOM)
    made = _new(UUID)  # UUID(int=…) asks first what was given, which takes longer than all of this
    _set(made, "int", value)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


def as_uuid(text: object) -> UUID | None:
    """What somebody typed or sent as an id; None when it is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
