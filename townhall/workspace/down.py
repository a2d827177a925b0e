"""Other systems that take nothing just now, said on the pages where somebody works with them. Nothing stops: what is sent waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from townhall.connectors import queries
from townhall.connectors.queries import Down
from townhall.core.refreshing import Refreshing

_down: Refreshing[Sequence[Down]] = Refreshing(queries.down)


def systems(among: Collection[str] | None = None) -> list[Down]:
    """Those that are down and have something waiting, or that this is about (`among`: codes). At most a few seconds old."""
    return [one for one in _down.get() if (one.code in among if among is not None else one.waiting)]
