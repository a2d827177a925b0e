from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, WrongState
from townhall.ledger.models import Entry
from townhall.places import grid, operations, projections
from townhall.places.models import Street
from townhall.places.projections import NATIONAL_GRID, LocalMetres
from townhall.places.whereabouts import middle_of_everywhere

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REYKJAVIK = LocalMetres(64.15, -21.94)


def test_the_meridian_is_as_long_as_the_earth_makes_it() -> None:
    # Of WGS84, from the equator to 45 degrees north.
    assert projections.transverse_mercator(45, 0) == pytest.approx((0, 4_984_944.378), abs=0.001)


def test_a_point_far_from_the_meridian_is_where_utm_puts_it() -> None:
    # The CN Tower, zone 17 (meridian 81° west, scale 0.9996, false easting 500 km): 630,084 m east and 4,833,439 m north.
    lat, lng = 43 + 38 / 60 + 33.24 / 3600, -(79 + 23 / 60 + 13.7 / 3600)

    east, north = projections.transverse_mercator(lat, lng + 81)

    assert (east * 0.9996 + 500_000, north * 0.9996) == pytest.approx((630_084, 4_833_438), abs=1.5)


@given(lat=st.floats(-80, 80), north=st.floats(-190_000, 190_000), east=st.floats(-190_000, 190_000))
def test_metres_become_degrees_and_the_same_metres_again(lat: float, north: float, east: float) -> None:
    plane = LocalMetres(lat, 179.9)  # across the date line too
    spot = (projections.FALSE_EAST + round(east), projections.FALSE_NORTH + round(north))

    degrees = plane.to_wgs84(*spot)

    assert degrees is not None
    assert -180 <= degrees[1] < 180
    assert plane.to_grid(*degrees) == spot


def test_beyond_the_plane_there_are_no_metres() -> None:
    assert REYKJAVIK.to_grid(64.15, -21.94) == (300_000, 300_000)
    assert REYKJAVIK.to_grid(51.5, -0.1) is None
    assert REYKJAVIK.to_grid(float("nan"), -21.9) is None
    assert REYKJAVIK.to_grid(64.1, float("inf")) is None
    assert REYKJAVIK.to_wgs84(0, 0) is None


def test_a_projection_is_named_by_its_code() -> None:
    assert projections.read("bng") is NATIONAL_GRID
    assert projections.read(REYKJAVIK.code) == REYKJAVIK


@pytest.mark.parametrize("code", ["", "local", "local:1", "local:91,0", "local:nan,0", "utm:1,2", "local:1,2,3"])
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is not a projection"):
        projections.read(code)


def test_what_suits_a_spot() -> None:
    assert projections.around(51.5, -0.13) is NATIONAL_GRID
    assert projections.around(64.1466, -21.9426) == LocalMetres(64.15, -21.94)


@pytest.mark.django_db
def test_a_council_chooses_its_projection_once() -> None:
    assert grid.current() is NATIONAL_GRID
    assert middle_of_everywhere() is None

    operations.choose_projection(REYKJAVIK, by=SYSTEM, at=NOON)
    operations.choose_projection(REYKJAVIK, by=SYSTEM, at=NOON)

    assert grid.to_grid(64.15, -21.94) == (300_000, 300_000)
    assert middle_of_everywhere() == (64.15, -21.94)
    assert Entry.objects.filter(verb="places.projection_chosen").count() == 1
    with pytest.raises(BadInput, match="too far from here"):
        grid.grid_or_refuse(51.5, -0.13)


@pytest.mark.django_db
def test_a_projection_stays_once_places_are_kept_in_it() -> None:
    Street.objects.create(usrn="99000001", name="Harbour Row", search_text="harbour row", easting=1, northing=1)

    with pytest.raises(WrongState, match="already kept"):
        operations.choose_projection(REYKJAVIK, by=SYSTEM, at=NOON)

    assert grid.current() is NATIONAL_GRID
