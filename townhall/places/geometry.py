"""Plain geometry on metres. Rings follow the even-odd rule, so an area may have several and holes too."""

from __future__ import annotations

from collections.abc import Sequence

Point = Sequence[float]  # easting, northing in metres
Ring = Sequence[Point]
Edge = tuple[float, float, float, float]  # x and y of its lower end, then of its upper
Box = tuple[float, float, float, float]  # west, south, east, north

_MOST_BANDS = 400


def contains(rings: Sequence[Ring], easting: float, northing: float) -> bool:
    """Whether a point is inside. On an edge it is in one of two neighbours, never in both or neither."""
    return sum(_is_left_of(edge, easting, northing) for edge in _edges(rings)) % 2 == 1


def bounds(rings: Sequence[Ring]) -> Box:
    """west, south, east, north."""
    xs = [point[0] for ring in rings for point in ring]
    ys = [point[1] for ring in rings for point in ring]
    return min(xs), min(ys), max(xs), max(ys)


class Shape:
    """Rings made ready to be asked often: their edges by height, so that a point is compared with the few beside it."""

    def __init__(self, rings: Sequence[Ring]) -> None:
        self.rings = rings
        self.box: Box = bounds(rings) if any(rings) else (0.0, 0.0, -1.0, -1.0)
        edges = _edges(rings)  # level ones too: they tell what is on an edge
        count = max(1, min(_MOST_BANDS, len(edges) // 2))
        self._high = max((self.box[3] - self.box[1]) / count, 1e-6)  # metres of a band
        self._bands: list[list[Edge]] = [[] for _band in range(count)]
        for edge in edges:
            for band in range(self._band(edge[1]), self._band(edge[3]) + 1):
                self._bands[band].append(edge)

    def holds(self, x: float, y: float) -> bool:
        """As `contains`."""
        west, south, east, north = self.box
        if not (west <= x <= east and south <= y <= north):
            return False
        inside = False
        for edge in self._bands[self._band(y)]:
            if _is_left_of(edge, x, y):
                inside = not inside
        return inside

    def is_on_edge(self, x: float, y: float, *, within: float) -> bool:
        """Whether a point is no further than so many metres from an edge."""
        west, south, east, north = self.box
        if not (west - within <= x <= east + within and south - within <= y <= north + within):
            return False
        beside = self._bands[self._band(y - within) : self._band(y + within) + 1]
        return any(_squared_distance(edge, x, y) <= within * within for band in beside for edge in band)

    def _band(self, y: float) -> int:
        return min(max(int((y - self.box[1]) / self._high), 0), len(self._bands) - 1)


def _edges(rings: Sequence[Ring]) -> list[Edge]:
    """Every edge, upwards: neighbours then reckon with the very same numbers along the border they share."""
    found: list[Edge] = []
    for ring in rings:
        if not ring:
            continue
        x1, y1 = ring[-1][0], ring[-1][1]
        for corner in ring:
            x2, y2 = corner[0], corner[1]
            found.append((x1, y1, x2, y2) if y1 <= y2 else (x2, y2, x1, y1))
            x1, y1 = x2, y2
    return found


def _is_left_of(edge: Edge, x: float, y: float) -> bool:
    """Whether a ray to the east from the point crosses the edge, whose upper end is not part of it. A level edge is never crossed."""
    x1, y1, x2, y2 = edge
    return y1 <= y < y2 and (x2 - x1) * (y - y1) > (x - x1) * (y2 - y1)


def _squared_distance(edge: Edge, x: float, y: float) -> float:
    x1, y1, x2, y2 = edge
    wide, high = x2 - x1, y2 - y1
    long = wide * wide + high * high
    part = 0.0 if long == 0 else min(1.0, max(0.0, ((x - x1) * wide + (y - y1) * high) / long))
    return (x - x1 - part * wide) ** 2 + (y - y1 - part * high) ** 2
