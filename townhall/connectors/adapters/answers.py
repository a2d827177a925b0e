"""What an HTTP answer means for a delivery."""

from __future__ import annotations

from townhall.connectors.calling import Answer
from townhall.connectors.protocol import Outcome, Refused, Trouble, Unreachable

_WAIT = {429, 502, 503, 504}
_TRY_AGAIN = {408, 409, 425}  # 409: it is still working on the same key
_LONGEST_WAIT = 3_600.0  # seconds; nobody may ask us to wait longer
_SHOWN = 300  # characters of an answer kept with an error


def not_taken(answer: Answer) -> Outcome:
    """The outcome of an answer that is not 2xx."""
    said = answer.body[: _SHOWN * 4].decode(errors="replace").replace("\x00", "")[:_SHOWN].strip()
    error = f"{answer.status} {said}".strip()
    if answer.status in _WAIT:
        return Unreachable(error, retry_after=_seconds(answer.retry_after))
    if answer.status in _TRY_AGAIN or answer.status >= 500:
        return Trouble(error)
    return Refused(error)


def _seconds(text: str) -> float | None:
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdecimal() else None
