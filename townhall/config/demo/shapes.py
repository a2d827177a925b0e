"""Straight lines made crooked, and what stands along them. Everything is metres."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from townhall.config.demo.kinds import Point, Ring

ORIGIN: Point = (600_000.0, 450_000.0)  # in the North Sea, well inside the reach of OSTN15
_STEP = 20.0  # between the points of a curve


def warp(x: float, y: float) -> Point:
    """A local point (metres east and north of Aldermere's corner) pushed about smoothly, as old roads are, and put on the grid."""
    east = x + 22 * math.sin(y / 143 + 1) + 8 * math.sin((x + y) / 70)
    north = y + 22 * math.sin(x / 159 + 2) + 7 * math.sin((x - y) / 80)
    return round(ORIGIN[0] + east, 1), round(ORIGIN[1] + north, 1)


def curve(*corners: Point) -> tuple[Point, ...]:
    """The straight line through local points, warped, with a point every few metres."""
    points: list[Point] = []
    for (x1, y1), (x2, y2) in itertools.pairwise(corners):
        steps = max(1, round(math.dist((x1, y1), (x2, y2)) / _STEP))
        points += [warp(x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for step in range(steps)]
    return (*points, warp(*corners[-1]))


def patch(*corners: Point) -> Ring:
    """The polygon with these local corners, its edges warped."""
    return curve(*corners, corners[0])[:-1]


def strip(line: Sequence[Point], *, width: float) -> Ring:
    """The ground `width` wide along a line on the grid."""
    left, right = [], []
    for index, (x, y) in enumerate(line):
        (x1, y1), (x2, y2) = line[max(0, index - 1)], line[min(len(line) - 1, index + 1)]
        length = math.dist((x1, y1), (x2, y2)) or 1.0
        across = (-(y2 - y1) / length * width / 2, (x2 - x1) / length * width / 2)
        left.append((round(x + across[0], 1), round(y + across[1], 1)))
        right.append((round(x - across[0], 1), round(y - across[1], 1)))
    return (*left, *reversed(right))


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A square of streets turned about its middle. `at` takes metres along and across it to local metres."""

    middle: Point
    turned: float  # radians

    def at(self, along: float, across: float) -> Point:
        cos, sin = math.cos(self.turned), math.sin(self.turned)
        return self.middle[0] + along * cos - across * sin, self.middle[1] + along * sin + across * cos


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A point on a line with the direction of the line there, a unit vector."""

    at: Point
    along: Point

    def aside(self, along: float, across: float) -> Point:
        """So far along, and so far to the left (right when negative)."""
        east = self.at[0] + self.along[0] * along - self.along[1] * across
        north = self.at[1] + self.along[1] * along + self.along[0] * across
        return round(east, 1), round(north, 1)


def length_of(line: Sequence[Point]) -> float:
    return sum(math.dist(one, two) for one, two in itertools.pairwise(line))


def spot_on(line: Sequence[Point], distance: float) -> Spot:
    """The spot so many metres from the line's start."""
    left = distance
    for (x1, y1), (x2, y2) in itertools.pairwise(line):
        length = math.dist((x1, y1), (x2, y2))
        if left <= length or (x2, y2) == tuple(line[-1]):
            share = left / length
            return Spot(
                at=(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share), along=((x2 - x1) / length, (y2 - y1) / length)
            )
        left -= length
    raise ValueError("A line needs two points.")
