"""The map: a click means the place it seems to, everything in view is drawn, and it works without JavaScript."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.test import RequestFactory, override_settings
from django.urls import include, path
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from townhall.ui import map_features, views
from townhall.ui.drawn_map import METRES_A_DEGREE, Pin, bounds_around, metres_wide, point_at, svg_map, xy
from townhall.ui.map_layers import layer_settings, outside_sources
from townhall.ui.map_view import HEIGHT, WIDTH, MapView, read_choice, read_view
from townhall.ui.tests.tiny_borough import LAT, LNG, at, borough, everything

urlpatterns = [path("", include("townhall.ui.urls"))]
pytestmark = pytest.mark.urls(__name__)
SVG = {"svg": "http://www.w3.org/2000/svg"}
START = MapView(lat=LAT, lng=LNG)


@pytest.fixture(autouse=True)
def hamlet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_features, "_sources", [borough])


def parsed(svg: str) -> Any:
    return etree.fromstring(svg.encode())


@given(
    lat=st.floats(49, 61),
    lng=st.floats(-8, 2),
    metres=st.floats(60, 30_000),
    x=st.floats(0, WIDTH),
    y=st.floats(0, HEIGHT),
)
def test_a_click_means_the_place_under_it(lat: float, lng: float, metres: float, x: float, y: float) -> None:
    bounds = bounds_around(lat, lng, metres=metres, width=WIDTH, height=HEIGHT)

    there = point_at(bounds, WIDTH, HEIGHT, x, y)

    assert xy(bounds, WIDTH, HEIGHT, lat=there[0], lng=there[1]) == pytest.approx((x, y), abs=0.01)


def test_the_scale_is_the_same_both_ways() -> None:
    bounds = START.bounds()

    assert metres_wide(bounds) == pytest.approx(240, rel=1e-4)
    assert (bounds.north - bounds.south) * METRES_A_DEGREE == pytest.approx(240 * HEIGHT / WIDTH, rel=1e-6)


def test_everything_in_view_is_drawn_with_its_words() -> None:
    bounds = START.bounds()
    features = list(borough(bounds, detail=True))

    drawn = parsed(svg_map(features, bounds, WIDTH, HEIGHT))

    houses = [feature["properties"] for feature in features if feature["properties"]["kind"] == "building"]
    words = drawn.xpath("//svg:text/text()", namespaces=SVG)
    assert len(houses) == 10
    assert len(drawn.xpath("//svg:path[@data-kind='building']", namespaces=SVG)) == len(houses)
    assert {str(house["number"]) for house in houses} <= set(words)
    assert {"Long Lane", "Pond Lane", "Duck Pond"} <= set(words)
    assert len(drawn.xpath("//svg:path[@stroke='#8f8a80']", namespaces=SVG)) == 2  # a kerb line for each street


def test_one_side_of_a_street_is_far_enough_from_the_other() -> None:
    """At the first view a street's two kerbs are more than a fingertip's rounding apart: 7 m is over 18 pixels."""
    bounds = START.bounds()
    north = xy(bounds, WIDTH, HEIGHT, lat=at(-40, 3.5)[1], lng=at(-40, 3.5)[0])
    south = xy(bounds, WIDTH, HEIGHT, lat=at(-40, -3.5)[1], lng=at(-40, -3.5)[0])

    assert south[1] - north[1] > 18


def test_numbers_of_houses_wait_until_they_can_be_read() -> None:
    far = MapView(lat=LAT, lng=LNG, metres=700).bounds()

    words = parsed(svg_map(everything(), far, WIDTH, HEIGHT)).xpath("//svg:text/text()", namespaces=SVG)

    assert "12" not in words
    assert "Lower Green" in words


def test_names_cannot_break_out_of_the_picture() -> None:
    street = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [at(-90, 0), at(90, 0)]},
        "properties": {"kind": "street", "name": '<script>"&'},
    }

    drawn = svg_map([street], START.bounds(), WIDTH, HEIGHT, [Pin(lat=LAT, lng=LNG, title="<b>")], title='"><b>')

    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert '<script>"&' in parsed(drawn).xpath("//svg:text/text()", namespaces=SVG)


def test_a_point_in_the_garden_is_near_the_house_and_one_in_the_road_near_the_street() -> None:
    lng, lat = at(-47, 8)
    assert map_features.near_what(everything(), lat=lat, lng=lng) == "3 Long Lane"
    lng, lat = at(200, 12)
    assert map_features.near_what(everything(), lat=lat, lng=lng) == "Long Lane"
    lng, lat = at(250, -250)
    assert map_features.near_what(everything(), lat=lat, lng=lng) == ""


def test_a_collection_gives_what_touches_the_view_and_no_more() -> None:
    asked = []

    def load() -> list[Any]:
        asked.append(1)
        return list(everything())

    collection = map_features.Collection(load)
    corner = bounds_around(at(100, 100)[1], at(100, 100)[0], metres=40, width=100, height=100)

    assert {feature["properties"]["kind"] for feature in collection(corner, detail=True)} == {"park", "path"}
    assert {feature["properties"]["kind"] for feature in collection(corner, detail=False)} == {"park"}
    assert list(collection(START.bounds(), detail=True)) == list(borough(START.bounds(), detail=True))
    assert asked == [1]


def test_a_street_across_the_view_is_found_although_it_begins_and_ends_outside() -> None:
    collection = map_features.Collection(lambda: list(everything()))
    middle = bounds_around(at(150, 10)[1], at(150, 10)[0], metres=20, width=100, height=100)

    assert "Long Lane" in {feature["properties"].get("name") for feature in collection(middle, detail=True)}


def test_the_first_view_is_of_the_middle_of_the_borough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_features, "_sources", [map_features.Collection(lambda: list(everything()))])

    assert map_features.middle() == pytest.approx((LAT, LNG), abs=1e-4)


def test_selecting_a_point_of_the_picture_sets_the_place() -> None:
    data = {"place_view": START.text(), "place_map.x": str(WIDTH // 4), "place_map.y": str(HEIGHT // 2)}

    choice = read_choice(data, name="place", start=MapView(lat=0, lng=0))

    assert choice.stays
    assert choice.point is not None
    assert choice.point == pytest.approx((LAT, at(-60, 0)[0]), abs=1e-5)


def test_moving_the_picture_keeps_the_place_that_was_set() -> None:
    data = {"place_view": START.text(), "place_move": "east", "place_lat": "54.600100", "place_lng": "1.400200"}

    choice = read_choice(data, name="place", start=START)

    assert choice.stays
    assert choice.point == (54.6001, 1.4002)
    assert (choice.view.lng - LNG) * METRES_A_DEGREE * math.cos(math.radians(LAT)) == pytest.approx(80, abs=0.5)


def test_closer_then_the_place_in_the_middle() -> None:
    closer = read_choice({"place_view": START.text(), "place_move": "in"}, name="place", start=START)
    here = read_choice({"place_view": closer.view.text(), "place_move": "here"}, name="place", start=START)

    assert closer.view.metres == 120
    assert here.point == pytest.approx((LAT, LNG))


def test_going_on_is_not_a_step_on_the_map() -> None:
    assert not read_choice({"place_lat": "54.6", "place_lng": "1.4"}, name="place", start=START).stays


@pytest.mark.parametrize("text", ["", "1,2", "nan,1,100", "inf,0,1", "95,0,100", "x,y,z", "1,2,3,4"])
def test_a_view_that_makes_no_sense_is_not_one(text: str) -> None:
    assert read_view(text) is None


def test_a_view_is_kept_within_reason() -> None:
    view = read_view("54.6,1.4,99999999")

    assert view is not None
    assert view.metres == 30_000


def test_the_picture_is_served_with_its_pins() -> None:
    response = views.map_picture(
        RequestFactory().get("/map/picture.svg", {"view": START.text(), "pin": "54.6001,1.4001", "point": "54.6,1.4"})
    )

    drawn = parsed(response.content.decode())
    assert response["Content-Type"] == "image/svg+xml"
    assert len(drawn.xpath("//svg:g", namespaces=SVG)) == 2
    assert views.map_picture(RequestFactory().get("/map/picture.svg", {"view": "?"})).status_code == 400


def test_houses_are_left_out_of_a_wide_view() -> None:
    def kinds(metres: float) -> set[str]:
        bounds = MapView(lat=LAT, lng=LNG, metres=metres).bounds()
        bbox = f"{bounds.west},{bounds.south},{bounds.east},{bounds.north}"
        answer = views.map_features(RequestFactory().get("/map/features", {"bbox": bbox}))
        return {feature["properties"]["kind"] for feature in json.loads(answer.content)["features"]}

    assert "building" in kinds(240)
    assert "building" not in kinds(5_000)
    assert "street" in kinds(5_000)


@pytest.mark.parametrize("bbox", ["", "1,2,3", "2,54,1,55", "-180,-80,180,80", "nan,1,2,3"])
def test_a_box_that_is_wrong_or_as_wide_as_a_country_is_refused(bbox: str) -> None:
    assert views.map_features(RequestFactory().get("/map/features", {"bbox": bbox})).status_code == 400


def test_the_map_in_a_form_works_without_javascript() -> None:
    template = engines["jinja2"].from_string(
        '{% from "components/map/macro.jinja" import map_picker %}{{ map_picker("place", view, point=point, nearby=nearby) }}'
    )
    nearby = [{"lat": LAT, "lng": LNG, "title": "Street light out </script>", "href": "/r/1", "note": ""}]

    page = template.render({"view": START, "point": (54.6001, 1.4002), "nearby": nearby})

    assert 'name="place_lat" value="54.600100"' in page
    assert 'type="image" name="place_map"' in page
    assert page.count('name="place_move"') == 7
    assert '<a class="govuk-link" href="/r/1">Street light out &lt;/script&gt;</a>' in page


def test_a_small_map_is_part_of_the_page_and_has_words() -> None:
    template = engines["jinja2"].from_string(
        '{% from "components/map/macro.jinja" import location_map %}{{ location_map(54.6, 1.4, "Outside 4 Long Lane") }}'
    )

    page = template.render({})

    assert 'role="img" aria-label="Map of Outside 4 Long Lane"' in page
    assert " style=" not in page


def test_the_layer_is_chosen_in_settings() -> None:
    with override_settings(MAP_LAYER="osm", OSM_TILE_URL="https://tiles.example.org/{z}/{x}/{y}.png"):
        assert layer_settings()["tiles"] == "https://tiles.example.org/{z}/{x}/{y}.png"
        assert "OpenStreetMap" in layer_settings()["attribution"]
    with override_settings(MAP_LAYER="os", OS_MAPS_KEY="a-key"):
        assert "Contains OS data" in layer_settings()["attribution"]
        assert layer_settings()["style"].endswith("key=a-key")
    with override_settings(MAP_LAYER="drawn"):
        assert layer_settings() == {"layer": "drawn", "attribution": ""}


def test_a_layer_that_cannot_work_stops_with_a_sentence() -> None:
    with override_settings(MAP_LAYER="os", OS_MAPS_KEY=""), pytest.raises(ImproperlyConfigured, match="OS_MAPS_KEY"):
        layer_settings()
    with override_settings(MAP_LAYER="paper"), pytest.raises(ImproperlyConfigured, match="drawn, osm, os"):
        layer_settings()


def test_the_drawn_map_asks_nobody_else() -> None:
    assert outside_sources("drawn") == []
    assert outside_sources("osm", "https://tiles.example.org/{z}/{x}/{y}.png") == ["https://tiles.example.org"]
    assert outside_sources("os") == ["https://api.os.uk"]
