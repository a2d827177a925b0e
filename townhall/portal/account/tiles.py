"""The tiles of the account's home. Any app's panel becomes one by being registered in `config/tiles.py`; this file knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from django_stubs_ext import StrOrPromise

from townhall.core.db import fetch_one
from townhall.customers.accounts.models import Level
from townhall.portal.account.web import Me

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Whose home it is: what a tile may go by."""

    customer_id: UUID
    uprn: str  # empty while no address is known
    kinds: frozenset[str]  # resident, business, leaseholder, employee, parish, helper
    level: Level
    at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)  # what the tiles asked for: code → value


@dataclass(frozen=True, kw_only=True)
class Tile:
    """`read` gives what the template shows, or None when there is nothing to show. It makes a fixed number of queries.

    asks: SQL for one value, in which `%(customer)s` is whose home it is. What all tiles ask goes as one statement, before any is read; a
    tile whose value is false or null has nothing to show and is not read. The others find theirs in `viewer.answers`.
    """

    code: str
    title: StrOrPromise
    template: str  # sees `tile`, `it` (what was read) and `viewer`
    read: Callable[[Viewer], Any]
    asks: str = ""
    order: int = 50
    for_kinds: frozenset[str] = frozenset()  # empty: for every type of account
    level: Level = Level.EMAIL  # below it the tile says how to get there instead
    needs_address: bool = False
    for_helpers: bool = True


@dataclass(frozen=True, kw_only=True)
class Shown:
    tile: Tile
    it: Any = None
    is_locked: bool = field(default=False)  # the level is too low: nothing was read


_tiles: dict[str, Tile] = {}


def register(tile: Tile) -> None:
    """Once for each code; the same again replaces it."""
    _tiles[tile.code] = tile


def registered() -> Sequence[Tile]:
    return sorted(_tiles.values(), key=lambda one: (one.order, one.code))


def viewer_of(who: Me, *, at: datetime) -> Viewer:
    acting = who.acting
    kinds = set(acting.capacities) | {acting.role}
    if acting.role == "self" and not kinds & {"leaseholder", "employee"}:
        kinds.add("resident")
    return Viewer(customer_id=acting.customer_id, uprn=acting.uprn, kinds=frozenset(kinds), level=acting.level, at=at)


def tiles_for(viewer: Viewer) -> list[Shown]:
    """What this home shows, in order."""
    shown: list[Shown] = []
    here = [tile for tile in registered() if _is_for(tile, viewer)]
    viewer = replace(viewer, answers=_answers(viewer, (tile for tile in here if viewer.level >= tile.level)))
    for tile in here:
        if viewer.level < tile.level:
            shown.append(Shown(tile=tile, is_locked=True))
        elif viewer.answers.get(tile.code, True) not in (False, None) and (it := tile.read(viewer)) is not None:
            shown.append(Shown(tile=tile, it=it))
    return shown


def _answers(viewer: Viewer, tiles: Iterable[Tile]) -> dict[str, Any]:
    """What the tiles ask, in one statement; none when none asks."""
    asked = {tile.code: tile.asks for tile in tiles if tile.asks}
    row = fetch_one(_as_one(tuple(asked.values())), {"customer": viewer.customer_id}) if asked else None
    return dict(zip(asked, row or (), strict=True))


@lru_cache(maxsize=100)
def _as_one(asked: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(asked)


def _is_for(tile: Tile, viewer: Viewer) -> bool:
    if "helper" in viewer.kinds and not tile.for_helpers:
        return False
    if tile.needs_address and not viewer.uprn:
        return False
    return not tile.for_kinds or bool(tile.for_kinds & viewer.kinds)
