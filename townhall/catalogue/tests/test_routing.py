from __future__ import annotations

import pytest

from townhall.catalogue.routing import LANDOWNER, NEIGHBOUR, Where, route
from townhall.catalogue.tests.makers import make_pack

SIZE = {
    "code": "size",
    "label": "How big is it?",
    "datatype": "multivaluelist",
    "values": [{"key": "small", "name": "Small"}, {"key": "big", "name": "Big"}],
}
BIG_TO_CONTRACTOR = {
    "when": {"answers": {"size": ["big"]}},
    "team": "lifters",
    "contract": {"reference": "L-1", "days": 3, "obligations": "Lift it."},
}
HERE = Where()


@pytest.mark.capability("REPT-06")
def test_the_answer_chooses_the_contractor_and_its_contract() -> None:
    pack = make_pack(attributes=[SIZE], routing=[BIG_TO_CONTRACTOR])

    assert route(pack, answers={"size": ["small"]}, where=HERE).team == "parks-and-trees"
    big = route(pack, answers={"size": ["small", "big"]}, where=HERE)
    assert big.contract is not None
    assert (big.team, big.contract.reference) == ("lifters", "L-1")


@pytest.mark.capability("REPT-06")
def test_the_ward_chooses_the_team() -> None:
    pack = make_pack(routing=[{"when": {"wards": ["north"]}, "team": "northern"}])

    assert route(pack, answers={}, where=Where(ward="north")).team == "northern"
    assert route(pack, answers={}, where=Where(ward="south")).team == "parks-and-trees"


@pytest.mark.capability("REPT-06")
def test_land_that_is_not_the_councils_goes_to_its_keeper() -> None:
    pack = make_pack(routing=[{"when": {"land": ["motorway"]}, "refer_to": "roads-agency"}])

    assert route(pack, answers={}, where=Where(land="motorway")).refer_to == "roads-agency"
    assert route(pack, answers={}, where=Where(land="railway")).refer_to == LANDOWNER
    assert route(pack, answers={}, where=Where(inside=False)).refer_to == NEIGHBOUR
    assert route(pack, answers={}, where=HERE).refer_to == ""


def test_a_service_may_act_on_others_land_and_have_a_team_for_it() -> None:
    accepting = make_pack(place={"others_land": "accept", "outside": "accept"})
    by_rule = make_pack(routing=[{"when": {"land": ["harbour"]}, "team": "harbour-team"}])

    assert route(accepting, answers={}, where=Where(land="railway")).refer_to == ""
    assert route(accepting, answers={}, where=Where(inside=False)).refer_to == ""
    harbour = route(by_rule, answers={}, where=Where(land="harbour"))
    assert (harbour.team, harbour.refer_to) == ("harbour-team", "")


def test_each_thing_is_decided_by_the_first_rule_that_names_it() -> None:
    urgent = {"when": {"answers": {"size": ["big"]}}, "priority": "emergency", "days": 1}
    pack = make_pack(attributes=[SIZE], routing=[urgent, BIG_TO_CONTRACTOR, {"when": {}, "priority": "low", "days": 9}])

    big, small = (route(pack, answers={"size": size}, where=HERE) for size in ("big", "small"))

    assert (big.priority, big.published.days, big.team) == ("emergency", 1, "lifters")
    assert (small.priority, small.published.days, small.team) == ("low", 9, "parks-and-trees")
