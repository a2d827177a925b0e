"""A whole exchange as FixMyStreet's client makes it: categories, a report, its retry, comments both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from defusedxml import ElementTree
from django.test import Client

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.core.actors import Actor
from townhall.core.time import now
from townhall.open311.tests.asking import BASE, KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("council")]
FORM = "application/x-www-form-urlencoded"


def fetch(path: str, **question: str) -> Any:
    """A GET as the client makes it: XML, and an empty jurisdiction."""
    answer = Client().get(f"{BASE}/{path}?{urlencode({'jurisdiction_id': '', **question})}")
    assert answer.status_code == 200, answer.content
    return ElementTree.fromstring(answer.content)


def send(path: str, fields: dict[str, str]) -> Any:
    body = urlencode({"jurisdiction_id": "", "api_key": KEY, **fields})
    answer = Client().post(f"{BASE}/{path}", body, content_type=FORM)
    assert answer.status_code == 200, answer.content
    return ElementTree.fromstring(answer.content)


def w3c(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def problem_fields(code: str) -> dict[str, str]:
    """Fields of a report, with every attribute of the definition: those set by the server, and the first value of each list."""
    fields = {
        "service_code": code,
        "lat": "51.500000",
        "long": "-0.130000",
        "email": "jo@example.org",
        "first_name": "Jo",
        "last_name": "Bloggs",
        "description": "title: Rubbish\n\ndetail: A sofa & a bed\n\nurl: https://fms.example.org/report/812\n\nSubmitted via FixMyStreet\n",
        "media_url": "https://fms.example.org/photo/812.0.full.jpeg",
    }
    server_set = {"easting": "529850", "northing": "179700", "fixmystreet_id": "812"}
    for attribute in fetch(f"services/{code}.xml").iter("attribute"):
        name = attribute.findtext("code")
        value = (
            server_set[name]
            if attribute.findtext("automated") == "server_set"
            else attribute.findtext("values/value/key")
        )
        fields[f"attribute[{name}]"] = value or ""
    return fields


@pytest.mark.capability("INTG-01")
def test_a_report_goes_over_once_and_news_comes_back(officer: Actor) -> None:
    categories = {one.findtext("service_code"): one.findtext("metadata") for one in fetch("services.xml")}
    assert categories == {"fly-tipping": "true", "pothole": "true"}

    fields = problem_fields("fly-tipping")
    sent = [send("requests.xml", fields).findtext("request/service_request_id") for _retry in range(2)]
    assert sent[0] == sent[1]
    case = Case.objects.get()
    assert (case.reference, case.external_ref, case.attributes["size"]) == (sent[0], "812", "bag")

    begun = now()
    cases.accept(case.pk, by=officer, at=begun)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="Taken away", by=officer, at=begun)
    cases.tell(case.pk, by=officer, at=begun)
    polled = [_poll(begun), _poll(begun)]
    assert polled[0] == polled[1]
    assert [one["status"] for one in polled[0].values()] == ["planned", "fixed"]
    assert {one["service_request_id"] for one in polled[0].values()} == {case.reference}
    assert {one["fixmystreet_id"] for one in polled[0].values()} == {"812"}

    comment = {
        "updated_datetime": w3c(now() + timedelta(seconds=1)),
        "service_request_id": case.reference,
        "status": "REOPEN",
        "description": "It is back",
        "first_name": "Jo",
        "last_name": "-",
        "email": "jo@example.org",
        "update_id": "31",
    }
    ids = {send("servicerequestupdates.xml", comment).findtext("request_update/update_id") for _retry in range(2)}
    assert len(ids) == 1
    case.refresh_from_db()
    assert case.state == "accepted"
    assert not ids & set(_poll(begun)), "what it sent itself does not come back to it"


def _poll(begun: datetime) -> dict[str, dict[str, str]]:
    """Updates of the last two hours by id; the client drops what is outside its window, comparing texts in UTC."""
    start, end = w3c(begun - timedelta(hours=2)), w3c(now() + timedelta(seconds=1))
    found = {}
    for row in fetch("servicerequestupdates.xml", start_date=start, end_date=end, api_key=KEY):
        fields = {one.tag: one.text or "" for one in row}
        updated = w3c(datetime.fromisoformat(fields["updated_datetime"]))
        assert start <= updated <= end
        assert fields["description"]
        found[fields["update_id"]] = fields
    return found


def test_a_place_given_by_postcode_is_kept_as_words() -> None:
    fields = problem_fields("pothole")
    del fields["lat"], fields["long"]
    fields |= {"address_string": "AL1 2AB", "attribute[easting]": "", "attribute[northing]": ""}

    send("requests.xml", fields)

    assert Case.objects.get().place_words == "AL1 2AB"


def test_what_went_wrong_can_be_read_by_the_client() -> None:
    body = urlencode({"jurisdiction_id": "", "api_key": KEY, "service_code": "nothing"})
    answer = Client().post(f"{BASE}/requests.xml", body, content_type=FORM)

    root = ElementTree.fromstring(answer.content)
    assert (answer.status_code, root.tag) == (404, "errors")
    assert [one.findtext("code") for one in root] == ["404"]
