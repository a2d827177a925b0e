"""Plain geometry on metres. Rings follow the even-odd rule, so an area may have several and holes too."""

from __future__ import annotations

from collections.abc import Sequence

Point = Sequence[float]  # easting, northing in metres
Ring = Sequence[Point]


def contains(rings: Sequence[Ring], easting: float, northing: float) -> bool:
    """Whether a point is inside. On an edge it is in one of two neighbours, never in both or neither."""
    return sum(_crossings(ring, easting, northing) for ring in rings) % 2 == 1


def _crossings(ring: Ring, x: float, y: float) -> int:
    """How often a ray to the east crosses the ring."""
    count = 0
    x1, y1 = ring[-1][0], ring[-1][1]
    for corner in ring:
        x2, y2 = corner[0], corner[1]
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            count += 1
        x1, y1 = x2, y2
    return count


def bounds(rings: Sequence[Ring]) -> tuple[float, float, float, float]:
    """west, south, east, north."""
    xs = [point[0] for ring in rings for point in ring]
    ys = [point[1] for ring in rings for point in ring]
    return min(xs), min(ys), max(xs), max(ys)
