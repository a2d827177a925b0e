from __future__ import annotations

import re
import time
from collections import Counter
from datetime import date

import pytest

from townhall.accounts.models import Role
from townhall.catalogue.operations import OUR_PACKS
from townhall.catalogue.reading import read_folder
from townhall.config.demo import people, sites
from townhall.config.demo.borough import borough, features_geojson
from townhall.config.demo.kinds import Area
from townhall.places import geometry
from townhall.places.projections import NATIONAL_GRID
from townhall.ui.drawn_map import ORDER, bounds_around, svg_map

ALDERMERE = borough()
POSTCODE = re.compile(r"^ZZ[0-9] [0-9][ABD-HJLNP-UW-Z]{2}$")


def areas(kind: str) -> dict[str, Area]:
    return {area.code: area for area in ALDERMERE.areas if area.kind == kind}


def test_the_same_seed_gives_the_same_borough_and_another_gives_another() -> None:
    again = borough.__wrapped__(1_066)

    assert again == ALDERMERE
    assert borough.__wrapped__(1_067).addresses != ALDERMERE.addresses


def test_it_is_made_in_under_two_seconds() -> None:
    before = time.process_time()
    borough.__wrapped__(7)
    features_geojson.__wrapped__(7)

    assert time.process_time() - before < 2


def test_it_is_the_size_of_a_small_town() -> None:
    assert len(ALDERMERE.streets) >= 120
    assert 3_800 <= len(ALDERMERE.addresses) <= 4_400
    assert len(areas("ward")) == 6
    assert len({street.name for street in ALDERMERE.streets}) == len(ALDERMERE.streets)


def test_identifiers_are_unique_well_formed_and_openly_fictional() -> None:
    uprns = [address.uprn for address in ALDERMERE.addresses]
    assert len(set(uprns)) == len(uprns)
    assert all(len(uprn) == 12 and uprn.startswith("9999") for uprn in uprns)
    assert all(len(street.usrn) == 8 and street.usrn.startswith("99") for street in ALDERMERE.streets)
    assert all(POSTCODE.match(address.postcode) for address in ALDERMERE.addresses)
    assert len({address.line for address in ALDERMERE.addresses}) == len(ALDERMERE.addresses)


def test_a_postcode_is_one_side_of_one_street() -> None:
    streets = Counter(code for code, _street in {(one.postcode, one.street) for one in ALDERMERE.addresses})

    assert set(streets.values()) == {1}


def test_every_point_lies_at_sea_and_goes_to_degrees_and_back() -> None:
    for address in ALDERMERE.addresses[::37]:
        degrees = NATIONAL_GRID.to_wgs84(address.easting, address.northing)
        assert degrees is not None
        assert NATIONAL_GRID.to_grid(*degrees) == (address.easting, address.northing)
        lat, lng = degrees
        assert 53.9 < lat < 53.94
        assert 1.03 < lng < 1.12  # 80 km off the coast of Yorkshire


def test_each_address_is_in_its_own_ward_and_no_other_and_inside_the_boundary() -> None:
    (boundary,) = areas("boundary").values()
    for address in ALDERMERE.addresses:
        point = (address.easting, address.northing)
        holders = [code for code, ward in areas("ward").items() if geometry.contains(ward.rings, *point)]
        assert holders == [address.ward]
        assert geometry.contains(boundary.rings, *point)


def test_an_area_may_have_several_rings() -> None:
    (boundary,) = areas("boundary").values()
    harbour = areas("ward")["harbour"]
    island = boundary.rings[1]
    middle = (sum(x for x, _ in island) / len(island), sum(y for _, y in island) / len(island))

    assert geometry.contains(boundary.rings, *middle)
    assert geometry.contains(harbour.rings, *middle)
    assert not geometry.contains(boundary.rings[:1], *middle)


def test_some_land_is_not_the_councils_and_some_roads_are_beyond_the_boundary() -> None:
    (boundary,) = areas("boundary").values()
    assert {"railway", "harbour", "trunk-road"} == areas("land").keys()
    assert all(area.owner_name and area.owner_contact for area in areas("land").values())
    bypass = next(street for street in ALDERMERE.streets if street.maintained_by == "trunk-road")
    assert geometry.contains(areas("land")["trunk-road"].rings, *bypass.middle)
    withern = [street for street in ALDERMERE.streets if not street.ward]
    assert withern
    for street in withern:
        assert not geometry.contains(boundary.rings, *street.middle)
        assert geometry.contains(areas("neighbour")["withern"].rings, *street.middle)


def test_no_house_stands_on_another_bodys_land_or_in_the_water() -> None:
    closed = [area.rings for area in areas("land").values()]
    closed += [(green.ring,) for green in ALDERMERE.greens]
    for building in ALDERMERE.buildings:
        assert not any(geometry.contains(rings, *corner) for rings in closed for corner in building.ring)


