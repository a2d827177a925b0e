"""Where things are in Aldermere: six wards in two rows, the river between them, a railway, a bypass and a harbour.

Local metres: 0 to WIDE east, 0 to HIGH north. Each ward has a turned square of streets in the middle of its cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from townhall.config.demo import names
from townhall.config.demo.kinds import Area, Green, Line, Point, Ring, Street
from townhall.config.demo.shapes import Frame, curve, patch, strip, warp

CELL_WIDE, CELL_HIGH = 1_000.0, 940.0
WIDE, HIGH = 3 * CELL_WIDE, 2 * CELL_HIGH
ROWS, GAP, HALF = 8, 95.0, 320.0  # streets across a ward, metres between them, metres of each half
TOP = (ROWS - 1) * GAP / 2
WITHERN = "Withern District Council (fictional)"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A street before it has houses: which sides get them, and how closely built."""

    street: Street
    sides: tuple[str, ...]  # "left", "right"
    style: str  # terrace, semi, detached or shops; empty for none


@dataclass(frozen=True, kw_only=True)
class Layout:
    plans: tuple[Plan, ...]
    areas: tuple[Area, ...]
    greens: tuple[Green, ...]
    lines: tuple[Line, ...]


def lay_out(random: Random) -> Layout:
    frames = [
        Frame(
            middle=((index % 3 + 0.5) * CELL_WIDE, (1.5 - index // 3) * CELL_HIGH),
            turned=math.radians(random.uniform(-9, 9)),
        )
        for index in range(6)
    ]
    usrns = iter(range(99_000_001, 99_001_000))
    called = iter(names.street_names(random, 6 * (2 * ROWS + 3)))
    plans: list[Plan] = []
    greens: list[Green] = []
    for index, frame in enumerate(frames):
        park = (random.randrange(2, ROWS - 3), random.randrange(2))
        greens.append(Green(kind="park", name=names.PARKS[index], ring=_park(frame, *park)))
        for street, sides, style in _ward_streets(index, frame, park):
            plans.append(_plan(next(usrns), next(called), index, street, sides=sides, style=style))
    plans += [_plan(next(usrns), name, None, line) for name, line in _links(frames)]
    bypass = curve((-40, HIGH - 30), (WIDE + 40, HIGH - 30))
    plans.append(_plan(next(usrns), "A9999 Aldermere Bypass", None, bypass, width=14, kept_by="trunk-road"))
    plans += [_plan(next(usrns), name, None, line, outside=True) for name, line in _outside()]
    rail = curve((CELL_WIDE + 6, -30), (CELL_WIDE - 6, HIGH + 30))
    river = curve(*_river())
    greens += _waters(river)
    lines = (
        Line(kind="rail", name="Alder Valley line", points=rail),
        Line(kind="river", name="River Alder", points=river),
        Line(kind="path", name="Riverside path", points=curve(*((x, y + 26) for x, y in _river()[1:-1]))),
    )
    return Layout(plans=tuple(plans), areas=(*_wards(), *_land(rail, bypass)), greens=tuple(greens), lines=lines)


def _plan(
    usrn: int,
    name: str,
    ward: int | None,
    line: tuple[Point, ...],
    *,
    sides: tuple[str, ...] = (),
    style: str = "",
    width: float = 6.5,
    kept_by: str = "council",
    outside: bool = False,
) -> Plan:
    code = names.WARDS[_cell_of(line) if ward is None else ward][0]
    street = Street(
        usrn=str(usrn),
        name=name,
        ward="" if outside else code,
        line=line,
        width=width,
        maintained_by="withern" if outside else kept_by,
    )
    return Plan(street=street, sides=sides, style=style)


def _cell_of(line: tuple[Point, ...]) -> int:
    """The ward that holds a line's middle, near enough for a road between wards."""
    east, north = line[len(line) // 2]
    x0, y0 = warp(0, 0)
    column = min(2, max(0, int((east - x0) // CELL_WIDE)))
    return column if north - y0 > CELL_HIGH else column + 3


def _ward_streets(
    index: int, frame: Frame, park: tuple[int, int]
) -> list[tuple[tuple[Point, ...], tuple[str, ...], str]]:
    """The streets of one ward: its line, the sides with houses, and how it is built."""
    found: list[tuple[tuple[Point, ...], tuple[str, ...], str]] = []
    style = ("semi", "terrace", "semi", "detached", "semi", "terrace")[index]
    for row in range(ROWS):
        across = row * GAP - TOP
        for half in range(2):
            line = curve(frame.at((half - 1) * HALF, across), frame.at(half * HALF, across))
            sides = tuple(side for side, block in (("left", row), ("right", row - 1)) if park != (block, half))
            shops = index == 1 and row in (3, 4) and half == 0
            found.append((line, sides, "shops" if shops else style))
    found += [(curve(frame.at(along, -TOP), frame.at(along, TOP)), (), "") for along in (-HALF, 0.0, HALF)]
    return found


def _park(frame: Frame, row: int, half: int) -> Ring:
    """The block above street `row` in that half, clear of the streets round it."""
    low, high = row * GAP - TOP + 7, (row + 1) * GAP - TOP - 7
    west, east = (half - 1) * HALF + 7, half * HALF - 7
    return patch(frame.at(west, low), frame.at(east, low), frame.at(east, high), frame.at(west, high))


def _links(frames: list[Frame]) -> list[tuple[str, tuple[Point, ...]]]:
    """Roads between wards, and the bridges over the river."""
    across = GAP * 4 - TOP
    pairs = [(0, 1), (1, 2), (3, 4), (4, 5)]
    roads = [curve(frames[one].at(HALF, across), frames[two].at(-HALF, across)) for one, two in pairs]
    roads += [curve(frames[top].at(0, -TOP), frames[top + 3].at(0, TOP)) for top in range(3)]
    roads.append(curve(frames[1].at(0, TOP), (1.5 * CELL_WIDE, HIGH - 30)))
    return list(zip(names.LINKS, roads, strict=True))


def _outside() -> list[tuple[str, tuple[Point, ...]]]:
    """A few roads over the boundary to the west, in the next council's district."""
    return [
        (names.OUTSIDE[0], curve((-10, 1_400), (-420, 1_440))),
        (names.OUTSIDE[1], curve((-200, 1_100), (-210, 1_700))),
        (names.OUTSIDE[2], curve((-380, 1_000), (-400, 1_600))),
    ]


def _river() -> list[Point]:
    return [(x, CELL_HIGH + 30 * math.sin(x / 260)) for x in [-60.0, *range(0, int(WIDE) - 100, 160), WIDE - 90]]


def _waters(river: tuple[Point, ...]) -> list[Green]:
    basin = patch(
        (WIDE - 130, CELL_HIGH - 60),
        (WIDE + 220, CELL_HIGH - 130),
        (WIDE + 220, CELL_HIGH + 110),
        (WIDE - 130, CELL_HIGH + 60),
    )
    mere = patch((12, CELL_HIGH + 60), (95, CELL_HIGH + 55), (88, CELL_HIGH + 150), (20, CELL_HIGH + 130))
    wood = patch((15, 60), (95, 50), (90, 330), (20, 300))
    return [
        Green(kind="wood", name="Osier Wood", ring=wood),
        Green(kind="water", name="River Alder", ring=strip(river, width=24)),
        Green(kind="water", name="Alder Mere", ring=mere),
        Green(kind="water", name="Aldermere Harbour", ring=basin),
    ]


def _cell(column: int, row: int) -> Ring:
    """One ward's ground. Neighbours share their edges point for point, since both are warped the same way."""
    west, south = column * CELL_WIDE, (1 - row) * CELL_HIGH
    east, north = west + CELL_WIDE, south + CELL_HIGH
    return patch((west, south), (east, south), (east, north), (west, north))


def _wards() -> tuple[Area, ...]:
    """The boundary and the wards. Gull Island, out in the bay, is a second ring of both the borough and Harbour ward."""
    middle = (WIDE + 420, CELL_HIGH - 250)
    island = patch(*((middle[0] + 90 * math.cos(turn / 4), middle[1] + 60 * math.sin(turn / 4)) for turn in range(25)))
    rim = patch((0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH))
    wards = tuple(
        Area(
            kind="ward",
            code=code,
            name=name,
            rings=(_cell(index % 3, index // 3), *((island,) if code == "harbour" else ())),
        )
        for index, (code, name) in enumerate(names.WARDS)
    )
    return (Area(kind="boundary", code="aldermere", name="Aldermere Borough", rings=(rim, island)), *wards)


def _land(rail: tuple[Point, ...], bypass: tuple[Point, ...]) -> tuple[Area, ...]:
    """Ground that other bodies look after, and the district next door."""
    south, north = CELL_HIGH - 360, CELL_HIGH - 70
    estate = patch((WIDE - 92, south), (WIDE - 6, south), (WIDE - 6, north), (WIDE - 92, north))
    next_door = patch((-900, 0), (0, 0), (0, HIGH), (-900, HIGH))
    return (
        Area(
            kind="land", code="railway", name="The railway", rings=(strip(rail, width=22),),
            owner_name="Alder Valley Railway (fictional)", owner_contact="https://railway.example.org/report",
        ),
        Area(
            kind="land", code="harbour", name="The harbour estate", rings=(estate,),
            owner_name="Aldermere Harbour Trust (fictional)", owner_contact="01632 960150",
        ),
        Area(
            kind="land", code="trunk-road", name="The A9999 Aldermere Bypass", rings=(strip(bypass, width=34),),
            owner_name="National Roads Agency (fictional)", owner_contact="https://roads.example.org/report",
        ),
        Area(
            kind="neighbour", code="withern", name="Withern District", rings=(next_door,),
            owner_name=WITHERN, owner_contact="https://withern.example.org/report",
        ),
    )  # fmt: skip
