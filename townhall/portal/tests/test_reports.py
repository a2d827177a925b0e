"""Open reports: the list and the feeds."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.portal.tests.makers import make_report

pytestmark = pytest.mark.usefixtures("borough")
ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_list_is_filtered_by_ward_and_service(client: Client) -> None:
    tip = make_report()
    needles = make_report("needles", key="k2", answers={})
    bin_ = make_report("missed-bin", key="k3", answers={})

    everything = client.get("/reports").content.decode()
    assert tip.reference in everything
    assert needles.reference in everything
    assert bin_.reference not in everything
    only = client.get("/reports?service=needles&ward=W1").content.decode()
    assert needles.reference in only
    assert tip.reference not in only


def test_the_list_goes_on_page_by_page(client: Client) -> None:
    references = {make_report(key=f"k{number}").reference for number in range(23)}
    first = client.get("/reports").content.decode()
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")

    second = client.get(f"/reports{older}").content.decode()

    shown_first = {one for one in references if one in first}
    shown_second = {one for one in references if one in second}
    assert (len(shown_first), len(shown_second)) == (20, 3)
    assert shown_first | shown_second == references


def test_a_closed_report_is_not_listed(client: Client) -> None:
    made = make_report()
    Case.objects.update(state="referred")

    assert made.reference not in client.get("/reports").content.decode()


@pytest.mark.parametrize("kind", ["atom", "rss", "geojson"])
def test_a_feed_says_when_nothing_changed(client: Client, kind: str) -> None:
    make_report()
    first = client.get(f"/reports.{kind}")
    assert "max-age" in first.headers["Cache-Control"]

    again = client.get(f"/reports.{kind}", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert client.get(f"/reports.{kind}?ward=nowhere").status_code == 404


def test_atom_and_rss_are_whole(client: Client) -> None:
    made = make_report()

    feed = ET.fromstring(client.get("/reports.atom").content)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert feed.findtext(f"{ATOM}id")
    assert feed.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")
    assert str(entry.findtext(f"{ATOM}id")).endswith(made.reference)
    assert entry.findtext(f"{ATOM}title") == "Fly-tipping, 12 Mill Lane, Aldermere, ZZ1 1AA"
    channel = ET.fromstring(client.get("/reports.rss?service=fly-tipping").content).find("channel")
    assert channel is not None
    assert [str(item.findtext("guid"))[-12:] for item in channel.findall("item")] == [made.reference]
    assert str(channel.findtext("item/pubDate")).endswith("GMT")


def test_an_address_with_odd_characters_stays_xml(client: Client) -> None:
    make_report()
    Case.objects.update(address='"A & B" <\x0b1> Street')

    feed = ET.fromstring(client.get("/reports.atom").content)

    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == 'Fly-tipping, "A & B" <1> Street'


def test_geojson_shows_no_more_of_a_place_than_the_service_does(client: Client) -> None:
    make_report()
    make_report("needles", key="k2", answers={})
    make_report("missed-bin", key="k3", answers={})

    collection = json.loads(client.get("/reports.geojson").content)
    found = {one["properties"]["service_code"]: one for one in collection["features"]}

    assert set(found) == {"fly-tipping", "needles"}
    exact, blurred = found["fly-tipping"]["geometry"]["coordinates"], found["needles"]["geometry"]["coordinates"]
    assert exact != blurred
    assert blurred == [round(part, 3) for part in blurred]
    assert found["needles"]["properties"]["place"] == "Mill Lane, Aldermere"
    assert "sofa" not in json.dumps(collection)
    assert "pat@" not in json.dumps(collection)
