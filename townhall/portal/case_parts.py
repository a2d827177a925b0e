"""What an app adds to the page of a case: the permit, the application to schools. Registered in `config/tiles.py`; this file knows none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CasePart:
    """`template`: of `portal/parts/`; it sees what was read as `part`. Only whoever sent the case in sees it."""

    template: str
    read: Callable[[UUID, datetime], Any]


_parts: dict[str, CasePart] = {}


def register(service_code: str, part: CasePart) -> None:
    """Once for each service; the same again replaces it."""
    _parts[service_code] = part


def part_of(case_id: UUID, *, service_code: str, at: datetime) -> tuple[str, Any] | None:
    """The template and what it shows; None where the service has no part, or nothing to show."""
    found = _parts.get(service_code)
    read = found.read(case_id, at) if found else None
    return (f"portal/parts/{found.template}.html", read) if found and read is not None else None
