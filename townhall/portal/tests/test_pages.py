"""Finding a service, and the pages of plain text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from townhall.catalogue import operations as catalogue
from townhall.catalogue import queries
from townhall.core.actors import SYSTEM
from townhall.core.time import now

pytestmark = pytest.mark.usefixtures("borough")
PLAIN = ["/", "/services", "/report", "/reports", "/follow", "/contact", "/accessibility", "/privacy", "/cookies"]


@pytest.mark.parametrize("path", PLAIN)
def test_a_page_opens_without_setting_a_cookie(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert not client.cookies


def test_a_service_is_found_although_it_is_misspelt(client: Client) -> None:
    assert 'href="/services/fly-tipping"' in client.get("/report?q=fly+tiping").content.decode()
    assert '<h1 class="govuk-heading-l">Services</h1>' in client.get("/report?q=fly+tiping").content.decode()
    nothing = client.get("/report?q=zzzzzz").content.decode()
    assert "We found nothing for “zzzzzz”" in nothing


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("rent balance", "/account/accounts/rent"),
        ("my council tax bill", "/account/documents"),
        ("vouchers", "/deals"),
        ("bin day", "/near-me"),
    ],
)
def test_the_search_finds_pages_that_are_no_service(client: Client, typed: str, path: str) -> None:
    for page in ("/services", "/report"):
        found = client.get(page, {"q": typed}).content.decode()
        assert f'font-weight-bold" href="{path}"' in found, page
        assert "We found nothing" not in found


@pytest.mark.capability("KNOW-02")
def test_what_is_done_refused_and_promised_is_read_before_reporting(client: Client) -> None:
    words = client.get("/services/fly-tipping").content.decode()

    assert "We clear rubbish dumped on public land." in words
    assert "It is on private land" in words
    assert "within 5 working days" in words
    assert "£25.50" in words


@pytest.mark.capability("KNOW-01", "KNOW-02")
def test_the_page_changes_with_the_entry(client: Client) -> None:
    pack = queries.service("fly-tipping")
    changed = type(pack)(
        **{name: getattr(pack, name) for name in pack.__struct_fields__} | {"done": "We do **more** now."}
    )

    catalogue.keep_packs([changed], by=SYSTEM, at=now())

    assert "We do <strong>more</strong> now." in client.get("/services/fly-tipping").content.decode()


def test_an_unknown_service_is_not_found_in_plain_words(client: Client) -> None:
    answer = client.get("/services/teleporting")

    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_the_accessibility_statement_has_what_the_regulations_ask_for(client: Client) -> None:
    words = client.get("/accessibility").content.decode()

    for needed in (
        "partially compliant",
        "2.2 AA",
        "Equality Advisory",
        "last reviewed on",
        "Report an accessibility problem",
    ):
        assert needed in words
    assert "$" not in words


def test_the_cookies_page_names_every_cookie(client: Client) -> None:
    words = client.get("/cookies").content.decode()

    assert "csrftoken" in words
    assert "report-" in words
    assert "7 days" in words


def test_what_robots_and_researchers_look_for(client: Client) -> None:
    security = client.get("/.well-known/security.txt").content.decode()
    assert security.startswith("Contact: ")
    assert "Expires: 20" in security
    assert "Disallow: /report/" in client.get("/robots.txt").content.decode()
    sitemap = ET.fromstring(client.get("/sitemap.xml").content)
    places = [one.text or "" for one in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert any(place.endswith("/services/fly-tipping") for place in places)
