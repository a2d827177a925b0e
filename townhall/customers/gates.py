"""Asked before services share more than they did. What passes: the service and its readers, such as "pothole:front" or "every:housing"."""

from __future__ import annotations

from typing import Final

from townhall.core.gates import Gate

sharing: Final[Gate[str]] = Gate()
