"""Which trade a problem needs and how urgent it is, by the table in `rules/repairs.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from townhall.catalogue.strict_yaml import load

RULES: Final = Path(__file__).parent / "rules" / "repairs.yaml"
DAYS: Final = {"urgent": 5, "routine": 20}  # working days within which a visit is offered


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trade: str
    urgency: str


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: str
    problems: dict[str, Need]


@dataclass(frozen=True)
class Found:
    problem: str
    need: Need


@cache
def rules() -> _Rules:
    content, _node = load(RULES.read_text(encoding="utf-8"))
    return msgspec.convert(content, type=_Rules)


def diagnosed(answers: Mapping[str, Any]) -> Found | None:
    """The first answer that names a problem of the table; None for a form about something else."""
    known = rules().problems
    for code, value in answers.items():
        if code.startswith("what_") and str(value) in known:
            return Found(str(value), known[str(value)])
    return None
