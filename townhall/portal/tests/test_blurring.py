"""A service that shows its reports by street alone: neither the house nor the spot can be found out."""

from __future__ import annotations

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.cases.public import street_of
from townhall.portal.tests.makers import degrees, make_report

pytestmark = pytest.mark.usefixtures("borough")
NEARBY = "/report/needles/nearby.json"


def _asked(service: str, lat: float, lng: float) -> dict[str, str]:
    return {"service": service, "lat": str(lat), "lng": str(lng)}


def _metres(client: Client, east: int, north: int) -> list[int]:
    lat, lng = degrees(east, north)
    found = client.get("/api/v1/nearby", _asked("needles", lat, lng))
    return [one["metres"] for one in found.json()]


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("12 Harbour Row, Aldermere", "Harbour Row, Aldermere"),
        ("12a Ash Street, Aldermere, ZZ1 1AA", "Ash Street, Aldermere"),
        ("12 ash street, Aldermere", "ash street, Aldermere"),
        ("Near 12 Mill Lane, Aldermere, ZZ1 1AA", "Mill Lane, Aldermere"),
        ("Flat 3, 12-14 Mill Lane, Aldermere ZZ1 1AA", "Mill Lane, Aldermere"),
        ("Flat 3, Quay House, 12, Mill Lane, Aldermere", "Mill Lane, Aldermere"),
        ("Rose Cottage, Mill Lane, Aldermere", "Mill Lane, Aldermere"),
        ("Rose Cottage, Broadwater, Aldermere", "Broadwater, Aldermere"),
        ("Mill Lane, Aldermere", "Mill Lane, Aldermere"),
        ("Mill Lane", "Mill Lane"),
        ("12", ""),
        ("", ""),
    ],
)
def test_a_street_without_the_house(address: str, street: str) -> None:
    assert street_of(address) == street


def test_no_public_page_or_feed_tells_the_house(client: Client) -> None:
    made = make_report("needles", answers={})
    Case.objects.filter(pk=made.case_id).update(address="Near 12 Mill Lane, Aldermere, ZZ1 1AA")
    lat, lng = degrees(310, 310)
    paths = [f"/r/{made.reference}", "/reports", "/reports.atom", "/reports.rss", "/reports.geojson"]
    paths += [f"{NEARBY}?lat={lat}&lng={lng}", "/open311/v2/requests.json"]

    for path in paths:
        words = client.get(path).content.decode()
        assert "Mill Lane" in words, path
        for secret in ("12 Mill Lane", "ZZ1", f"{lat:.5f}", f"{lng:.5f}"):
            assert secret not in words, path


def test_distances_are_from_the_point_that_is_shown(client: Client) -> None:
    """Else three questions find the spot. Two reports of one blurred square are the same to whoever asks."""
    lat, lng = degrees(310, 310)
    shown = round(lat, 3), round(lng, 3)
    make_report("needles", answers={})
    other = make_report("needles", answers={}, key="k2", east=315)
    Case.objects.filter(pk=other.case_id).update(easting=530_310 + 9)  # elsewhere in the same square

    for east, north in ((310, 310), (350, 310), (310, 380), (250, 260)):
        assert len(set(_metres(client, east, north))) == 1
    where = _asked("needles", *shown)
    assert {one["metres"] for one in client.get("/api/v1/nearby", where).json()} == {0}


def test_the_edge_of_the_search_tells_nothing_either(client: Client) -> None:
    """Whether it is found depends on the point that is shown, and on nothing else."""
    make_report("needles", answers={})
    make_report("needles", answers={}, key="k2", east=290)
    squares = {(round(lat, 3), round(lng, 3)) for lat, lng in Case.objects.values_list("lat", "lng") if lat and lng}
    assert len(squares) == 1  # 20 m apart, shown alike

    counts = {len(_metres(client, east, 310)) for east in range(400, 520, 10)}

    assert counts <= {0, 2}


def test_what_a_service_hides_is_not_near_anything(client: Client) -> None:
    made = make_report("missed-bin", answers={"stream": "refuse"})
    Case.objects.filter(pk=made.case_id).update(is_public=True)  # as if it had been listed once
    lat, lng = degrees(310, 310)

    assert client.get(f"{NEARBY}?lat={lat}&lng={lng}").json() == {"reports": []}
    assert client.get("/api/v1/nearby", _asked("missed-bin", lat, lng)).json() == []
