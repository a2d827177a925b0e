"""What /ui-components shows."""

from __future__ import annotations

from typing import Any


def everything() -> dict[str, Any]:
    return {}
