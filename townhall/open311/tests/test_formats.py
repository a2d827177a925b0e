"""Every answer fits the schemas that we wrote from the standard, in XML and in JSON, and says the same in both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xmlschema
from defusedxml import ElementTree
from django.test import Client
from lxml import etree

from townhall.cases import operations as cases
from townhall.catalogue import operations as catalogue
from townhall.catalogue import queries
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import now
from townhall.open311.formats import Many, as_json, as_xml
from townhall.open311.tests.asking import BASE, get, made, post, update

HERE = Path(__file__).parent
SCHEMA = xmlschema.XMLSchema10(str(HERE / "georeport.xsd"))
LXML_SCHEMA = etree.XMLSchema(etree.parse(str(HERE / "georeport.xsd")))
PATHS = [
    "discovery",
    "services",
    "services/fly-tipping",
    "services/nothing",
    "requests",
    "requests?extensions=true",
    "requests?status=lost",
    "servicerequestupdates",
]


def check(answer: Any) -> Any:
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    SCHEMA.validate(answer.content.decode())
    LXML_SCHEMA.assertValid(etree.fromstring(answer.content))
    return ElementTree.fromstring(answer.content)


def ask(path: str, extension: str) -> Any:
    name, _mark, question = path.partition("?")
    return Client().get(f"{BASE}/{name}.{extension}?{question}")


@pytest.fixture
def life(council: None, officer: Actor) -> str:
    """One report that has been through much; its reference."""
    case = made(description='Bags & a <sofa> "here"')
    at = now()
    cases.accept(case.pk, by=officer, at=at)
    cases.post_update(case.pk, text="Soon & surely <now>", by=officer, at=at)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="2 < 3 & more", by=officer, at=at)
    cases.tell(case.pk, by=officer, at=at)
    made(lat=None, long=None, address_string="By the shelter")
    return case.reference


@pytest.mark.django_db
@pytest.mark.usefixtures("life")
@pytest.mark.parametrize("path", PATHS)
def test_xml_fits_the_schema_and_json_says_the_same(path: str) -> None:
    root = check(ask(path, "xml"))
    answer = ask(path, "json")

    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert same(root, answer.json())


def same(element: Any, value: Any) -> bool:
    """Whether an XML element says what a JSON value says."""
    if isinstance(value, list):
        return len(element) == len(value) and all(same(one, row) for one, row in zip(element, value, strict=True))
    if isinstance(value, dict):
        return [one.tag for one in element] == list(value) and all(same(one, value[one.tag]) for one in element)
    if isinstance(value, bool):
        return bool(element.text == str(value).lower())
    return bool((element.text or "") == ("" if value is None else str(value)))


@pytest.mark.django_db
def test_a_new_request_a_token_an_update_and_refusals_fit_the_schema(life: str) -> None:
    assert check(post("xml")).find("request/service_request_id").text.startswith("TH-")
    assert check(post("xml", service_code="nothing", api_key="wrong")).tag == "errors"
    assert check(get(f"tokens/{life}.xml")).find("request/token").text == life
    assert check(get(f"requests/{life}.xml", extensions="true")).find("request/notes/note/description") is not None
    answer = update(life)
    assert answer.status_code == 200


@pytest.mark.django_db
def test_every_service_we_offer_has_a_definition_that_fits(council: None) -> None:
    catalogue.load_packs(catalogue.OUR_PACKS, by=SYSTEM, at=now())

    for pack in (one for one in queries.services() if "api" in one.channels):
        root = check(get(f"services/{pack.code}.xml"))
        automated = [one.find("code").text for one in root.iter("attribute") if one.find("automated") is not None]
        assert automated == ["easting", "northing", "fixmystreet_id"], pack.code
    check(get("services.xml"))


@pytest.mark.django_db
def test_an_empty_list_fits_too(council: None) -> None:
    assert len(check(get("requests.xml"))) == 0
    assert get("requests.json").json() == []


def test_xml_holds_no_character_that_xml_forbids() -> None:
    text = as_xml("errors", Many("error", [{"code": 400, "description": "a\x00b\x0bc\ud800d]]>\ufffe&<é😀"}])).decode()

    assert ElementTree.fromstring(text).findtext("error/description") == "abcd]]>&<é😀"


def test_json_is_the_xml_without_its_wrappers() -> None:
    tree = {"code": "a", "values": Many("value", [{"key": 1}]), "none": None}

    assert as_json(tree) == b'{"code":"a","values":[{"key":1}],"none":null}'
