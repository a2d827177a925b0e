"""An answer kept sealed, such as the number of a bank account: "sealed:678:TOKEN".

Its last characters stand open, for people to know it by; the token holds all of it, and is empty once nothing needs it any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from townhall.core.sealing import fingerprint, opened, sealed

PREFIX = "sealed:"
_SHAPE = re.compile(r"sealed:[A-Za-z0-9]{0,3}:(gAAAA[A-Za-z0-9_-]{90,}={0,2})?")
HELD = r'"sealed:[A-Za-z0-9]{0,3}:gAAAA'  # in JSON, as the database matches it: one that still holds all of it
LONG = 8  # from so many characters on three of them stand open, else two


def seal(text: str) -> str:
    """Never sealed the same way twice (`comparable`)."""
    plain = re.sub(r"[^A-Za-z0-9]", "", text)
    return f"{PREFIX}{plain[-(3 if len(plain) >= LONG else 2) :]}:{sealed(text)}"


def is_sealed(value: object) -> bool:
    """Whether it looks so; what somebody typed may, and does not open (`open_one`)."""
    return isinstance(value, str) and _SHAPE.fullmatch(value) is not None


def open_one(value: str) -> str | None:
    """All of it; None for what we did not seal, or do not hold any more."""
    token = value.rpartition(":")[2]
    try:
        return opened(token) if is_sealed(value) and token else None
    except (InvalidToken, UnicodeEncodeError):
        return None


def ending(value: str) -> str:
    """What people see of it."""
    last = value.split(":")[1] if is_sealed(value) else re.sub(r"[^A-Za-z0-9]", "", value)[-2:]
    return _("ends in %(last)s") % {"last": last} if last else _("kept sealed")


def open_all(value: Any) -> Any:
    """The same with every sealed answer in it whole: for the system that uses it, and nobody else. Raises ValueError."""
    return _each(value, _must_open)


def drop_all(value: Any) -> Any:
    """The same with nothing left of sealed answers but their last characters."""
    return _each(value, lambda one: one[: one.rindex(":") + 1])


def shown_all(value: Any) -> Any:
    """The same as people may see it."""
    return _each(value, ending)


def without_ends(value: Any) -> Any:
    """The same with not even the last characters open: for those who do not see them."""
    return _each(value, lambda one: f"{PREFIX}:{one.rpartition(':')[2]}")


def comparable(value: Any) -> Any:
    """The same with a keyed hash for each sealed answer, so that the same answers are the same again."""
    return _each(value, lambda one: fingerprint("answers", open_one(one) or one))


def _must_open(value: str) -> str:
    found = open_one(value)
    if found is None:
        raise ValueError("A sealed answer cannot be opened.")
    return found


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _each(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    return change(value) if is_sealed(value) else value
