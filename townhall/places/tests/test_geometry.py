"""A point is in one ward and no other, whatever the shape, as another way of reckoning says too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.places import evaluate
from townhall.places.geometry import Shape, contains
from townhall.places.models import Area
from townhall.places.projections import NATIONAL_GRID, LocalMetres
from townhall.places.whereabouts import whereabouts_among, zone

GEO = Path(__file__).resolve().parents[4] / "shared" / "data" / "geo"
A_HOLE = [[(0, 0), (100, 0), (100, 100), (0, 100)], [(40, 40), (60, 40), (60, 60), (40, 60)]]
SQUARE = [[(0, 0), (1000, 0), (1000, 1000), (0, 1000)]]
whole = st.integers(min_value=0, max_value=1000)


@given(x=st.integers(-5, 105), y=st.integers(-5, 105))
def test_bands_say_what_a_walk_over_every_edge_says(x: int, y: int) -> None:
    assert Shape(A_HOLE).holds(x, y) == contains(A_HOLE, x, y)


@given(crooked=st.lists(st.tuples(whole, whole), min_size=1, max_size=6), x=whole, y=whole, turned=st.booleans())
def test_a_point_is_in_exactly_one_of_two_neighbours_whatever_their_border(
    crooked: list[tuple[int, int]], x: int, y: int, turned: bool
) -> None:
    """The border runs from the south side to the north side through any corners; each ward has it in its own direction."""
    border = [(500, -10), *crooked, (500, 1010)]
    west = [[(-10, -10), *border, (-10, 1010)]]
    east = [[(1010, -10), (1010, 1010), *reversed(border)]]
    if turned:
        west, east = [[(y, x) for x, y in ring] for ring in west], [[(y, x) for x, y in ring] for ring in east]

    assert contains(west, x, y) != contains(east, x, y)
    for point in border[1:-1]:
        spot = (point[1], point[0]) if turned else point
        assert contains(west, *spot) != contains(east, *spot)


def test_the_outer_border_belongs_to_the_ward_and_a_gap_to_one_beside_it() -> None:
    gap = [[(1000.05, 0), (2000, 0), (2000, 1000), (1000.05, 1000)]]
    wards = [zone(Area.Kind.WARD, "W1", "One", SQUARE), zone(Area.Kind.WARD, "W2", "Two", gap)]

    assert whereabouts_among(wards, 500, 1000).ward_code == "W1"
    assert whereabouts_among(wards, 1000.02, 500).ward_code == "W1"
    assert whereabouts_among(wards, 500, 1000.5).ward_code == ""
    assert whereabouts_among(wards, 1500, 500).ward_code == "W2"


def test_areas_without_rings_hold_nothing() -> None:
    assert not Shape([]).holds(0, 0)
    assert not Shape([[]]).is_on_edge(0, 0, within=10)


def test_lines_become_metres_to_the_centimetre_or_nothing() -> None:
    local = LocalMetres(42.33, -71.08)
    points = [(42.34, -71.07), (42.35, -71.06)]

    exact = local.line_to_grid(points)
    assert exact is not None
    assert [(round(x), round(y)) for x, y in exact] == [local.to_grid(*point) for point in points]
    assert local.line_to_grid([*points, (0.0, 0.0)]) is None


def _wards_file(folder: Path) -> Path:
    """A ward with a hole, and another in the hole and beyond: made up, on the National Grid."""

    def ring(west: float, south: float, size: float) -> list[list[float]]:
        corners = ((0, 0), (size, 0), (size, size), (0, size), (0, 0))
        degrees = [NATIONAL_GRID.to_wgs84(west + x, south + y) for x, y in corners]
        return [[found[1], found[0]] for found in degrees if found]

    hole = ring(531000, 181000, 2000)
    shapes = {
        "W1": {"type": "Polygon", "coordinates": [ring(530010, 180010, 4980), hole]},
        "W2": {"type": "MultiPolygon", "coordinates": [[hole], [ring(540010, 180010, 2980)]]},
    }
    features = [
        {"type": "Feature", "properties": {"WD13CD": code, "WD13NM": code}, "geometry": shape}
        for code, shape in shapes.items()
    ]
    path = folder / "made_up.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_the_lattice_of_made_up_wards_agrees_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    path = _wards_file(tmp_path)

    said = dict(part.split("=") for part in evaluate.evaluate(tmp_path).split())
    assert said["points"] == said["agree"]
    council = evaluate.read_council(path)
    found = [whereabouts_among(council.zones, x, y).ward_code for x, y in evaluate.lattice(council.zones)]
    assert 41 <= found.count("W2") <= 50  # 25 beyond; 16 in the hole, 25 with its borders
    assert found.count("W1") > 60
    broken = [one for one in council.zones if one.code != "W2"]
    assert any(
        whereabouts_among(broken, x, y).ward_code not in evaluate.wards_by_the_other(council, x, y)
        for x, y in evaluate.lattice(council.zones)
    )


@pytest.mark.skipif(not GEO.exists(), reason="the real wards are not beside this clone")
@pytest.mark.parametrize("name", ["harrow", "haringey", "northampton"])
def test_every_point_of_a_lattice_over_real_wards_agrees(name: str) -> None:
    path = GEO / f"{name}_wards.geojson"

    said = dict(part.split("=") for part in evaluate.evaluate(path).split())

    assert int(said["points"]) > 200
    assert said["points"] == said["agree"]
    council = evaluate.read_council(path)
    features = json.loads(path.read_text())["features"]
    winding = {one["properties"]["WD13CD"]: evaluate.by_winding(one["geometry"]) for one in features}
    for x, y in list(evaluate.lattice(council.zones))[::7]:
        degrees = council.projection.to_wgs84(x, y)
        assert degrees is not None
        found = {code for code, holds in winding.items() if holds(degrees[1], degrees[0])} or {""}
        assert whereabouts_among(council.zones, x, y).ward_code in found