def test_every_home_has_refuse_and_recycling_in_alternate_weeks() -> None:
    rounds = {one.code: one for one in ALDERMERE.rounds}
    held: dict[str, list[str]] = {}
    for one in ALDERMERE.address_rounds:
        held.setdefault(one.uprn, []).append(one.round)
    homes = {address.uprn for address in ALDERMERE.addresses if address.classification == "R"}
    assert held.keys() == homes
    for codes in held.values():
        refuse, recycling = rounds[codes[0]], rounds[codes[1]]
        assert (refuse.stream, recycling.stream) == ("refuse", "recycling")
        assert refuse.weekday == recycling.weekday
        assert abs((refuse.first_on - recycling.first_on).days) == 7
    assert all(one.first_on.weekday() == one.weekday for one in ALDERMERE.rounds)
    assert 0.35 < sum(len(codes) == 3 for codes in held.values()) / len(held) < 0.5


def test_the_map_can_be_drawn_from_its_features() -> None:
    features = features_geojson()["features"]
    assert {feature["properties"]["kind"] for feature in features} <= set(ORDER)
    house = next(feature for feature in features if feature["properties"]["kind"] == "building")
    lng, lat = house["geometry"]["coordinates"][0][0]

    drawn = svg_map(features, bounds_around(lat, lng, metres=200, width=600, height=400), 600, 400)

    assert f">{house['properties']['number']}</text>" in drawn
    assert house["properties"]["street"] in drawn


def test_posts_have_known_roles_and_holders_and_teams() -> None:
    teams = {team.code for team in people.TEAMS}
    posts = {post.code for post in people.POSTS}
    held = {code for person in people.PEOPLE for code in person.posts}
    assert {post.role for post in people.POSTS} == set(Role.values) - {
        Role.PARTNER
    }  # whose body and post come with the story
    assert all(post.team in teams for post in people.POSTS)
    assert posts == held
    assert len({person.email for person in people.PEOPLE}) == len(people.PEOPLE)


def test_every_service_pack_names_teams_and_posts_that_exist() -> None:
    teams = {team.code for team in people.TEAMS}
    posts = {post.code: post.role for post in people.POSTS}
    for pack in read_folder(OUR_PACKS):
        assert {pack.owner_team, *(rule.team for rule in pack.routing if rule.team)} <= teams, pack.code
        assert pack.teller in posts, pack.code
        assert posts[pack.senior_manager] == Role.SENIOR_MANAGER, pack.code
        assert posts[pack.portfolio_holder] == Role.PORTFOLIO_HOLDER, pack.code
        land = {code for rule in pack.routing for code in rule.when.land}
        assert land <= areas("land").keys(), pack.code
        assert {pack.contact.hours} <= {hours.service for hours in sites.HOURS}, pack.code
        assert pack.sites, pack.code
        assert set(pack.sites) <= {site.code for site in sites.SITES}, pack.code
        wards = {code for rule in pack.routing for code in rule.when.wards}
        assert wards <= areas("ward").keys(), pack.code


@pytest.mark.parametrize(
    ("where", "weekday", "expected"),
    [
        ({"site": "main-centre"}, sites.THU, [("09:45", "17:15")]),
        ({"site": "main-centre"}, sites.FRI, [("08:45", "16:45")]),
        ({"site": "north-office"}, sites.MON, []),
        ({"site": "north-office"}, sites.FRI, [("09:00", "13:00"), ("14:00", "16:15")]),
        ({"site": "harbour-office"}, sites.WED, [("09:00", "13:00"), ("14:00", "16:30")]),
        ({"service": "switchboard", "channel": "phone"}, sites.MON, [("08:30", "17:30")]),
        ({"service": "housing-benefit"}, sites.MON, [("09:00", "17:00")]),
        ({"service": "housing-benefit"}, sites.TUE, [("09:00", "16:00")]),
        ({"site": "shopmobility"}, sites.SAT, [("09:00", "13:00")]),
    ],
)
def test_opening_hours_are_those_of_the_pattern(
    where: dict[str, str], weekday: int, expected: list[tuple[str, str]]
) -> None:
    wanted = {"site": "", "service": "", "channel": "", **where}
    found = [
        (f"{hours.opens:%H:%M}", f"{hours.closes:%H:%M}")
        for hours in sites.HOURS
        if hours.weekday == weekday and hours.from_on is None
        and {"site": hours.site, "service": hours.service, "channel": hours.channel} == wanted
        and not (hours.site == "north-office" and hours.service)
    ]  # fmt: skip

    assert found == expected


def test_hours_know_variable_closing_appointments_answerphones_and_seasons() -> None:
    tax = next(hours for hours in sites.HOURS if hours.service == "council-tax")
    assert (f"{tax.closes:%H:%M}", tax.closes_latest and f"{tax.closes_latest:%H:%M}") == ("16:00", "17:15")
    assert {hours.service for hours in sites.HOURS if hours.by_appointment} >= {"housing-needs", "building-control"}
    assert {hours.weekday for hours in sites.HOURS if hours.answerphone} == set(range(7))
    (sunday,) = [hours for hours in sites.HOURS if hours.site == "shopmobility" and hours.weekday == sites.SUN]
    assert sunday.from_on == date(2026, 11, 29)
    assert all(hours.opens < hours.closes for hours in sites.HOURS)
    assert {hours.site for hours in sites.HOURS} - {""} == {site.code for site in sites.SITES}
