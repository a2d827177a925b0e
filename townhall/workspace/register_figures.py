"""Columns that a higher app adds to a register, such as the visits that a leaflet's code brought. Registered in `config`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django_stubs_ext import StrOrPromise

from townhall.registers.definition import Definition
from townhall.registers.models import Row

Counts = Mapping[UUID, Mapping[StrOrPromise, int]]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """`count` gives by row what each name stands at; a row left out stands at 0. It asks a fixed number of queries."""

    register: str
    names: tuple[StrOrPromise, ...]
    count: Callable[[Sequence[Row]], Counts]


_figures: dict[str, Figures] = {}


def register(figures: Figures) -> None:
    _figures[figures.register] = figures


def names(definition: Definition) -> tuple[StrOrPromise, ...]:
    found = _figures.get(definition.code)
    return found.names if found else ()


def of(definition: Definition, rows: Sequence[Row]) -> Counts:
    found = _figures.get(definition.code)
    return found.count(rows) if found and rows else {}
