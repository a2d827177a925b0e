"""A ready form filled in in Welsh: its words, what is read aloud as what, and English where words are missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client, override_settings
from msgspec.structs import replace

import townhall.catalogue
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.forms import linter, operations, queries
from townhall.forms.models import Submission
from townhall.forms.reading import read_yaml

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_two_languages")]
PACK = Path(townhall.catalogue.__file__).parent / "packs" / "garden-waste" / "form.yaml"
FORM = "/forms/garden-waste"
YOU = {"who-name": "Dot Merrow", "email": "", "phone": "01632 960123"}


@pytest.fixture
def in_two_languages(borough: None) -> None:
    """The ready form for garden waste, under a service that this small council has."""
    operations.publish_form(replace(read_yaml(PACK.read_text()), service="fly-tipping"), at=now(), by=SYSTEM)


def shown(client: Client, step: str, **headers: str) -> str:
    answer = client.get(f"{FORM}/{step}", headers=headers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_form_is_asked_for_in_welsh_filled_in_and_sent() -> None:
    client = Client()
    english = shown(client, "bins")
    assert "How many bins do you want emptied?" in english
    link = re.search(r'<a class="govuk-link" href="(\?language=cy)" lang="cy" hreflang="cy"[^>]*>Cymraeg</a>', english)
    assert link is not None

    turned = client.get(f"{FORM}/bins{link[1]}")
    assert (turned.status_code, turned["Location"]) == (302, f"{FORM}/bins")
    welsh = shown(client, "bins")
    assert '<html lang="en-gb"' in welsh  # the screens have no Welsh words, so only the form's own are marked as Welsh
    assert re.search(r'<div data-question="bins" lang="cy">', welsh)
    assert "Faint o finiau hoffech chi inni eu gwagio?" in welsh
    assert "How many bins" not in welsh

    wrong = client.post(f"{FORM}/bins", {"bins": "seven"}).content.decode()
    assert re.search(r'<span lang="en-gb">[^<]+</span>', wrong)
    client.post(f"{FORM}/bins", {"bins": "1"})
    client.post(
        f"{FORM}/address", {"address-line1": "1 Mill Lane", "address-town": "Fernvale", "address-postcode": "ZZ1 1ZZ"}
    )
    missing = client.post(f"{FORM}/you", {**YOU, "phone": ""}).content.decode()
    assert "Rhowch gyfeiriad e-bost neu rif ffôn" in missing
    client.post(f"{FORM}/you", YOU)
    assert '<span lang="cy">Enw llawn</span>' in shown(client, "check")
    client.post(f"{FORM}/check")
    sent = Submission.objects.get(form_code="garden-waste")
    assert sent.answers["bins"] == 1


@override_settings(SCREEN_LANGUAGES=["en-gb", "cy"])
def test_where_the_screens_are_welsh_too_the_browsers_wish_is_enough() -> None:
    page = shown(Client(), "bins", **{"Accept-Language": "cy"})
    assert '<html lang="cy"' in page
    assert '<div data-question="bins">' in page
    assert "Faint o finiau" in page


def test_what_is_not_translated_stays_english_is_marked_so_and_is_found_by_the_linter() -> None:
    form = queries.version_of("garden-waste").form
    assert [one for one in linter.lint(form) if one.rule == "F40"] == []
    words = dict(form.texts["cy"])
    del words["questions.bins.why"]
    half = replace(form, texts={"cy": words})
    (found,) = [one for one in linter.lint(half) if one.rule == "F40"]
    assert (found.where, "questions.bins.why" in found.message) == ("bins", True)

    operations.publish_form(half, at=now(), by=SYSTEM)
    client = Client()
    client.get(f"{FORM}/bins?language=cy")
    with override_settings(SCREEN_LANGUAGES=["en-gb", "cy"]):
        page = shown(client, "bins")
    assert '<div data-question="bins" lang="en">' in page
    assert "How many bins do you want emptied?" in page
    assert "Mae’r ffi" not in page


def test_a_language_that_the_form_has_no_words_in_is_not_kept() -> None:
    client = Client()
    answer = client.get(f"{FORM}/bins?language=%22%3E%3Cb")
    assert "form-language" not in answer.cookies
    assert client.get(f"{FORM}/bins?language=cy&change=1")["Location"] == f"{FORM}/bins?change=1"
