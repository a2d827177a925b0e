"""What part of the map is looked at, and what a click or a button on the picture asks for (the way without JavaScript)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from townhall.ui.drawn_map import METRES_A_DEGREE, Bounds, bounds_around, point_at

WIDTH, HEIGHT = 640, 420  # pixels of the picture
CLOSEST, WIDEST = 60.0, 30_000.0  # metres across
MOVES = ("north", "south", "east", "west", "in", "out")


@dataclass(frozen=True, kw_only=True)
class MapView:
    lat: float  # of the middle
    lng: float
    metres: float = 240.0  # from the left edge to the right

    def bounds(self) -> Bounds:
        return bounds_around(self.lat, self.lng, metres=self.metres, width=WIDTH, height=HEIGHT)

    def moved(self, move: str) -> MapView:
        """A third of the picture over, or twice as near or far."""
        step = self.metres / 3
        east = step / (METRES_A_DEGREE * math.cos(math.radians(self.lat)))
        north = step * HEIGHT / WIDTH / METRES_A_DEGREE
        match move:
            case "north" | "south":
                return replace(self, lat=self.lat + (north if move == "north" else -north))
            case "east" | "west":
                return replace(self, lng=self.lng + (east if move == "east" else -east))
            case "in":
                return replace(self, metres=max(CLOSEST, self.metres / 2))
            case "out":
                return replace(self, metres=min(WIDEST, self.metres * 2))
        return self

    def text(self) -> str:
        """As it travels in a form or an address."""
        return f"{self.lat:.6f},{self.lng:.6f},{self.metres:.0f}"


@dataclass(frozen=True, kw_only=True)
class MapChoice:
    view: MapView
    point: tuple[float, float] | None  # latitude and longitude as set so far
    stays: bool  # a step on the map: show the page again rather than go on


def read_view(text: str) -> MapView | None:
    """A view from `MapView.text()`; None when it is not one."""
    try:
        lat, lng, metres = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (math.isfinite(lat + lng + metres) and abs(lat) < 85 and abs(lng) <= 180):
        return None
    return MapView(lat=lat, lng=lng, metres=min(WIDEST, max(CLOSEST, metres)))


def read_point(lat: str, lng: str) -> tuple[float, float] | None:
    try:
        point = float(lat), float(lng)
    except ValueError:
        return None
    inside = math.isfinite(point[0] + point[1]) and abs(point[0]) < 85 and abs(point[1]) <= 180
    return point if inside else None


def read_choice(data: Mapping[str, str], *, name: str, start: MapView) -> MapChoice:
    """What the map named `name` in a posted form says. Fields: <name>_lat, _lng, _view, _move, _map.x and _map.y."""
    view = read_view(data.get(f"{name}_view", "")) or start
    point = read_point(data.get(f"{name}_lat", ""), data.get(f"{name}_lng", ""))
    x, y = _number(data.get(f"{name}_map.x", "")), _number(data.get(f"{name}_map.y", ""))
    if x is not None and y is not None:
        point = point_at(view.bounds(), WIDTH, HEIGHT, x, y)
        return MapChoice(view=replace(view, lat=point[0], lng=point[1]), point=point, stays=True)
    move = data.get(f"{name}_move", "")
    if move == "here":
        return MapChoice(view=view, point=(view.lat, view.lng), stays=True)
    if move in MOVES:
        return MapChoice(view=view.moved(move), point=point, stays=True)
    return MapChoice(view=view, point=point, stays=False)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
