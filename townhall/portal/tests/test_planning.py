"""Planning and licensing, what is near an address, and the wards."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from townhall.core.time import council_date, now
from townhall.neighbourhood.models import Councillor, Event, Proposal, ProposalComment, ProposalFollower
from townhall.notifications.models import Message
from townhall.places.models import Postcode
from townhall.portal.tests.makers import EAST, HOME, NORTH

pytestmark = pytest.mark.usefixtures("borough")
Queries = Callable[..., Any]


def make_proposal(reference: str = "26/0001/FUL", *, east: int = 400, **more: Any) -> Proposal:
    at = now()
    given = {
        "kind": "planning",
        "description": "A conservatory",
        "location": "14 Mill Lane",
        "status": "Under consideration",
        "is_open": True,
        "received_on": council_date(at),
        "easting": EAST + east,
        "northing": NORTH + 310,
        "ward_code": "W1",
        "search_text": "26 0001 ful a conservatory 14 mill lane",
        "source": "planning",
        "first_seen_at": at,
        "updated_at": at,
        **more,
    }
    return Proposal.objects.create(reference=reference, **given)


def a_comment(**more: str) -> dict[str, str]:
    return {
        "stance": "object",
        "text": "It takes our light",
        "name": "Sam",
        "address": "12 Mill Lane",
        "key": "k1",
        **more,
    }


def test_what_is_near_an_address_is_told_in_words(client: Client, django_assert_max_num_queries: Queries) -> None:
    near = make_proposal()
    make_proposal("26/0002/FUL", east=310 + 900, location="Too far away")
    at = now()
    Event.objects.create(
        source="s",
        external_id="1",
        title="Harvest market",
        starts_at=at + timedelta(days=2),
        easting=EAST,
        northing=NORTH,
        updated_at=at,
    )
    Councillor.objects.create(external_id="1", name="Ada Alder", party="Independent", ward_code="W1", updated_at=at)
    client.get("/near-me")

    with django_assert_max_num_queries(10):
        page = client.get("/near-me", {"uprn": HOME}).content.decode()

    assert "Near 12 Mill Lane" in page
    assert f"/planning/{near.pk}" in page
    assert "90 metres away" in page
    assert "Too far away" not in page
    assert "Harvest market" in page
    assert "Ada Alder" in page
    assert "/wards/W1" in page
    assert "Too far away" in client.get("/near-me", {"uprn": HOME, "within": "1609"}).content.decode()


def test_a_place_is_found_by_postcode_street_or_address(client: Client) -> None:
    Postcode.objects.create(code="ZZ19ZZ", easting=EAST + 500, northing=NORTH + 500, ward_code="W1")

    assert client.get("/near-me", {"q": "ZZ1 1AA"}).headers["Location"] == f"/near-me?uprn={HOME}"
    assert client.get("/near-me", {"q": "zz1 9zz"}).headers["Location"] == "/near-me?postcode=ZZ1+9ZZ"
    assert "Near ZZ1 9ZZ" in client.get("/near-me?postcode=ZZ1+9ZZ").content.decode()
    several = client.get("/near-me", {"q": "mill lane"}).content.decode()
    assert f"?uprn={HOME}" in several
    assert "?usrn=7001" in several
    assert "found no place" in client.get("/near-me", {"q": "nowhere at all"}).content.decode()
    assert client.get("/near-me?uprn=99999").status_code == 404
    assert client.get("/near-me?uprn=%00").status_code == 404


def test_applications_are_searched_and_listed_page_by_page(client: Client) -> None:
    for number in range(23):
        make_proposal(f"26/{number:04}/FUL", received_on=council_date(now()) - timedelta(days=number % 3))
    decided = make_proposal(
        "25/9999/LIC", kind="licensing", is_open=False, decision="Granted", search_text="25 9999 lic tavern"
    )

    first = client.get("/planning").content.decode()
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"/planning{older}").content.decode()
    shown = [one for one in Proposal.objects.all() if f"/planning/{one.pk}" in first]
    also = [one for one in Proposal.objects.all() if f"/planning/{one.pk}" in second]
    assert (len(shown), len(also)) == (20, 4)
    assert not set(shown) & set(also)

    for query in ("q=tavern", "kind=licensing", "q=25/9999/LIC", "q=TAV+lic"):
        found = client.get(f"/planning?{query}").content.decode()
        assert f"/planning/{decided.pk}" in found
        assert "26/0000/FUL" not in found
    assert f"/planning/{decided.pk}" not in client.get("/planning?open=yes").content.decode()
    assert client.get("/planning?after=nonsense&kind=%00&ward='").status_code == 200


def test_a_comment_is_kept_once_and_shown_only_once_it_is_read(client: Client) -> None:
    item = make_proposal()
    path = f"/planning/{item.pk}/comment"
    assert client.get(path).status_code == 200

    for _twice in range(2):
        answer = client.post(path, a_comment(email="sam@example.org", may_publish="yes"))
        assert answer.headers["Location"] == f"/planning/{item.pk}?said=commented"

    kept = ProposalComment.objects.get()
    assert (kept.stance, kept.may_publish, kept.state) == ("object", True, "waiting")
    [message] = Message.objects.filter(template="proposal/commented")
    assert message.recipient_address == "sam@example.org"
    assert "takes our light" not in client.get(f"/planning/{item.pk}").content.decode()
    ProposalComment.objects.update(state="published")
    page = client.get(f"/planning/{item.pk}").content.decode()
    assert "takes our light" in page
    assert "12 Mill Lane" not in page


def test_what_is_missing_in_a_comment_is_said_and_the_rest_kept(client: Client) -> None:
    item = make_proposal()

    answer = client.post(f"/planning/{item.pk}/comment", a_comment(stance="", name=""))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Select whether you object or support" in page
    assert "Enter your name" in page
    assert "It takes our light" in page
    assert not ProposalComment.objects.exists()


def test_comments_are_closed_after_their_last_day_and_before_their_first(client: Client) -> None:
    today = council_date(now())
    late = make_proposal(comment_until_on=today - timedelta(days=1))
    early = make_proposal("26/0002/FUL", comment_from_on=today + timedelta(days=1))
    decided = make_proposal("26/0003/FUL", is_open=False)

    for item in (late, early, decided):
        assert client.get(f"/planning/{item.pk}/comment").status_code == 302
        assert client.post(f"/planning/{item.pk}/comment", a_comment(key=str(item.pk))).status_code == 422
        assert "Comment on this application" not in client.get(f"/planning/{item.pk}").content.decode()
    assert not ProposalComment.objects.exists()


def test_following_is_by_email_and_ends_with_the_link_of_the_mail(client: Client) -> None:
    from townhall.neighbourhood.telling_followers import stop_link

    item = make_proposal()
    wrong = client.post(f"/planning/{item.pk}/followers", {"email": "nobody"})
    assert wrong.status_code == 422

    for _twice in range(2):
        answer = client.post(f"/planning/{item.pk}/followers", {"email": "Kim@Example.org"})
        assert "said=following" in answer.headers["Location"]

    follower = ProposalFollower.objects.get()
    path = "/planning/stop/" + stop_link(follower.pk).rpartition("/")[2]
    assert "Stop messages" in client.get(path).content.decode()
    assert client.post(path).status_code == 200
    follower.refresh_from_db()
    assert follower.ended_at is not None
    assert client.get(path + "x").status_code == 404


def test_the_same_list_is_open_data(client: Client) -> None:
    item = make_proposal(description="=2+2 sheds & \x0bbarns")
    make_proposal("26/0002/LIC", kind="licensing", easting=None, northing=None)

    rows = list(csv.DictReader(io.StringIO(client.get("/planning.csv").content.decode())))
    assert {row["casereference"] for row in rows} == {"26/0001/FUL", "26/0002/LIC"}
    assert not [row for row in rows if row["casetext"].startswith("=")]
    places = json.loads(client.get("/planning.geojson?kind=planning").content)
    assert places["features"][0]["id"] == str(item.pk)
    assert places["features"][0]["geometry"]["type"] == "Point"
    feed = ET.fromstring(client.get("/planning.atom").content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2


def test_a_ward_says_who_represents_it(client: Client) -> None:
    Councillor.objects.create(
        external_id="1", name="Ada Alder", ward_code="W1", email="ada@example.org", updated_at=now()
    )
    Councillor.objects.create(external_id="2", name="Bo Gone", ward_code="W1", ended_at=now(), updated_at=now())
    item = make_proposal()

    page = client.get("/wards/W1").content.decode()

    assert "Ada Alder" in page
    assert "Bo Gone" not in page
    assert f"/planning/{item.pk}" in page
    assert "/wards/W1" in client.get("/wards").content.decode()
    assert client.get("/wards/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["", "/comment", "/followers"])
def test_an_application_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    address = f"/planning/00000000-0000-7000-8000-000000000000{path}"

    assert (client.post(address) if path == "/followers" else client.get(address)).status_code == 404
