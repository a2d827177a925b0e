"""Four ways to say where it is; and places that are not the council's."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.places import queries as places
from townhall.places.models import Address
from townhall.portal.tests.makers import EAST, HARBOUR, HOME, MILL_LANE, NORTH, degrees
from townhall.portal.tests.residents import make_account, signed_in
from townhall.portal.views.where import MOST
from townhall.street.models import Referral

pytestmark = pytest.mark.usefixtures("borough")
BASE = "/report/fly-tipping"


def _report(client: Client, where: dict[str, str]) -> Case:
    answer = client.post(f"{BASE}/where", where)
    assert answer.status_code == 302, answer.content.decode()
    client.post(f"{BASE}/details", {"size": "van", "asked": ["size"]})
    client.post(f"{BASE}/photos", {})
    client.post(f"{BASE}/contact", {"anonymous": "1"})
    assert client.post(f"{BASE}/check").status_code == 302
    return Case.objects.order_by("-opened_at")[0]


def test_what_they_add_about_the_place_is_on_the_public_page_where_the_service_shows_words(client: Client) -> None:
    case = _report(client, {"q": "mill", "choice": f"street:{MILL_LANE}", "words": "In the layby"})

    assert (case.address, case.place_words) == ("Mill Lane, Aldermere", "In the layby")
    shows_words = catalogue.service("fly-tipping").public.description
    assert ("In the layby" in client.get(f"/r/{case.reference}").content.decode()) is shows_words


def _on_map(east: int, north: int, **more: str) -> dict[str, str]:
    lat, lng = degrees(east, north)
    return {"how": "map", "place_lat": f"{lat:.6f}", "place_lng": f"{lng:.6f}", **more}


@pytest.mark.capability("REPT-02")
def test_all_four_ways_end_equal() -> None:
    ways = {
        "address": {"q": "12 mill", "choice": f"address:{HOME}"},
        "map": _on_map(310, 310),
        "device": _on_map(310, 310, place_how="device"),
        "words": {"how": "words", "words": "Outside 12 Mill Lane"},
    }

    found = {way: _report(Client(), where) for way, where in ways.items()}

    assert {way: case.place_source for way, case in found.items()} == {way: way for way in ways}
    # The same team, promise and service, whichever way it came.
    assert len({(case.doer_team_id, case.due_on, case.state, case.teller_post_id) for case in found.values()}) == 1
    by_point = [found[way] for way in ("address", "map", "device")]
    assert len({(case.easting, case.northing, case.usrn, case.ward_code) for case in by_point}) == 1
    assert all("12 Mill Lane" in (case.address or case.place_words) for case in found.values())


def test_a_street_can_be_chosen_and_misspelt(client: Client) -> None:
    page = client.get(f"{BASE}/where?q=mil+lane").content.decode()
    assert f'value="street:{MILL_LANE}"' in page

    assert _report(client, {"q": "mil lane", "choice": f"street:{MILL_LANE}"}).place_source == "street"


def test_the_picture_works_without_javascript(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townhall.street.placing.is_drawn", lambda: True)
    page = client.get(f"{BASE}/where").content.decode()
    assert 'type="image" name="place_map"' in page
    lat, lng = degrees(310, 310)
    view = f"{lat:.6f},{lng:.6f},240"

    clicked = client.post(
        f"{BASE}/where",
        {"how": "map", "place_view": view, "place_map.x": "320", "place_map.y": "210", "words": "By the gate"},
    )

    words = clicked.content.decode()
    assert clicked.status_code == 200
    assert f'name="place_lat" value="{lat:.6f}"' in words
    assert "By the gate" in words
    moved = client.post(f"{BASE}/where", {"how": "map", "place_view": view, "place_move": "north"})
    assert moved.status_code == 200
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "where", [{}, {"how": "map"}, {"how": "words", "words": "  "}, {"q": "mill", "choice": "address:999"}]
)
def test_no_place_says_what_to_do(client: Client, where: dict[str, str]) -> None:
    answer = client.post(f"{BASE}/where", where)

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


@pytest.mark.capability("REPT-06")
def test_land_of_another_body_is_told_at_once_and_passed_on(client: Client) -> None:
    answer = client.post(f"{BASE}/where", {"q": "quay", "choice": f"address:{HARBOUR}"})
    assert answer.headers["Location"] == f"{BASE}/elsewhere"
    page = client.get(f"{BASE}/elsewhere").content.decode()
    assert "looked after by Harbour Trust" in page
    assert "01632 960555" in page

    case = _report(client, {"q": "quay", "choice": f"address:{HARBOUR}"})

    assert case.state == State.REFERRED
    assert Referral.objects.get(case_id=case.pk).body_name == "Harbour Trust"
    assert "Harbour Trust" in client.get(f"/r/{case.reference}").content.decode()


def test_beyond_the_boundary_another_council_is_named(client: Client) -> None:
    answer = client.post(f"{BASE}/where", _on_map(2000, 310))

    assert answer.headers["Location"] == f"{BASE}/elsewhere"
    assert "the council for that area" in client.get(f"{BASE}/elsewhere").content.decode()


def test_a_service_at_an_address_takes_nothing_else(client: Client) -> None:
    page = client.get("/report/missed-bin/where").content.decode()
    assert "Or describe it in words" not in page
    assert "Or set it on the map" not in page

    for where in (_on_map(310, 310), {"how": "words", "words": "Home"}, {"choice": f"street:{MILL_LANE}"}):
        assert client.post("/report/missed-bin/where", where).status_code == 422


def test_a_long_street_is_folded_with_the_street_first(client: Client) -> None:
    for number in range(20, 40):
        Address.objects.create(
            uprn=f"2000{number}",
            street_id=MILL_LANE,
            line=f"{number} Mill Lane, Aldermere, ZZ1 1AA",
            postcode="ZZ11AA",
            search_text=f"{number} mill lane aldermere zz1 1aa",
            easting=EAST + 300,
            northing=NORTH + 300,
            ward_code="W1",
        )
    page = client.get("/report/fly-tipping/where", {"q": "mill lane"}).content.decode()
    shown, _summary, folded = page.partition("more addresses")

    assert shown.count('name="choice"') == MOST
    assert 'value="street:7001"' in shown
    assert folded.count('name="choice"') > 5
    assert shown.index("street:") < shown.index("address:")


def test_the_address_that_was_typed_is_offered_alone_but_for_its_flats_and_ticked_when_it_is_the_only_one() -> None:
    for uprn, line in (
        ("301", "2 Mill Lane, Aldermere, ZZ1 1AA"),
        ("302", "Flat 2, 24 Mill Lane, Aldermere, ZZ1 1AA"),
        ("303", "Flat 1, 12 Mill Lane, Aldermere, ZZ1 1AA"),
    ):
        Address.objects.create(
            uprn=uprn,
            street_id=MILL_LANE,
            line=line,
            postcode="ZZ11AA",
            search_text=line.casefold().replace(",", ""),
            easting=EAST + 300,
            northing=NORTH + 300,
            ward_code="W1",
        )
    assert [one.code for one in places.choices("12 Mill Lane")] == [HOME, "303"]
    assert len(places.choices("Mill Lane")) == 4

    resident, typed = signed_in(make_account()), {"q": "2 Mill lane"}
    for path, ticked in (
        ("/account/address", 'value="301" checked'),
        ("/alerts", 'value="301" checked'),
        ("/permits", "uprn=301"),
    ):
        page = resident.get(path, query_params={"topic": "missed-bin", **typed}).content.decode()
        assert ticked in page, path
        assert "24 Mill Lane" not in page, path
