"""Degrees get the address that they are near; words that are just one address are that one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from townhall.catalogue import queries as catalogue
from townhall.open311.tests.asking import made
from townhall.open311.whereabouts import place_of
from townhall.places import grid
from townhall.places.models import Address, Street
from townhall.places.whereabouts import whereabouts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("council")]


@pytest.fixture(autouse=True)
def _mill_lane() -> None:
    easting, northing = grid.grid_or_refuse(51.5, -0.13)
    Street.objects.create(
        usrn="7001", name="Mill Lane", locality="", search_text="mill lane", easting=easting, northing=northing
    )
    for number, away in ((1, 30), (12, 60), (120, 90)):
        Address.objects.create(
            uprn=str(100 + number),
            street_id="7001",
            line=f"{number} Mill Lane, Aldermere, ZZ1 1AA",
            postcode="ZZ11AA",
            search_text=f"{number} mill lane aldermere zz1 1aa",
            easting=easting + away,
            northing=northing,
        )


def test_degrees_are_said_by_the_nearest_address_and_its_street() -> None:
    case = made(address_string="Behind the bus shelter")

    assert (case.address, case.usrn) == ("Near 1 Mill Lane, Aldermere, ZZ1 1AA", "7001")
    assert case.place_words == "Behind the bus shelter"
    assert case.uprn == ""


def test_that_is_one_query() -> None:
    pack = catalogue.service("fly-tipping")
    whereabouts(1, 1)  # the areas are in memory from then on

    with CaptureQueriesContext(connection) as asked:
        place_of(pack, {"lat": "51.5", "long": "-0.13"}, [])

    assert len(asked) == 1


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("12 Mill Lane", "12 Mill Lane, Aldermere, ZZ1 1AA"),
        ("12 mill ln, aldermere", "12 Mill Lane, Aldermere, ZZ1 1AA"),
        ("Mill Lane", "Mill Lane"),
        ("12 Mill", ""),
        ("ZZ1 1AA", ""),
        ("Behind the shops in Mill Lane", ""),
    ],
)
def test_words_are_a_place_only_when_they_are_just_one(typed: str, address: str) -> None:
    case = made(lat=None, long=None, address_string=typed)

    assert case.address == address
    assert case.place_words == ("" if address else typed)
    assert (case.easting is not None) is bool(address)
